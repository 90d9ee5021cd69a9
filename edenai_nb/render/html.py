"""Markdown to HTML that is safe to show.

Two walls: the parser writes no markup of the reply's own but `details`, `summary`, `br`, `sub`, `sup`, `kbd`, and
nh3 drops whatever is not listed here. Only http, https and mailto addresses become links; a remote image becomes a
link with its alt text, since loading it would tell its server whatever the reply put into the address.
"""

from __future__ import annotations

import re
import threading
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import nh3
from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from markdown_it.token import Token

from .code import highlight
from .defang import RASTER, defang
from .gfm import GfmExtension, TokenParser
from .math import for_mathjax, to_mathml
from .tree import MATH_CLASS

__all__ = ["blocks", "defang", "document", "render", "to_html"]

SEPARATOR = "\ufdd0"  # between top-level blocks; a noncharacter that no text keeps (see gfm)
CUT, FROM = "data-cut", "data-from"  # set by `growing` while a long block is put together
SAVED_CLASSES = "edenai-markdown mathjax_ignore"  # the output around it has JupyterLab's, with their padding
ROOT_CLASSES = "jp-RenderedHTMLCommon jp-RenderedMarkdown edenai-markdown mathjax_ignore"

# What JupyterLab's sanitiser lets through. Its style sheet aligns every cell of an HTML output to the right.
CODE_LOOK = "border:1px solid #8884;border-radius:4px;margin:10px 0"
PRE_LOOK = "padding:8px"
CELL_LOOKS = {align: f"text-align:{align}" for align in ("left", "center", "right")}
_OWN_LOOKS = frozenset((CODE_LOOK, PRE_LOOK, *CELL_LOOKS.values()))
_HEADING = re.compile("h[1-6]")

