"""What a turn leaves in the file: little, the same each time, and how it ended in every form."""

from __future__ import annotations

import difflib
import json
from typing import Any

import pytest

from edenai_nb.chat.turn import Turn
from edenai_nb.errors import UnknownModel
from edenai_nb.reply import Reply
from edenai_nb.views import saved
from edenai_nb.views.status import Caption

SHORT = {
    "stopped": (Reply("Half", complete=False), "Stopped."),
    "cut": (Reply("Half", complete=True, finish_reason="length"), "Cut at the length limit."),
    "filtered": (
        Reply("Half", complete=True, finish_reason="content_filter"),
        "Ended by the provider's content filter.",
    ),
    "failed": (Reply("Half", error=UnknownModel("There is no model x. Look it up.")), "There is no model x."),
    "failed at once": (Reply("", error=UnknownModel("There is no model x. Look it up.")), "There is no model x."),
}


@pytest.mark.parametrize("how", SHORT)
def test_how_an_answer_fell_short_is_said_in_every_form(how: str) -> None:
    reply, sentence = SHORT[how]
    bundle = saved.reply_bundle(reply)
    assert f"<strong>{sentence.replace(chr(39), '&#x27;')}</strong>" in bundle["text/html"]
    assert f"**{sentence}**" in bundle["text/markdown"]
    assert f"[{sentence} " in bundle["text/plain"]
    assert all("UnknownModel" not in text for text in bundle.values())
    assert ("edenai-is-error" in bundle["text/html"]) == how.startswith("failed")


def test_the_first_line_of_the_html_is_the_first_words_and_never_ends_their_comment() -> None:
    said = "## Hi --> `<b>`--!> [you](https://x.org)\n\n- a--b <!-- - *-* -> " + "word " * 20
    html = saved.turn_html(Turn.ended("", Reply(said, complete=True, model="a/<b>")), Caption(is_named=True))
    peek, rest = html.split("\n", 1)
    assert peek.startswith("<!-- Hi ")
    assert peek.endswith(" … -->")
    assert "you" in peek
    assert "x.org" not in peek
    assert not set(peek[4:-3]) & set("<>")
    assert ">a/&lt;b&gt;<" in rest.split("edenai-markdown")[0]


def test_lines_are_as_long_in_a_page_without_our_style_sheet() -> None:
    html = saved.reply_bundle(Reply("Text\n\n- item\n\n```\ncode\n```\n\n# Head", complete=True))["text/html"]
    assert '<p style="max-width:47em">' in html
    assert '<ul style="max-width:47em">' in html
    assert html.count("max-width") == 2


def test_a_whole_answer_is_saved_as_it_is() -> None:
    bundle = saved.reply_bundle(Reply("*Yes*", complete=True))
    assert bundle["text/plain"] == bundle["text/markdown"] == "*Yes*"
    assert "edenai-notice" not in bundle["text/html"]


def test_what_says_how_it_fell_short_is_not_swallowed_by_an_open_fence() -> None:
    markdown = saved.markdown(Reply("```python\nx = 1", complete=False))
    assert markdown == "```python\nx = 1\n```\n\n**Stopped.** The text so far is kept."


def test_a_short_answer_takes_little_and_is_the_same_when_it_is_run_again(notebook: Any, sandbox: Any) -> None:
    files = []
    for _ in range(2):
        sandbox.enqueue("yes")
        result = notebook.run("%%edenchat --wait --once\nreally?")
        notebook.wait(lambda result=result: "text/html" in result.outputs[0].data)
        output = result.outputs[0]
        files.append(json.dumps({"data": output.data, "metadata": output.metadata}, indent=1))
    changed = [line for line in difflib.ndiff(*(file.splitlines() for file in files)) if line[0] == "+"]
    assert len(files[0]) <= 1500
    assert len(changed) <= 1
    assert not changed or '"elapsed"' in changed[0]
