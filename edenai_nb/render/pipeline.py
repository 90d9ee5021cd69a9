"""Python-Markdown set up to turn markdown-it's tokens into safe HTML."""

from __future__ import annotations

import re
import threading
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from markdown_it.token import Token

from .code import highlight
from .gfm import GfmExtension, TokenParser
from .link_policy import is_link, is_picture
from .math import for_mathjax, to_mathml
from .sanitizer import CELL_LOOKS, CODE_LOOK, PRE_LOOK, clean
from .tree import MATH_CLASS

SEPARATOR = "\ufdd0"  # between top-level blocks; a noncharacter, which gfm.clean_characters removes from texts
_HEADING = re.compile("h[1-6]")
_LANGUAGE = re.compile(r"language-\{?\.?([\w+#-]+(?:\.[\w+#-]+)*)")


def render(text: str, *, durable: bool = False) -> list[str]:
    """Safe HTML for each top-level block of `text`; `durable` as in `html.to_html`."""
    return _convert(text, None, durable) if text.strip() else []


def render_tokens(tokens: list[Token]) -> list[str]:
    """Safe HTML for each top-level block of these tokens."""
    # Python-Markdown returns an empty text at once, so a dummy text goes with the tokens.
    return _convert("-", tokens, False) if tokens else []


def _convert(text: str, tokens: list[Token] | None, durable: bool) -> list[str]:
    markdown = _pipeline.markdown
    markdown.reset()
    markdown.parser.tokens = tokens
    markdown.durable = durable
    html = clean(markdown.convert(text))
    return [block.strip("\n") for block in html.split(SEPARATOR) if block.strip("\n")]


def parse(text: str, env: dict[str, Any]) -> list[Token]:
    """markdown-it's tokens; `env` holds the definitions of earlier text, and new ones are added to it."""
    parser: TokenParser = _pipeline.markdown.parser
    return parser.engine.parse(text, env)


class _Markdown(Markdown):
    parser: TokenParser
    durable = False


class _Pipeline(threading.local):
    """One Python-Markdown instance per thread: it keeps state while it converts."""

    def __init__(self) -> None:
        self.markdown = _Markdown(extensions=[GfmExtension(), SafeHtmlExtension()])


class SafeHtmlExtension(Extension):
    """Adds formulas, highlighting, the link policy, and marks between the blocks."""

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
        """Write a formula as MathML, or as TeX for MathJax, with its source in `data-tex`; as source if unsafe."""
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
        """Wrap the `pre` in a `div`, which has room for a language label and buttons."""
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
    """Moves headings two levels down, below the notebook's own, and keeps them out of its table of contents."""

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
            if not is_picture(image.get("src", "")):
                self.to_link(image)

    def check(self, link: ET.Element) -> None:
        href = link.get("href", "")
        if not is_link(unescape(href)):
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


_pipeline = _Pipeline()
