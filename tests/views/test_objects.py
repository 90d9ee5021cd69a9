"""An object as it grows: never a throw, never a closed row taken back, and nothing of it is markup."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edenai_nb.data.schema import schema_of
from edenai_nb.render import html
from edenai_nb.render.page import Page
from edenai_nb.reply import Reply
from edenai_nb.views import objects, shown

from ..data.wanted import WANTED

ROWS = [{"name": f"row {i} | *", "n": i / 4, "tags": ["a", {"b": i}], "note": None} for i in range(4)]
NESTED = {"title": "T", "rows": ROWS, "deep": {"x": {"y": {"z": {"w": [1]}}}}, "words": ["a", "b"], "end": True}
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
OBJECT = {"type": "object"}


def views(text: str, schema: Any = OBJECT) -> list[str]:
    """What is shown after each character."""
    return [shown.markdown(Reply(text[:end], schema=schema), "", False) for end in range(len(text) + 1)]


def rows(markdown: str) -> list[str]:
    return [line for line in markdown.splitlines() if line.startswith("|") and line.endswith(" |")]


@settings(deadline=None, max_examples=60)
@given(VALUES)
def test_every_cut_of_every_value_can_be_shown(value: Any) -> None:
    text = json.dumps(value)
    growing = Page()
    for view in views(text, {})[::5]:
        growing.update(view)
    final = Page()
    final.finish(shown.markdown(Reply(text, schema={}, decoded=(value,))))
    assert "<script" not in "".join(final.blocks)


@pytest.mark.parametrize(("wanted", "fits"), [row[:2] for row in WANTED])
def test_every_cut_of_each_schema_can_be_shown(wanted: Any, fits: Any) -> None:
    assert views(json.dumps(fits), schema_of(wanted).source)


@pytest.mark.parametrize("value", [ROWS, NESTED, {"value": ROWS}])
def test_a_closed_row_is_never_taken_back(value: Any) -> None:
    before: list[str] = []
    for view in views(json.dumps(value), {}):
        now = rows(view)
        assert now[: len(before)] == before
        before = now
    assert len(before) >= 1 + len(ROWS) - 1


def test_a_row_is_seen_while_it_is_written() -> None:
    text = json.dumps(ROWS)
    cut = text.index("row 2") + 3
    assert shown.markdown(Reply(text[:cut], schema={}), "", False).endswith("\n| row")


def test_markup_in_a_value_is_text() -> None:
    value = [{"a": "<b>x</b> | *y* [z](http://x) $k$ `c`", "![i](http://x/y.png)": "line\nbreak"}]
    page = html.to_html(objects.markdown(value))
    assert "<b>" not in page
    assert "<img" not in page
    assert page.count("<td") == 2
    assert "&lt;b&gt;x&lt;/b&gt; | *y* [z](" in re.sub(r"</?a[^>]*>", "", page)
    assert "line<br" in page


def test_a_long_table_says_how_many_rows_are_not_shown() -> None:
    markdown = objects.markdown([{"n": i} for i in range(objects.MOST_ROWS + 1234)])
    assert len(rows(markdown)) == objects.MOST_ROWS + 1
    assert markdown.endswith("*… and 1,234 more*")


def test_the_whole_answer_is_the_table_and_the_json() -> None:
    text = json.dumps({"value": ROWS})
    whole = shown.markdown(Reply(text, schema={"type": "array"}, decoded=(ROWS,)))
    assert whole.startswith("| name | n | tags | note |\n")
    assert "<summary>JSON</summary>" in whole
    assert json.loads(whole.split("```json\n")[1].split("\n```")[0]) == {"value": ROWS}


def test_an_answer_that_did_not_fit_is_its_text() -> None:
    assert shown.markdown(Reply('{"a": 1', schema=OBJECT)) == '```json\n{"a": 1\n```'


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        ("markdown", "*a*\n\n```python\nx = 1\n```"),
        ("text", "````text\n*a*\n\n```python\nx = 1\n```\n````"),
        ("code", "```python\nx = 1\n```"),
    ],
)
def test_the_form_decides_how_it_is_shown(form: str, seen: str) -> None:
    assert shown.markdown(Reply("*a*\n\n```python\nx = 1\n```"), form) == seen


def test_json_is_shown_as_it_is_written_and_indented_at_its_end() -> None:
    assert shown.markdown(Reply('{"a":[1'), "json", done=False) == '```json\n{"a":[1\n```'
    assert shown.markdown(Reply('{"a":1}'), "json") == '```json\n{\n  "a": 1\n}\n```'
