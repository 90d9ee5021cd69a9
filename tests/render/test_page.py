"""A growing reply: every frame is what its patches say, and the end is the whole render."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it.token import Token

from edenai_nb.render import html, pipeline
from edenai_nb.render.blocks import hold_back
from edenai_nb.render.close_open import mend
from edenai_nb.render.page import Page, Patch

CORPUS = {path.name: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "corpus").glob("*.md"))}
LONG_REPLIES = {
    "fence": "```python\n" + "def f(x):\n    return {'a': \"b\"}\n\n" * 100 + "```\n\nend",
    "nested fence": "1. a\n\n   ```js\n" + "   let x = `y`; // z\n" * 100 + "   ```\n2. b",
    "table": "| a | b |\n|--:|---|\n" + "| `x` | **y** 😀 |\n" * 100 + "\nend",
    "list": "- item with **bold**\n  - inner *one*\n  - inner `two`\n" * 100 + "\nend",
    "loose list": "1. item\n\n   - inner\n   - inner\n\n" * 100 + "\nend",
    "loose bullets": "- one item that is long enough\n\n" * 100 + "end",
    "turning loose": "- a tight item of some length\n" * 100 + "\n- loose now\n- and on\n" * 20,
    "quote": "> a paragraph in **a quote** that goes on\n>\n" * 100 + "\nend",
    "paragraph": "Some *prose* with `code` and 😀 [a link](https://example.com/x), then more. " * 60 + "\n\nend",
    "quoted paragraph": "> > Some *prose* with `code` and more.\n> > "
    + "Words **and** words, then more. " * 150
    + "\n\nend",
    "lazy paragraph": "1. a\n\n   > Some words\n" + "that *go on* and on,\n" * 150 + "\nend",
    "heading": "# T\n\n## " + "Words **and** words, then more. " * 100 + "\n\nend",
    "one line": "A first line.\n\n" + "Some *prose* with `code` and 😀. " * 200 + "\n\n- end",
    "details": "<details>\n<summary>More *x*</summary>\n\n"
    + "- a\n\n  b\n\n```py\nx\n```\n\n" * 100
    + "</details>\n\nend",
    "nested details": "<details>\n<details>\n\n" + "So *much* for that.\n\n" * 100 + "</details>\n\nb\n</details>\nend",
    "open mark": "A **mark that is never closed, " * 100,
    "alert": "> [!NOTE]\n> "
    + "Words **and** words, then more. " * 150
    + "\n>\n> - a list\n> - of two\n" * 80
    + "\n\nend",
    "thinking": "<think>\n" + "So *this* is what I think.\n\n" * 100 + "</think>\nThe answer.",
}
HUGE_REPLIES = {
    "huge fence": "# T\n\n```python\n" + "def f(x):\n    return {'a': \"b\"}\n\n" * 400 + "```\n\nend *x*",
    "huge table": "| a | b |\n|--:|---|\n" + "| `x` | **y** 😀 |\n" * 700 + "\nend\n\n| c |\n|---|\n| d |\n",
    "huge list": "Look:\n- item with **bold**\n" + "  - inner *one*\n  - inner `two`\n" * 400 + "\n# end\nmore",
    "huge paragraph": "Some *prose* with `code` and [a link](https://example.com/x), then more. " * 170 + "\n\nend",
    "huge quote": "> a paragraph in **a quote** that goes on\n>\n" * 300 + "\nend\n\n> another",
}
LONG_REPLIES |= HUGE_REPLIES


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of all sources that are parsed from now on."""
    lengths, parse = [], pipeline.parse

    def counting(source: str, env: dict[str, Any]) -> list[Token]:
        lengths.append(len(source))
        return parse(source, env)

    monkeypatch.setattr(pipeline, "parse", counting)
    return lengths


def _frames(text: str, step: int = 1) -> list[int]:
    return [*range(0, len(text), step), len(text)]


@pytest.mark.parametrize("name", CORPUS)
def test_for_every_prefix_the_patches_applied_are_the_page(name: str) -> None:
    text, page, view = CORPUS[name], Page(), ()
    for end in _frames(text):
        view = page.update(text[:end]).apply(view)
        assert view == page.blocks
    assert page.finish(text).apply(view) == tuple(html.blocks(text))


