"""What replies look like, against the specifications and another renderer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import markdown
import pytest
from markdown.extensions import Extension
from markdown.inlinepatterns import SimpleTagInlineProcessor

from edenai_nb.render import html
from edenai_nb.render.defang import defang
from edenai_nb.render.gfm import GfmExtension
from edenai_nb.render.html import to_html

from .dom import elements, normal, tree

HERE = Path(__file__).parent
REPLIES = sorted(path.name for path in (HERE / "corpus").glob("*.md"))
MARKED = json.loads((HERE / "data/marked.json").read_text("utf-8"))

# Examples that come out differently, and why.
COMMONMARK_MISSES = {
    12: r"`\[…\]` is a formula",
    608: "bare URLs are links",
    611: "bare URLs are links",
    612: "bare mail addresses are links",
}
GFM_MISSES = {
    628: "ftp is not among the schemes that become links",
    653: "raw HTML is text for us, so there is no list of single tags to filter",
}
MARKED_DIFFERS = {
    "15_footnotes.md": "marked has no footnotes",
    "17_math_dollars.md": "marked has no formulas",
    "23_details.md": "<mark>, <u> and <div> are text for us",
    "30_latex_pipes.md": "marked has no formulas",
    "32_json.md": "List<Integer> is text for us, a tag for marked",
    "39_definition_html_table.md": "HTML tables, comments and styles are text for us",
    "41_images_links.md": "only http, https and mailto are links for us",
    "48_headings_inline.md": "marked has no formulas",
    "52_think.md": "<think> is a folded block for us",
    "53_generics.md": "List<Integer> is text for us, a tag for marked",
}


def _spec(name: str) -> list[dict[str, Any]]:
    return json.loads((HERE / f"data/{name}.json").read_text("utf-8"))  # type: ignore[no-any-return]


def _misses(name: str) -> set[int]:
    gfm = markdown.Markdown(extensions=[GfmExtension(raw_html=True)])
    return {
        example["example"]
        for example in _spec(name)
        if normal(gfm.reset().convert(example["markdown"])) != normal(example["html"].strip())
    }


def test_all_but_four_of_the_commonmark_examples_come_out_as_specified() -> None:
    assert len(_spec("commonmark-0.31")) == 652
    assert _misses("commonmark-0.31") == set(COMMONMARK_MISSES)


def test_all_but_two_of_the_github_examples_come_out_as_specified() -> None:
    assert len(_spec("gfm-0.29")) == 24
    assert _misses("gfm-0.29") == set(GFM_MISSES)


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_has_the_structure_that_marked_gives_it(name: str) -> None:
    ours = to_html((HERE / "corpus" / name).read_text("utf-8")).replace(' class="jp-toc-ignore"', "")
    theirs = re.sub(r"(?<=<h|/h)[1-6](?=>)", lambda level: str(min(6, int(level[0]) + 2)), MARKED[name])
    assert (normal(ours) == normal(theirs)) == (name not in MARKED_DIFFERS), MARKED_DIFFERS.get(name)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("\"https://a.b/c\" or 'https://a.b'.", ["https://a.b/c", "https://a.b"]),
        ("详见https://a.b，谢谢。或https://a.b/文", ["https://a.b", "https://a.b/%E6%96%87"]),
        ("(see https://a.b/c_(d)) and https://a.b/c_(d).", ["https://a.b/c_(d)", "https://a.b/c_(d)"]),
        ("*https://a.b/x* **HTTPS://A.b/*y** _https://a.b_", ["https://a.b/x", "HTTPS://A.b/*y", "https://a.b"]),
        ("www.a.b/c?d=e&f, xwww.a.b", ["http://www.a.b/c?d=e&f"]),
        ("https://a.b/c&amp; https://a.b/(((", ["https://a.b/c", "https://a.b/((("]),
        ("first_name.x+y@a-b.co, Bob <b@c.de, mailto:x@y.z", ["first_name.x+y@a-b.co", "b@c.de", "x@y.z"]),
        ("pkg@1.2.3 @name a@b x@y@z.w https:// http://_ ftp://a.b xhttps://a.b h&#116;tp://a.b", []),
        ("`https://a.b` [see https://a.b](https://c.d) <https://a.b/%20c>", ["https://c.d", "https://a.b/%20c"]),
    ],
)
def test_bare_addresses_are_links_without_the_punctuation_around_them(text: str, addresses: list[str]) -> None:
    links = [attrs["href"] for tag, attrs in elements(tree(to_html(text))) if tag == "a"]
    assert [link.removeprefix("mailto:") for link in links] == addresses


def test_html_other_than_the_listed_tags_is_shown_as_text() -> None:
    shown = to_html("a <b>bold</b> List<Integer> <!-- note --> H<sub>2</sub>O <br> <kbd>x</kbd>\n\n<div>\n\n<sub>open")
    assert "&lt;b&gt;bold&lt;/b&gt; List&lt;Integer&gt; &lt;!-- note --&gt; H<sub>2</sub>O <br> <kbd>x</kbd>" in shown
    assert "<p>&lt;div&gt;</p>" in shown
    assert "<p>&lt;sub&gt;open</p>" in shown


def test_details_hold_markdown_and_stay_one_element() -> None:
    shown = to_html(
        "<details>\n<summary>More **x**</summary>\n\n- a\n\n```\n</details>\n```\n\nb\n\n</details>\n\nafter"
    )
    assert shown.count("<details>") == shown.count("</details>") == 1
    assert "<summary>More <strong>x</strong></summary><ul><li>a</li></ul>" in shown
    assert shown.endswith("<p>b</p></details>\n<p>after</p>")


def test_an_alert_names_its_kind_in_words() -> None:
    shown = to_html("> [!NOTE]\n> Hello *x*\n>\n> - a\n\n> [!warning] Use *this*\n> now\n\n- > [!TIP]")
    note = "<p><strong>Note</strong></p><p>Hello <em>x</em></p><ul><li>a</li></ul>"
    assert f'<blockquote class="edenai-alert edenai-note">{note}</blockquote>' in shown
    assert '<blockquote class="edenai-alert edenai-warning"><p><strong>Warning</strong></p><p>Use <em>this' in shown
    assert '<li><blockquote class="edenai-alert edenai-tip"><p><strong>Tip</strong></p></blockquote></li>' in shown


@pytest.mark.parametrize("text", ["> [!NOTES]\n> a", "> a\n>\n> [!NOTE]", "[!NOTE]\n\na", r"> \[!NOTE]"])
def test_other_brackets_are_no_alerts(text: str) -> None:
    assert "edenai-alert" not in to_html(text)
    assert "[!NOTE" in to_html(text)


def test_reasoning_and_a_think_block_in_the_text_are_folded_alike() -> None:
    folded = '<details class="edenai-thinking"><summary>Thinking</summary><p>hm <em>so</em></p></details>'
    assert to_html("Yes.", "hm *so*") == f"{folded}\n<p>Yes.</p>"
    for text in ("<think>\nhm *so*\n</think>\n\nYes.", "<thinking>hm *so*</thinking>Yes."):
        assert to_html(text) == to_html("Yes.", "hm *so*")


@pytest.mark.parametrize("tag", ["\n</think>\n\n", "\n\n</thinking>\n", "\n\n</think>\n\n"])
def test_an_end_of_thinking_that_nothing_has_opened_is_not_shown(tag: str) -> None:
    assert to_html(f"I add.{tag}Yes.") == "<p>I add.</p>\n<p>Yes.</p>"


def test_a_think_tag_that_is_only_mentioned_stays_text() -> None:
    assert "&lt;think&gt;" in to_html("Models write <think> tags.")
    assert "The tag &lt;/think&gt; closes it" in to_html("Write `</think>`. The tag </think> closes it.")
    assert "&lt;/think&gt;" in to_html("```\n</think>\n```")
    assert "&lt;think&gt;" in to_html("Such as\n\n<think>\n\nand more")


def test_footnotes_are_numbered_by_their_first_reference_and_collected_at_the_end() -> None:
    shown = to_html("b[^b] a[^a] b[^b] none[^c]\n\n[^a]: A\n[^b]: *B*\n\n[^unused]: U\n\nend")
    assert [attrs["href"] for tag, attrs in elements(tree(shown)) if tag == "a"][:3] == [
        "#edenai-fn-1",
        "#edenai-fn-2",
        "#edenai-fn-1",
    ]
    assert shown.index("<p>end</p>") < shown.index('<section class="footnotes">')
    assert "none[^c]" in shown
    assert "U" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "$a_1 * b_2 * c$",
        r"\(a_1 * b_2 * c\)",
        "$$\na_1 * b_2 * c\n$$",
        "\\[\na_1 * b_2 * c\n\\]",
        r"\begin{align}a_1 * b_2 * c\end{align}",
        "- in a list $$a_1 * b_2 * c$$",
    ],
)
def test_every_way_to_write_a_formula_becomes_mathml(text: str) -> None:
    shown = to_html(text)
    assert "<msub><mi>a</mi><mn>1</mn></msub>" in shown
    assert "<em>" not in shown
    assert not {"$", "\\"} & set(_text(tree(shown)))


@pytest.mark.parametrize(
    "text",
    [
        *("$5 and $10", "US$20 or 30$ a day", "$HOME and $PATH", "${A}/${B} or ${C}", r"\$x\$", "`$x$`", "$ x $"),
        *("价格$5到$10", "从$5到10$不等", "a$PATH and b$HOME"),
        *(r"as in \[1\] and \[citation needed\]", r"\[a\]\(b\)"),
    ],
)
def test_amounts_variables_and_escaped_brackets_are_no_formulas(text: str) -> None:
    assert "<math" not in to_html(text)
    assert "mathjax_process" not in to_html(text, durable=True)


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("令$x=1$，则$y=2$。", 2),
        ("함수$f(x)$는", 1),
        ("質量は$m$です", 1),
        ("ฟังก์ชัน$f$คือ", 1),
        ("где$x$и", 1),
        ("é$2π$", 1),
    ],
)
def test_letters_of_other_scripts_may_touch_a_formula(text: str, formulas: int) -> None:
    assert to_html(text).count("<math") == formulas
    assert defang(text) == text


@pytest.mark.parametrize(
    "tex",
    [
        *(
            r"\text{if $x>0$}",
            r"\mbox{a $x$ b}",
            r"E = mc^2 \tag{1}",
            r"\widetilde{X}",
            r"\ce{H2O}",
            r"\substack{a\\b}",
        ),
        *(r"\begin{split} a &= b \\ &= c \end{split}", r"\begin{smallmatrix} a \end{smallmatrix}", r"\varlimsup x"),
    ],
)
def test_a_formula_that_only_mathjax_can_set_is_left_to_it(tex: str) -> None:
    shown = to_html(f"so ${tex}$.", durable=True)
    assert _text(tree(shown)) == f"so \\({tex}\\)."
    assert '<span class="edenai-math mathjax_process"' in shown
    assert defang(f"so ${tex}$.") == f"so ${tex}$.".replace("<", r"\lt ")


@pytest.mark.parametrize(
    "tex",
    [
        *(
            r"\unknowncommand{x}",
            r"\frac{a}",
            r"\widetilde{a}_b_c\left(",
            r"\begin{split}a",
            r"\mbox{\left(}x\right)",
        ),
        *(r"\href{javascript:x}{y}", r"\widetilde{\href{x}{y}}", r"\mbox{a}\require{html}", r"\class{a}{b}\tag1"),
        *(r"\def\x{1}\x", r"\newcommand{\x}{1}", r"\gdef\alpha{1}\tag1", r"\let\a\b", r"\style{a}{b}", r"\cssId{a}{b}"),
        *(r"\mmlToken{mi}[href=x]{y}\tag1", r"\unicode{65}", r"\mbox{\texttip{a}{b}}", r"\bbox[border:1px]{x}\tag1"),
    ],
)
def test_a_formula_that_is_wrong_or_not_known_to_be_safe_is_shown_as_its_source(tex: str) -> None:
    for durable in (False, True):
        shown = to_html(f"so ${tex}$ it is", durable=durable)
        assert _text(tree(shown)) == f"so \\({tex}\\) it is"
        assert '<code class="edenai-math">' in shown
    assert defang(f"so ${tex}$") == f"so \\${tex}\\$"


def test_a_formula_ends_at_a_dollar_as_deep_in_braces_as_its_first() -> None:
    shown = to_html(r"so $\frac{a$ and $b$ and {$c$} and $\text{d $e$}$", durable=True)
    assert _text(tree(shown)) == r"so $\frac{a$ and \(b\) and {\(c\)} and \(\text{d $e$}\)"


def test_labels_are_taken_out_of_what_mathjax_gets_since_it_counts_them_over_the_page() -> None:
    text = r"$$\begin{align}a&=b\label{eq:1}\end{align}$$"
    assert "label" not in to_html(text, durable=True) + defang(text)
    assert "<code" not in to_html(text, durable=True) + to_html(text)


def test_durable_formulas_are_tex_inside_a_root_that_mathjax_otherwise_ignores() -> None:
    shown = html.document("$x<y$ and $5")
    assert r'class="edenai-math mathjax_process" data-tex="\(x&lt;y\)">\(x&lt;y\)</span> and $5' in shown
    assert "mathjax_ignore" in shown[: shown.index(">")]
    assert "edenai-markdown" in shown[: shown.index(">")]


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("python", "python"),
        ('py title="a b"', "py"),
        ("{python}", "python"),
        ("js{1,3}", "js"),
        ("c++", "c++"),
        ("", ""),
    ],
)
def test_a_fence_names_its_language_whatever_else_its_info_string_holds(info: str, language: str) -> None:
    assert f'<div class="edenai-code highlight" data-language="{language}">' in to_html(f"```{info}\nx = 1\n```")


def test_code_is_coloured_and_kept_to_the_letter() -> None:
    source = 'def f():\n\t"""A &lt; b\n\n    <i>"""  \n\n'
    shown = to_html(f"```python\n{source}```")
    assert '<span class="k">def' in shown
    assert _text(tree(shown)) == source


def test_mermaid_and_unknown_languages_are_code() -> None:
    shown = to_html("```mermaid\ngraph TD; A-->B\n```\n\n```nosuchlanguage\n<x>\n```")
    assert 'data-language="mermaid"' in shown
    assert "&lt;x&gt;" in shown


def test_other_python_markdown_extensions_run_on_our_parser() -> None:
    class Shout(Extension):
        def extendMarkdown(self, md: markdown.Markdown) -> None:
            md.inlinePatterns.register(SimpleTagInlineProcessor(r"()!!(.*?)!!", "strong"), "shout", 10)

    shown = markdown.markdown(
        "[TOC]\n\n# One *two*\n\n!!now!! `!!no!!` &amp;",
        extensions=["edenai_nb.render.gfm", "toc", Shout()],
    )
    assert '<h1 id="one-two">One <em>two</em></h1>' in shown
    assert '<a href="#one-two">' in shown
    assert "<strong>now</strong> <code>!!no!!</code> &amp;" in shown


@pytest.mark.parametrize("name", REPLIES)
def test_a_saved_answer_adds_little_to_its_own_html_and_no_style_sheet(name: str) -> None:
    text = (HERE / "corpus" / name).read_text("utf-8")
    saved = html.document(text)
    own = re.sub(r' (?:style|data-tex)="[^"]*"', "", to_html(text, durable=True))
    assert len(saved) - len(own) <= 1200
    assert "<style" not in saved


def test_what_an_untrusted_view_needs_stands_in_the_elements() -> None:
    shown = html.document("| a | b |\n|---|--:|\n| 1 | 2 |\n\n```py\nx\n```")
    cells = [attrs["style"] for tag, attrs in elements(tree(shown)) if tag in ("th", "td")]
    assert cells == ["text-align:left", "text-align:right"] * 2
    frame = next(attrs for tag, attrs in elements(tree(shown)) if attrs.get("class") == "edenai-code highlight")
    assert "border:1px solid" in frame["style"]


def test_headings_stand_below_those_of_the_notebook_and_are_no_chapters_of_it() -> None:
    shown = [(tag, attrs) for tag, attrs in elements(tree(to_html("# a\n\n## b\n\n### c\n\n##### d")))]
    assert [tag for tag, _ in shown if tag[0] == "h"] == ["h3", "h4", "h5", "h6"]
    assert all(attrs["class"] == "jp-toc-ignore" for tag, attrs in shown if tag[0] == "h")


def _text(node: list[Any]) -> str:
    return "".join(child if isinstance(child, str) else _text(child) for child in node[2:])
