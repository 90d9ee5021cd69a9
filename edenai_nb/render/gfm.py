"""A Python-Markdown extension for the markdown that models write.

`markdown.Markdown(extensions=["edenai_nb.render.gfm"])` keeps the stages of Python-Markdown, but its parser is
markdown-it: CommonMark 0.31 with GitHub's tables, task lists, strikethrough and bare URLs, footnotes, alerts, TeX, and
a few HTML tags. All other HTML is text. Preprocessors, inline patterns, tree processors and postprocessors of other
extensions still run; block processors do not, since markdown-it replaces them.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import InlineProcessor
from markdown.util import Registry
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from .alerts import alerts
from .autolink import autolink_plugin
from .close_open import mend_last
from .details import end_of_thinking, folded
from .footnotes import footnotes_at_end, known_notes
from .formula import math_block, math_inline
from .limits import MAX_DEPTH, narrow_table, open_bracket, shallow_quote, too_deep
from .tags import inline_tag, pair_tags
from .tree import Builder

_TASK = re.compile(r"\[([ xX])\](?=[ \t\n]|$)[ \t]*")
_UNSAFE_CHARACTERS = re.compile("[\x02\x03\ufdd0-\ufdef]")  # Python-Markdown and this package use them as marks


class GfmExtension(Extension):
    """The extension. `raw_html=True` passes raw HTML on: only for tests against the CommonMark examples."""

    def __init__(self, raw_html: bool = False) -> None:
        super().__init__()
        self.raw_html = raw_html

    def extendMarkdown(self, md: Markdown) -> None:
        md.parser = TokenParser(md, commonmark(self.raw_html))
        for name in ("normalize_whitespace", "html_block"):
            md.preprocessors.deregister(name)
        md.preprocessors.register(_CleanCharacters(md), "clean_characters", 30)
        md.inlinePatterns = Registry()
        for name in ("inline", "prettify", "unescape"):
            md.treeprocessors.deregister(name)
        md.treeprocessors.register(_AddedPatterns(md), "inline", 20)


def makeExtension(**options: Any) -> GfmExtension:
    """The entry point that Python-Markdown calls for an extension given as a module name."""
    return GfmExtension(**options)


def clean_characters(text: str) -> str:
    """`text` with `\\n` as its only line end, and without the characters that the pipeline uses as marks."""
    return _UNSAFE_CHARACTERS.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def commonmark(raw_html: bool = False) -> MarkdownIt:
    """The markdown-it parser behind the extension."""
    md = MarkdownIt("commonmark", {"html": raw_html, "maxNesting": MAX_DEPTH + 20, "strikethrough_single_tilde": True})
    md.enable(["table", "strikethrough"])
    md.normalizeLinkText = str  # type: ignore[assignment, method-assign]  # show an address as it was written
    autolink_plugin(md)
    footnote_plugin(md, inline=False, move_to_end=False)
    alternatives = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.at("table", narrow_table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("blockquote", shallow_quote, {"alt": alternatives})
    md.block.ruler.before("table", "too_deep", too_deep, {"alt": []})
    md.block.ruler.after("code", "math_block", math_block, {"alt": alternatives})
    md.inline.ruler.before("escape", "math", math_inline)
    md.inline.ruler.before("link", "open_bracket", open_bracket)
    if not raw_html:
        md.block.ruler.before("html_block", "folded", folded, {"alt": alternatives})
        md.block.ruler.before("folded", "end_of_thinking", end_of_thinking, {"alt": alternatives})
        md.inline.ruler.before("html_inline", "tag", inline_tag)
    md.core.ruler.before("inline", "alerts", alerts)
    md.core.ruler.before("inline", "mend", mend_last)
    md.core.ruler.before("inline", "known_notes", known_notes)
    md.core.ruler.after("inline", "pair_tags", pair_tags)
    md.core.ruler.after("pair_tags", "tasks", task_boxes)
    return md


class TokenParser(BlockParser):
    """Builds Python-Markdown's element tree from markdown-it's tokens."""

    def __init__(self, md: Markdown, engine: MarkdownIt) -> None:
        super().__init__(md)
        self.engine = engine
        self.tokens: list[Token] | None = None  # if set, used once instead of parsing the text

    def parseDocument(self, lines: Any) -> ET.ElementTree:
        tokens, self.tokens = self.tokens, None
        if tokens is None:
            env: dict[str, Any] = {}
            tokens = footnotes_at_end(self.engine.parse("\n".join(lines), env), env)
        self.root = ET.Element(self.md.doc_tag)
        Builder(self.root, self.md).build(tokens)
        return ET.ElementTree(self.root)


class _CleanCharacters(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return clean_characters("\n".join(lines)).split("\n")


class _AddedPatterns(InlineProcessor):
    """The inline patterns that other extensions add; Python-Markdown's own are replaced by the parser."""

    def run(self, tree: ET.Element, ancestors: list[str] | None = None) -> ET.Element:
        return super().run(tree, ancestors) if len(self.md.inlinePatterns) else tree


def task_boxes(state: StateCore) -> None:
    """A core rule: `[ ]` and `[x]` at the start of a list item as text, since an `<input>` could be part of a form."""
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if item.type != "list_item_open" or paragraph.type != "paragraph_open" or not inline.children:
            continue
        first = inline.children[0]
        box = _TASK.match(first.content) if first.type == "text" else None
        if box:
            item.attrJoin("class", "task-list-item")
            first.content = ("☐ " if box[1] == " " else "☑ ") + first.content[box.end() :]