@pytest.mark.parametrize("name", LONG_REPLIES)
@pytest.mark.parametrize("step", [37, 400])
def test_long_blocks_end_as_the_whole_render_whatever_the_frames(name: str, step: int) -> None:
    text, page, view = LONG_REPLIES[name], Page(), ()
    for end in _frames(text, step):
        view = page.update(text[:end]).apply(view)
        assert view == page.blocks
    assert page.finish(text).apply(view) == tuple(html.blocks(text))


@pytest.mark.parametrize("name", [*CORPUS, *(name for name in LONG_REPLIES if name != "open mark")])
def test_what_is_shown_before_the_end_is_already_right(name: str) -> None:
    """Without its unfinished last line nothing is left to be corrected by the final whole render."""
    text, page = (CORPUS | LONG_REPLIES)[name], Page()
    text = text.rstrip("\n") + "\n\n"
    for end in _frames(text, 29):
        page.update(text[:end])
    shown = page.blocks
    page.finish(text)
    unclosed = 1 if name in ("46_unclosed_fence.md",) else 0
    assert shown[: len(shown) - unclosed] == page.blocks[: len(shown) - unclosed]


@pytest.mark.parametrize("name", ["fence", "nested fence", "table", "list", "loose list", "loose bullets", "quote"])
def test_at_the_end_of_a_line_a_long_block_looks_like_its_whole_render(name: str) -> None:
    text, page, compared = LONG_REPLIES[name], Page(), 0
    for line in range(text.count("\n")):
        sofar = "\n".join(text.split("\n")[:line]) + "\n"
        page.update(sofar)
        if line % 9 == 0 and len(sofar) > 1500:
            assert page.blocks == tuple(html.blocks(sofar))
            compared += 1
    assert compared >= 2


@pytest.mark.parametrize("name", HUGE_REPLIES)
def test_a_huge_block_is_not_rendered_again_because_it_has_ended(name: str, parsed: list[int]) -> None:
    text, page = HUGE_REPLIES[name], Page()
    for end in _frames(text, 200):
        page.update(text[:end])
    assert max(parsed) < len(text) // 2


@pytest.mark.parametrize("name", CORPUS)
def test_a_block_that_stood_for_two_frames_is_not_sent_again(name: str) -> None:
    text, page, view = CORPUS[name], Page(), ()
    finished: tuple[str, ...] = ()
    defined = "[^1]:" in text or "]: http" in text  # a definition changes what the text before it means
    for end in _frames(text):
        patch = page.update(text[:end])
        new = patch.apply(view)
        if not defined:
            assert new[: len(finished)] == finished
            assert patch.keep >= len(finished)
        stood = [n for n in range(min(len(view), len(new)) - 1) if view[n] == new[n]]
        finished = new[: len(stood)] if stood == list(range(len(stood))) else finished
        view = new


@given(st.text(alphabet=st.sampled_from("a1 \n\n-*_`#>|[]()$\\~:<!😀x."), max_size=120), st.integers(1, 20))
@settings(max_examples=300, deadline=None)
def test_any_text_at_any_pace_ends_as_its_whole_render(text: str, step: int) -> None:
    page, view = Page(), ()
    for end in _frames(text, step):
        view = page.update(text[:end]).apply(view)
        assert view == page.blocks
    assert page.finish(text).apply(view) == tuple(html.blocks(text))


def test_the_prefix_counts_utf16_units_as_javascript_does() -> None:
    page = Page()
    before = page.update("😀" * 60 + " one").apply(())
    patch = page.update("😀" * 60 + " one two")
    assert patch.prefix == len("<p>") + 2 * 60 + len(" one")
    in_javascript = before[0].encode("utf-16-le")[: 2 * patch.prefix].decode("utf-16-le") + patch.blocks[0]
    assert (in_javascript,) == patch.apply(before) == page.blocks


def test_a_patch_keeps_takes_a_prefix_and_drops_the_rest() -> None:
    assert Patch(1, 3, ("X", "new")).apply(("a", "bcde", "gone")) == ("a", "bcdX", "new")
    assert Patch(0, 0, ("all",)).apply(("anything", "at all")) == ("all",)
    assert Patch(2, 0, ()).apply(("a", "b", "c")) == ("a", "b")


def test_a_late_view_gets_the_whole_page() -> None:
    page = Page()
    page.update("# One\n\ntwo")
    assert page.whole().apply(("something old",)) == page.blocks != ()


def test_a_text_that_does_not_continue_the_last_one_starts_anew() -> None:
    page = Page()
    page.update("# One\n\ntwo\n\nthree")
    assert page.update("another").blocks == ("<p>another</p>",)
    assert page.update("").apply(("x",)) == ()