_LINK = re.compile(r"(?:https?://|mailto:|#edenai-fn)", re.IGNORECASE)
_LANGUAGE = re.compile(r"language-\{?\.?([\w+#-]+(?:\.[\w+#-]+)*)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MATHML = _words("""
    math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts
    mprescripts mtable mtr mtd mstyle mpadded mphantom menclose merror semantics
""")
_HTML = _words("""
    a blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr img kbd li ol p pre section span strong
    sub summary sup table tbody td th thead tr ul
""")
_MATHML_ATTRIBUTES = _words("""
    display displaystyle scriptlevel mathvariant stretchy fence form separator lspace rspace minsize maxsize
    symmetric largeop movablelimits accent accentunder linethickness width height depth voffset notation columnalign
    rowspan columnspan columnlines rowlines frame class style
""")


def to_html(text: str, reasoning: str = "", *, durable: bool = False) -> str:
    """Safe HTML for `text`; `reasoning` goes into a folded block before it, `<think>` blocks in it are folded, too.

    `durable` writes formulas as TeX for JupyterLab's own MathJax, which survives in a reopened, untrusted notebook;
    otherwise they are MathML.
    """
    return "\n".join(blocks(text, reasoning, durable=durable))


def document(text: str, reasoning: str = "") -> str:
    """The durable HTML of a reply with its root element, for a `text/html` output."""
    return rooted(to_html(text, reasoning, durable=True))


def rooted(html: str) -> str:
    """Durable HTML in the root element that it needs.

    What it takes to look right stands in the elements themselves: JupyterLab drops `<style>` from untrusted notebooks.
    JupyterLab and nbconvert bring the colours of code, for what lies in an element of the class `highlight`.
    """
    return f'<div class="{SAVED_CLASSES}">{html}</div>'


def blocks(text: str, reasoning: str = "", *, durable: bool = False) -> list[str]:
    """The top-level blocks of `to_html`, one root element each."""
    found = render(text, durable=durable)
    if reasoning.strip():
        found.insert(0, thinking(render(reasoning, durable=durable)))
    return found


def thinking(inside: list[str]) -> str:
    """The folded block that holds the reasoning."""
    return f'<details class="edenai-thinking"><summary>Thinking</summary>{"".join(inside)}</details>'


def render(text: str, tokens: list[Token] | None = None, *, durable: bool = False) -> list[str]:
    """Safe HTML for each top-level block of `text`, or of its `tokens` where they are known."""
    if not text.strip():
        return []
    markdown = _pipeline.markdown
    markdown.reset()
    markdown.parser.tokens = tokens
    markdown.durable = durable
    html = clean(markdown.convert(text))
    return [block.strip("\n") for block in html.split(SEPARATOR) if block.strip("\n")]


def clean(html: str) -> str:
    """The second wall: `html` without anything that is not listed."""
    return _CLEANER.clean(html)


def parse(text: str, env: dict[str, Any]) -> list[Token]:
    """markdown-it's tokens; `env` collects definitions and brings those known from text before."""
    parser: TokenParser = _pipeline.markdown.parser
    return parser.engine.parse(text, env)


class _Markdown(Markdown):
    parser: TokenParser
    durable = False


class _Pipeline(threading.local):
    """One Python-Markdown a thread: it keeps state while it converts."""

    def __init__(self) -> None:
        self.markdown = _Markdown(extensions=[GfmExtension(), SafeHtmlExtension()])


class SafeHtmlExtension(Extension):
    """Formulas, colours, the link policy, and marks between the blocks."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Math(md), "edenai_math", 12)
        md.treeprocessors.register(_Code(md), "edenai_code", 11)
        md.treeprocessors.register(_Headings(md), "edenai_headings", 10)
        md.treeprocessors.register(_Cells(md), "edenai_cells", 9)
        md.treeprocessors.register(_Links(md), "edenai_links", -10)
        md.treeprocessors.register(_Separate(md), "edenai_separate", -100)


class _Math(Treeprocessor):
    def run(self, root: ET.Element) -> None:
        for span in root.iter("span"):
            if span.get("class") == MATH_CLASS:
                self.typeset(span, (span.text or "").replace("&amp;", "&"))

    def typeset(self, span: ET.Element, source: str) -> None:
        """As MathML, or as TeX for MathJax; `data-tex` says what is to be copied. Source where neither is safe."""
        opener, closer, display = source[:2], source[-2:], source.startswith("\\[")
        tex = for_mathjax(source[2:-2], display)
        if not tex:
            span.tag, span.text = "code", AtomicString(source.replace("&", "&amp;"))
            return
        mathml = "" if getattr(self.md, "durable", False) else to_mathml(tex, display)
        written = f"{opener}{tex}{closer}".replace("&", "&amp;")
        span.set("data-tex", written)
        if mathml:
            span.text = AtomicString(self.md.htmlStash.store(mathml))
        else:
            span.set("class", f"{MATH_CLASS} mathjax_process")
            span.text = AtomicString(written)


class _Code(Treeprocessor):
    def run(self, root: ET.Element) -> None:
        for pre in list(root.iter("pre")):
            if len(pre) == 1 and pre[0].tag == "code":
                self.frame(pre, pre[0])

    def frame(self, pre: ET.Element, code: ET.Element) -> None:
        """The `pre` becomes a `div` around a new one: the place for a language label and buttons."""
        language = language_of(code.get("class", ""))
        html = highlight((code.text or "").replace("&amp;", "&"), language)
        code.text = AtomicString(self.md.htmlStash.store(html))
        pre.remove(code)
        pre.tag = "div"
        pre.attrib.clear()
        pre.attrib.update({"class": "edenai-code highlight", "data-language": language})
        inner = ET.SubElement(pre, "pre")
        inner.append(code)
        if getattr(self.md, "durable", False):
            pre.set("style", CODE_LOOK)
            inner.set("style", PRE_LOOK)


def language_of(css_class: str) -> str:
    """The language in `language-python`, also where a model wrote `{python}` or `python:main.py`; "" if none."""
    found = _LANGUAGE.match(css_class)
    return found[1] if found else ""


class _Headings(Treeprocessor):
    """Two levels down, as they stand below the notebook's own, and out of JupyterLab's table of contents."""

    def run(self, root: ET.Element) -> None:
        for element in root.iter():
            if _HEADING.fullmatch(element.tag):
                element.tag = f"h{min(6, int(element.tag[1]) + 2)}"
                element.set("class", "jp-toc-ignore")


class _Cells(Treeprocessor):
    def run(self, root: ET.Element) -> None:
        if getattr(self.md, "durable", False):
            for cell in (cell for row in root.iter("tr") for cell in row):
                cell.set("style", CELL_LOOKS[cell.attrib.pop("align", "left")])


class _Links(Treeprocessor):
    def run(self, root: ET.Element) -> None:
        for link in root.iter("a"):
            for image in list(link.iter("img")):
                self.to_text(image)
            self.check(link)
        for image in list(root.iter("img")):
            if not RASTER.match(image.get("src", "")):
                self.to_link(image)

    def check(self, link: ET.Element) -> None:
        href = link.get("href", "")
        if not _LINK.match(unescape(href)):
            link.tag = "span"
            link.attrib.clear()
        elif not href.startswith("#"):
            link.set("target", "_blank")

    def to_text(self, image: ET.Element) -> None:
        image.tag, image.text = "span", AtomicString(image.get("alt") or "image")
        image.attrib.clear()

    def to_link(self, image: ET.Element) -> None:
        href, title = image.get("src", ""), image.get("title")
        self.to_text(image)
        image.tag = "a"
        image.attrib.update({"href": href, "class": "edenai-image"} | ({"title": title} if title else {}))
        self.check(image)


class _Separate(Treeprocessor):
    def run(self, root: ET.Element) -> None:
        for block in root:
            block.tail = SEPARATOR


def _allowed(tag: str, name: str, value: str) -> str | None:
    """The second wall's word on one attribute."""
    if tag == "a" and name == "href":
        return value if _LINK.match(value) else None
    if tag == "img" and name == "src":
        return value if RASTER.match(value) else None
    if name == "style" and tag not in _MATHML:
        return value if value in _OWN_LOOKS else None
    if name == "id" and not value.startswith("edenai-"):
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=set(_HTML | _MATHML),
    clean_content_tags={"script", "style"},
    attributes={
        "*": {"class", CUT, FROM},
        "a": {"href", "title", "id"},
        "div": {"data-language", "style"},
        "img": {"src", "alt", "title"},
        "li": {"id"},
        "ol": {"start"},
        "pre": {"style"},
        "span": {"data-tex"},
        "td": {"align", "style"},
        "th": {"align", "style"},
        **{tag: set(_MATHML_ATTRIBUTES) for tag in _MATHML},
    },
    tag_attribute_values={"a": {"target": {"_blank"}}},
    attribute_filter=_allowed,
    filter_style_properties={
        *("width", "text-align", "justify-items", "padding-left", "padding-right", "color"),
        *("border", "border-radius", "margin", "padding"),
    },
    url_schemes={"http", "https", "mailto", "data"},  # data: `_allowed` keeps it to raster images
    link_rel="noopener noreferrer nofollow",
)

_pipeline = _Pipeline()
