"""Replies that mean harm: nothing runs, nothing is fetched, nothing hangs."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import markdown_it
import pytest
from markdown import Markdown

from edenai_nb.render.defang import defang
from edenai_nb.render.gfm import GfmExtension
from edenai_nb.render.html import blocks, document, to_html
from edenai_nb.render.page import Page
from edenai_nb.render.pipeline import SafeHtmlExtension
from edenai_nb.render.sanitizer import clean

from .dom import elements, tree
from .vectors import VECTORS

KNOWN_TAGS = set(
    """a blockquote br code del details div em h1 h2 h3 h4 h5 h6 hr img kbd li ol p pre section span strong sub summary
    sup table tbody td th thead tr ul""".split()  # noqa: SIM905
)
MATH_TAGS = set(
    """math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd
    mstyle mpadded mphantom menclose""".split()  # noqa: SIM905
)
KNOWN_ATTRIBUTES = set(
    """class href title id target rel src alt start align data-language data-tex style""".split()  # noqa: SIM905
)
OWN_STYLES = {
    *("font-size:1.07em;line-height:1.6", "max-width:47em"),
    "border:1px solid #8884;border-radius:4px;margin:10px 0",
    *("padding:8px;font-size:13px", "text-align:left", "text-align:center", "text-align:right"),
}
SIZE = 50_000


def _assert_inert(html: str) -> None:
    for tag, attrs in elements(tree(html)):
        assert tag in KNOWN_TAGS | MATH_TAGS, tag
        for name, value in attrs.items():
            assert tag in MATH_TAGS or name in KNOWN_ATTRIBUTES, (tag, name)
            assert not name.startswith("on")
            assert name != "style" or tag in MATH_TAGS or value in OWN_STYLES
            harmless = ("href", "title", "alt", "data-language", "data-tex", "class")
            assert "url(" not in value or name in harmless, (tag, name, value)
        assert urlsplit(attrs.get("href", "#")).scheme in ("http", "https", "mailto", ""), attrs
        assert attrs.get("href", "#edenai-fn").lower().startswith(("http", "mailto:", "#edenai-fn")), attrs
        assert attrs.get("src", "data:image/png;").startswith(("data:image/png;", "data:image/jpeg;")), attrs
        if tag == "a" and not attrs.get("href", "").startswith("#"):
            assert attrs["target"] == "_blank"
            assert attrs["rel"] == "noopener noreferrer nofollow"


def test_there_are_more_than_a_hundred_vectors() -> None:
    assert len(set(VECTORS)) >= 210


@pytest.mark.parametrize("vector", VECTORS)
def test_html_of_a_hostile_reply_is_inert(vector: str) -> None:
    _assert_inert(to_html(vector))
    _assert_inert(to_html(f"text {vector} text\n\n{vector}\n\n- {vector}", reasoning=vector))
    _assert_inert(document(vector))


@pytest.mark.parametrize("vector", VECTORS)
def test_the_parser_alone_writes_nothing_active(vector: str) -> None:
    shown = Markdown(extensions=[GfmExtension(), SafeHtmlExtension()]).convert(vector)
    for tag, attrs in elements(tree(shown)):
        assert tag in KNOWN_TAGS | MATH_TAGS, tag
        assert tag in MATH_TAGS or set(attrs) <= KNOWN_ATTRIBUTES, attrs
        assert attrs.get("href", "#edenai-fn").lower().startswith(("http", "mailto:", "#edenai-fn")), attrs
        assert attrs.get("src", "data:image/png;").startswith("data:image/png;"), attrs


@pytest.mark.parametrize("vector", VECTORS)
def test_the_sanitiser_alone_leaves_nothing_active(vector: str) -> None:
    for tag, attrs in elements(tree(clean(vector))):
        assert tag in KNOWN_TAGS | MATH_TAGS, tag
        assert tag in MATH_TAGS or set(attrs) <= KNOWN_ATTRIBUTES, attrs
        assert attrs.get("href", "#edenai-fn").lower().startswith(("http", "mailto:", "#edenai-fn")), attrs
        assert attrs.get("src", "data:image/png;").startswith("data:image/png;"), attrs


@pytest.mark.parametrize("address", ["javascript:x", "data:text/html,x", "//a.b/c", "/lab/api", "file:///x", "x:y", ""])
def test_only_http_and_mail_addresses_stay_links(address: str) -> None:
    assert clean(f'<a href="{address}">x</a>') == '<a rel="noopener noreferrer nofollow">x</a>'
    link = '<a href="https://a.b" target="_blank" rel="noopener noreferrer nofollow">x</a>'
    assert clean('<a href="https://a.b" target="_blank">x</a>') == link == to_html("[x](https://a.b)")[3:-4]


def test_a_remote_image_becomes_a_link_and_an_embedded_one_stays() -> None:
    assert '<a class="edenai-image" href="https://a.b/c.png" ' in to_html("![a *dot*](https://a.b/c.png)")
    assert ">a dot</a>" in to_html("![a *dot*](https://a.b/c.png)")
    assert to_html("![x](c.png)") == "<p><span>x</span></p>"
    assert to_html("[![x](https://a.b/c.png)](https://d.e)").count("<a ") == 1
    assert '<img alt="x" src="data:image/png;base64,AAAA">' in to_html("![x](data:image/png;base64,AAAA)")
    assert "src" not in clean('<img src="https://a.b/c.png">')


@pytest.mark.parametrize("vector", VECTORS)
def test_a_hostile_reply_is_inert_in_every_frame(vector: str) -> None:
    page = Page()
    for end in range(len(vector) + 1):
        page.update(vector[:end])
        _assert_inert("".join(page.blocks))


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("frame", ["{}", "text {} text", "- {}", "> {}\n> {}", "`{}`", "<div>\n{}\n\n{}", "$x$ {} $y$"])
def test_defanged_markdown_holds_no_active_html(vector: str, frame: str) -> None:
    shown = defang(frame.replace("{}", vector))
    renderer = markdown_it.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    renderer.validateLink = lambda url: True  # type: ignore[method-assign]  # as trusting as it can be
    _assert_no_html(renderer.render(shown))


def _assert_no_html(html: str) -> None:
    for tag, attrs in elements(tree(html)):
        assert tag in KNOWN_TAGS | {"s"}, tag
        assert set(attrs) <= {"href", "title", "src", "alt", "class", "start", "style"}, attrs
        assert re.fullmatch(r"|text-align:\w+", attrs.get("style", "")), attrs
        href = re.sub(r"[\x00-\x20]|%0[19]", "", attrs.get("href", ""))
        assert not re.match(r"(?!https?:|mailto:)[a-z][a-z0-9+.-]*:", href, re.IGNORECASE), href
        assert attrs.get("src", "data:image/png;").startswith("data:image/png;"), attrs


def test_defanged_markdown_keeps_what_is_harmless() -> None:
    for text in (
        "# T\n\n- **a** `<b>` <https://a.b>\n\n```html\n<div>\n```\n",
        "<details>\n<summary>x</summary>\n\nH<sub>2</sub>O<br>\n\n</details>",
        "![dot](data:image/png;base64,AAAA)",
        "[x](https://a.b) [y](./here) [z](#there)",
    ):
        assert defang(text) == text


@pytest.mark.parametrize(
    ("text", "published"),
    [
        (r"\(a_1\) and \[b\]", "$a_1$ and $$b$$"),
        ("$5 and $10", r"\$5 and \$10"),
        ("$x<y$", r"$x\lt y$"),
        (r"\begin{align}a&=b\end{align}", "$$\n\\begin{align}a&=b\\end{align}\n$$"),
        ("![alt](http://a.b/c.png)", "[alt](http://a.b/c.png)"),
        ("![](http://a.b/c.png)", "[image](http://a.b/c.png)"),
        ("[![b](http://a.b/c.png)](http://d.e)", "[b](http://d.e)"),
        ("List<Integer>", "List&lt;Integer>"),
        ("`$x`", "`$x`"),
        ('> ~~~js" onclick="y"\n> "z"\n> ~~~', '> ~~~js onclick=y\n> "z"\n> ~~~'),
        (r"\$x\$", r"\$x\$"),
    ],
)
def test_defanged_markdown_says_the_same(text: str, published: str) -> None:
    assert defang(text) == published


def _repeat(text: str) -> str:
    return (text * (SIZE // len(text) + 1))[:SIZE]


PATHOLOGICAL = {
    **{repr(unit): _repeat(unit) for unit in ("[", "`", "*a_", "<", "![", "> ", "$", "\\(", "\\[\n", "$$ a\n", "[a](")},
    **{repr(unit): _repeat(unit) for unit in ("[ ", "*a **b ", "<details>", "http:", "a@", "[^1]", "](", "$a ", "~")},
    "unmatched": _repeat("[a ") + "]",
    "unmatched images": _repeat("![") + "]",
    "nested lists": "".join("  " * depth + "- a\n" for depth in range(220)),
    "braces": _repeat("{$a"),
    "money": "$1" + _repeat("1 "),
    "alerts": _repeat("> [!NOTE]\n\n"),
    "environments": "$" + _repeat("\\begin{split}") + "$",
    "markers": _repeat("- "),
    "wide table": "|a" * 12_000 + "|\n" + "|-" * 12_000 + "|\n",
    "one-line tables": _repeat("|a|b|\n|-|-|\n\n"),
    "backticks": "".join("`" * length + " " for length in range(1, 316)),
    "lazy": ">" * 500 + "a\n" + _repeat("b\n"),
    "quoted paragraph": "> > " + _repeat("some words and more "),
    "lazy lines": ">" * 8 + "a\n" + _repeat("b\n"),
    "open details": "<details>\n<summary>x</summary>\n\n" + _repeat("- some words\n"),
    "tags of details": _repeat("<details>\n"),
    "tex braces": "$" + "{" * 24_000 + "}" * 24_000 + "$",
    "java": "```java\n" + _repeat("a<"),
    "json": "```json\n" + _repeat('[{"'),
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_fifty_kilobytes_of_nonsense_end_soon(name: str) -> None:
    """The limit is far above what it takes (about a second) and far below what quadratic work would."""
    text = PATHOLOGICAL[name]
    _within(20, lambda: (to_html(text), defang(text)))


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_nonsense_can_be_streamed(name: str) -> None:
    text, page = PATHOLOGICAL[name], Page()
    _within(60, lambda: [page.update(text[:end]) for end in range(0, len(text), 2000)])
    page.finish(text)
    assert page.blocks == tuple(blocks(text))


def _within(limit_s: float, work: Callable[[], Any]) -> None:
    done = threading.Event()
    failure: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failure.append(error)
        done.set()

    threading.Thread(target=run, daemon=True).start()
    assert done.wait(limit_s), "it hangs"
    assert not failure, failure


def test_deep_nesting_loses_no_text() -> None:
    for text in (
        "> " * 200 + "deep",
        "- " * 200 + "deep",
        "".join("  " * depth + "- a\n" for depth in range(100)) + "  " * 100 + "- deep",
        "*a **b " * 500 + "deep" + "** *" * 500,
        "<details>\n" * 50 + "deep",
        "[" * 500 + "deep" + "]" * 500,
    ):
        assert "deep" in to_html(text)
        assert "deep" in "".join(Page().update(text + " ").blocks)
