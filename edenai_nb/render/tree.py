"""Builds Python-Markdown's element tree from markdown-it's tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.util import AtomicString
from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from .limits import MAX_DEPTH

MATH_CLASS = "edenai-math"


class Builder:
    """Builds elements from tokens, without recursion."""

    def __init__(self, root: ET.Element, md: Markdown) -> None:
        self.path = [root]
        self.md = md
        self.makers: dict[str, Callable[[Token], None]] = {
            "inline": lambda token: self.build(token.children or []),
            "text": lambda token: self.text(token.content),
            "text_special": lambda token: self.text(token.content),
            "softbreak": lambda token: self.text("\n"),
            "code_inline": self.code_inline,
            "code_block": self.fence,
            "fence": self.fence,
            "image": self.image,
            "math": self.math,
            "html_inline": self.raw,
            "html_block": self.raw,
            "footnote_ref": self.footnote_ref,
            "footnote_anchor": self.footnote_anchor,
        }

    def build(self, tokens: list[Token]) -> None:
        """Add the elements of these tokens below the innermost open one."""
        for token in tokens:
            maker = self.makers.get(token.type)
            if maker:
                maker(token)
            elif token.hidden:
                continue
            elif token.nesting == 1:
                # Beyond the limit the element is left out and its content kept.
                deep = len(self.path) > 2 * MAX_DEPTH
                self.path.append(self.path[-1] if deep else self.element(token.tag, **_attributes(token)))
            elif token.nesting == -1:
                self.path.pop()
            else:
                self.element(token.tag)

    def element(self, tag: str, **attributes: str) -> ET.Element:
        """A new element below the innermost open one."""
        return ET.SubElement(self.path[-1], "del" if tag == "s" else tag, attributes)

    def text(self, text: str) -> None:
        """Add text at the current place."""
        parent = self.path[-1]
        # The serializer does not escape what looks like an entity: `&` must be escaped here.
        text = text.replace("&", "&amp;")
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text

    def code(self, parent: ET.Element, token: Token) -> ET.Element:
        """A `code` element whose content Python-Markdown does not process."""
        code = ET.SubElement(parent, "code")
        code.text = AtomicString(token.content.replace("&", "&amp;"))
        return code

    def code_inline(self, token: Token) -> None:
        """Add a code span."""
        self.code(self.path[-1], token)

    def fence(self, token: Token) -> None:
        """Add a code block, with its language as a class."""
        code = self.code(self.element("pre"), token)
        info = unescapeAll(token.info).split()
        if info:
            code.set("class", f"language-{info[0]}".replace("&", "&amp;"))

    def image(self, token: Token) -> None:
        """Add an image; its alt text is plain text."""
        alt = "".join(_plain_text(token.children or []))
        self.element("img", **_attributes(token) | {"alt": alt.replace("&", "&amp;")})

    def math(self, token: Token) -> None:
        """Add a formula between MathJax's delimiters."""
        left, right = (r"\[", r"\]") if token.info else (r"\(", r"\)")
        span = self.element("span", **{"class": MATH_CLASS})
        span.text = AtomicString(f"{left}{token.content}{right}".replace("&", "&amp;"))

    def raw(self, token: Token) -> None:
        """Add allowed raw HTML, which Python-Markdown inserts at the end."""
        self.text(self.md.htmlStash.store(token.content))

    def footnote_ref(self, token: Token) -> None:
        """Add the number that links to a footnote."""
        number, again = token.meta["id"] + 1, token.meta["subId"]
        mark = ET.SubElement(self.element("sup", **{"class": "footnote-ref"}), "a", {"href": f"#edenai-fn-{number}"})
        mark.text = AtomicString(str(number))
        if not again:
            mark.set("id", f"edenai-fnref-{number}")

    def footnote_anchor(self, token: Token) -> None:
        """Add the arrow that links from a footnote back to the text."""
        note = self.path[-1]
        at = note[-1] if len(note) and note[-1].tag == "p" else note
        self.path.append(at)
        self.text(" ")
        self.path.pop()
        back = {"href": f"#edenai-fnref-{token.meta['id'] + 1}", "class": "footnote-backref"}
        ET.SubElement(at, "a", back).text = AtomicString("↩")


def _attributes(token: Token) -> dict[str, str]:
    attributes = {name: str(value).replace("&", "&amp;") for name, value in token.attrs.items()}
    alignment = attributes.pop("style", "")
    if alignment.startswith("text-align:"):  # as `align`, like GitHub: sanitizers drop `style`
        attributes["align"] = alignment.removeprefix("text-align:")
    return attributes


def _plain_text(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type == "image":
            yield from _plain_text(token.children or [])
        else:
            yield token.content