def test_reasoning_grows_in_one_folded_block_before_the_answer() -> None:
    page = Page()
    page.update("", "I *think*")
    assert page.blocks == (
        '<details class="edenai-thinking"><summary>Thinking</summary><p>I <em>think</em></p></details>',
    )
    page.update("Yes", "I *think*")
    assert page.blocks[1:] == ("<p>Yes</p>",)
    page.update("Yes", "I *think*", 12.4)
    assert page.blocks[0] == html.to_html("", "I *think*", 12.4)
    assert "<summary>Thought for 12 s</summary>" in page.blocks[0]
    page.finish("Yes", "I *think*", 0.2)
    assert "<summary>Thought for 1 s</summary>" in page.blocks[0]


def test_only_what_is_new_in_a_long_block_is_sent() -> None:
    for name in sorted(set(LONG_REPLIES) - {"turning loose", "loose bullets", "open mark"}):
        text, page, sent = LONG_REPLIES[name], Page(), 0
        for end in _frames(text, 100):
            sent += sum(map(len, page.update(text[:end]).blocks))
        sent += sum(map(len, page.finish(text).blocks))
        assert sent < 2 * sum(map(len, page.blocks)), name


@pytest.mark.parametrize("name", sorted(set(LONG_REPLIES) - {"turning loose", "open mark"}))
def test_no_frame_of_a_long_block_is_parsed_from_its_beginning(name: str, parsed: list[int]) -> None:
    """Else a long reply would cost quadratic time."""
    text, page = LONG_REPLIES[name], Page()
    frames = range(0, len(text.partition("\n\nend")[0]), 40)
    for end in frames:
        page.update(text[:end])
    assert sum(parsed) / len(frames) < 1000


def test_a_definition_that_arrives_late_shows_in_the_text_before_it() -> None:
    page = Page()
    page.update("See [docs].\n\nMore.\n")
    assert "<a " not in page.blocks[0]
    page.update("See [docs].\n\nMore.\n\n[docs]: https://example.com\n")
    assert 'href="https://example.com"' in page.blocks[0]


@pytest.mark.parametrize(
    "text",
    [
        "a\n1",
        "a\n12.",
        "a\n-",
        "a\n- [",
        "a\n#",
        "a\n```",
        "a\n---",
        "a\n> -",
        "a\n> [!NO",
        "a\n> [!NOTE]",
        "a\n| x | y",
        "a\n| x |\n",
        "a\n| x |\n|--",
        "a\n<det",
    ],
)
def test_a_last_line_that_may_become_a_marker_is_held_back(text: str) -> None:
    assert hold_back(text) == "a\n"


@pytest.mark.parametrize("text", ["a\n1 b", "a\n- b", "# t", "a", "| x |\n|---|\n| y", "a\n", "", "2024"[:0]])
def test_other_last_lines_are_shown(text: str) -> None:
    assert hold_back(text) == text


@pytest.mark.parametrize(
    ("growing", "shown"),
    [
        ("a **bo", "a **bo**"),
        ("a **", "a "),
        ("a *b **c", "a *b **c***"),
        ("`co", "`co`"),
        ("see [docs](https://exa", "see docs"),
        ("see [do", "see do"),
        ("x ![alt](http://e", "x "),
        ("~~gone", "~~gone~~"),
        (r"so $\frac{1}", "so"),
        (r"so \(x^2", "so"),
        (r"so $\text{if $x", "so"),
        ("costs $5", "costs $5"),
        ("H<sub>2", "H<sub>2</sub>"),
        ("a <su", "a "),
        ("a **b*", "a **b**"),
        ("a ***b** c", "a ***b** c*"),
        ("~~a~", "~~a~~"),
        ("~~$4~~ b", "~~$4~~ b"),
        ("a **`", "a "),
        ("`` a `", "`` a ``"),
        ("`a``b`", "`a``b`"),
        ("so $5 or **$", "so $5 or "),
        ("see [docs]", "see docs"),
        ("x ![alt]", "x "),
        ("so[^1", "so"),
        ("a &nb", "a "),
        ("snake_case", "snake_case"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("**done** and [link](x)", "**done** and [link](x)"),
    ],
)
def test_open_marks_are_closed_for_display(growing: str, shown: str) -> None:
    assert mend(growing) == shown
