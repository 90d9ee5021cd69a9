"""A Python-Markdown extension that reads the markdown that models write.

`markdown.Markdown(extensions=["edenai_nb.render.gfm"])` keeps the stages of Python-Markdown, but its parser is
markdown-it: CommonMark 0.31 with GitHub's tables, task lists, strikethrough and bare URLs, footnotes, TeX, and a few
HTML tags. All other HTML is text. Preprocessors, inline patterns, tree processors and postprocessors of other
extensions run as ever; block processors do not, since markdown-it stands in their place.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import InlineProcessor
from markdown.util import AtomicString, Registry
from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_block import StateBlock, blockquote, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from .mend import GROWING, MAX_HIDDEN, mend_last

MAX_DEPTH = 60  # nested blocks or spans beyond this are shown flat: each level costs a few Python frames
MAX_QUOTES = 8
_MAX_LINK_WORK = 40_000_000  # characters looked at, about 0.3 s
_MAX_LOCAL_PART = 100  # characters of a bare mail address before its @
_MANY_BRACKETS = "[" * 20
MAX_FOLDED = 4  # levels
MAX_COLUMNS = 300
MATH_CLASS = "edenai-math"

_FOLDED = re.compile(r"<(details|think|thinking)(?:\s+open(?:=(?:\"\"|''|\"open\"))?)?\s*>", re.IGNORECASE)
_SUMMARY = re.compile(r"\s*<summary>(.*?)(?:</summary>|\n\n|\Z)", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
_INLINE_TAG = re.compile(r"<(?:br\s*/?|/?(?:sub|sup|kbd)\s*)>", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\](?=[ \t\n]|$)[ \t]*")
_UNSAFE_CHARACTERS = re.compile("[\x02\x03\ufdd0-\ufdef]")  # what Python-Markdown and `html` use as their own marks
_AMOUNT = re.compile(r"\d[\d.,]*[^\\^_={}+<>*/]*\s")
_DOLLAR_CLOSER = re.compile(r"(?<!\s)(?<!(?<!\\)\\)\$(?!\$)(?!\d)(?!(?!(?:th|st|nd|rd|s)\b)[A-Za-z_])")
_MAX_INLINE_TEX = 2000
ENVIRONMENT = re.compile(
    r"\\begin\{((?:align(?:ed|at)?|equation|gather(?:ed)?|multline|eqnarray|cases|split|[pbBvV]?matrix|array)\*?)\}"
)


class GfmExtension(Extension):
    """`raw_html=True` lets raw HTML through: for measuring against the CommonMark examples only."""

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
    """Python-Markdown's door to an extension named as a module."""
    return GfmExtension(**options)


def clean_characters(text: str) -> str:
    """`text` with `\\n` as its only line end, and without the characters that the pipeline marks places with."""
    return _UNSAFE_CHARACTERS.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def commonmark(raw_html: bool = False) -> MarkdownIt:
    """The markdown-it parser behind the extension."""
    md = MarkdownIt("commonmark", {"html": raw_html, "maxNesting": MAX_DEPTH + 20, "strikethrough_single_tilde": True})
    md.enable(["table", "strikethrough"])
    gfm_autolink_plugin(md)
    footnote_plugin(md, inline=False, move_to_end=False)
    alternatives = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("blockquote", _blockquote, {"alt": alternatives})
    md.block.ruler.before("table", "too_deep", _too_deep, {"alt": []})
    md.block.ruler.after("code", "math_block", _math_block, {"alt": alternatives})
    md.inline.ruler.before("escape", "math", math_inline)
    md.inline.ruler.before("link", "open_bracket", _open_bracket)
    md.inline.ruler.before("text", "short_pending", _short_pending)
    if not raw_html:
        md.block.ruler.before("html_block", "folded", _folded, {"alt": alternatives})
        md.inline.ruler.before("html_inline", "tag", _inline_tag)
    md.core.ruler.before("inline", "mend", mend_last)
    md.core.ruler.before("inline", "known_notes", _known_notes)
    md.core.ruler.after("inline", "pair_tags", _pair_tags)
    md.core.ruler.after("pair_tags", "tasks", _tasks)
    return md


class TokenParser(BlockParser):
    """Builds Python-Markdown's element tree from markdown-it's tokens."""

    def __init__(self, md: Markdown, engine: MarkdownIt) -> None:
        super().__init__(md)
        self.engine = engine
        self.tokens: list[Token] | None = None  # shown instead of what the text holds, once

    def parseDocument(self, lines: Any) -> ET.ElementTree:
        tokens, self.tokens = self.tokens, None
        if tokens is None:
            env: dict[str, Any] = {}
            tokens = footnotes_at_end(self.engine.parse("\n".join(lines), env), env)
        self.root = ET.Element(self.md.doc_tag)
        _Builder(self.root, self.md).build(tokens)
        return ET.ElementTree(self.root)


def footnotes_at_end(tokens: list[Token], env: MutableMapping[str, Any]) -> list[Token]:
    """The tokens without footnote definitions, followed by one section with those that are referred to."""
    body, notes = take_footnotes(tokens)
    return body + footnote_section(notes, env)


def take_footnotes(tokens: list[Token]) -> tuple[list[Token], dict[str, list[Token]]]:
    """The tokens without footnote definitions, and the definitions by label. The first of a label counts."""
    body: list[Token] = []
    notes: dict[str, list[Token]] = {}
    into, depth, label = body, 0, ""
    for token in tokens:
        if token.type == "footnote_reference_open":
            if depth == 0:
                into, label = [], token.meta["label"]
            depth += 1
        elif token.type == "footnote_reference_close":
            depth -= 1
            if depth == 0:
                notes.setdefault(label, into)
                into = body
        else:
            into.append(token)
    return body, notes


def footnote_section(notes: MutableMapping[str, list[Token]], env: MutableMapping[str, Any]) -> list[Token]:
    """The section at the end of a page, in the order of the first references."""
    numbered = env.get("footnotes", {}).get("list", {})
    labels = [(number, note["label"]) for number, note in sorted(numbered.items()) if note["label"] in notes]
    if not labels:
        return []
    tokens = [_token("section_open", "section", 1, {"class": "footnotes"}), _token("list_open", "ol", 1)]
    for number, label in labels:
        tokens.append(_token("footnote_open", "li", 1, {"id": f"edenai-fn-{number + 1}"}))
        back = _token("footnote_anchor", "", 0)
        back.meta = {"id": number}
        tokens += [*notes[label], back, _token("footnote_close", "li", -1)]
    return [*tokens, _token("list_close", "ol", -1), _token("section_close", "section", -1)]


def _token(kind: str, tag: str, nesting: Any, attrs: dict[str, str | int | float] | None = None) -> Token:
    return Token(kind, tag, nesting, attrs=attrs or {}, block=True)


class _CleanCharacters(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return clean_characters("\n".join(lines)).split("\n")


class _AddedPatterns(InlineProcessor):
    """Inline patterns of other extensions; ours are all in the parser."""

    def run(self, tree: ET.Element, ancestors: list[str] | None = None) -> ET.Element:
        return super().run(tree, ancestors) if len(self.md.inlinePatterns) else tree


class _Builder:
    """Elements from tokens, without recursion."""

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
        for token in tokens:
            maker = self.makers.get(token.type)
            if maker:
                maker(token)
            elif token.hidden:
                continue
            elif token.nesting == 1:
                # Past the limit the element is left out and its content stays.
                deep = len(self.path) > 2 * MAX_DEPTH
                self.path.append(self.path[-1] if deep else self.element(token.tag, **_attributes(token)))
            elif token.nesting == -1:
                self.path.pop()
            else:
                self.element(token.tag)

    def element(self, tag: str, **attributes: str) -> ET.Element:
        return ET.SubElement(self.path[-1], "del" if tag == "s" else tag, attributes)

    def text(self, text: str) -> None:
        parent = self.path[-1]
        # The serializer leaves what looks like an entity alone: `&` must be escaped here.
        text = text.replace("&", "&amp;")
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text

    def code(self, parent: ET.Element, token: Token) -> ET.Element:
        code = ET.SubElement(parent, "code")
        code.text = AtomicString(token.content.replace("&", "&amp;"))
        return code

    def code_inline(self, token: Token) -> None:
        self.code(self.path[-1], token)

    def fence(self, token: Token) -> None:
        code = self.code(self.element("pre"), token)
        info = unescapeAll(token.info).split()
        if info:
            code.set("class", f"language-{info[0]}".replace("&", "&amp;"))

    def image(self, token: Token) -> None:
        alt = "".join(_plain_text(token.children or []))
        self.element("img", **_attributes(token) | {"alt": alt.replace("&", "&amp;")})

    def math(self, token: Token) -> None:
        left, right = (r"\[", r"\]") if token.info else (r"\(", r"\)")
        span = self.element("span", **{"class": MATH_CLASS})
        span.text = AtomicString(f"{left}{token.content}{right}".replace("&", "&amp;"))

    def raw(self, token: Token) -> None:
        self.text(self.md.htmlStash.store(token.content))

    def footnote_ref(self, token: Token) -> None:
        number, again = token.meta["id"] + 1, token.meta["subId"]
        mark = ET.SubElement(self.element("sup", **{"class": "footnote-ref"}), "a", {"href": f"#edenai-fn-{number}"})
        mark.text = AtomicString(str(number))
        if not again:
            mark.set("id", f"edenai-fnref-{number}")

    def footnote_anchor(self, token: Token) -> None:
        note = self.path[-1]
        at = note[-1] if len(note) and note[-1].tag == "p" else note
        back = {"href": f"#edenai-fnref-{token.meta['id'] + 1}", "class": "footnote-backref"}
        ET.SubElement(at, "a", back).text = AtomicString("↩")


def _attributes(token: Token) -> dict[str, str]:
    attributes = {name: str(value).replace("&", "&amp;") for name, value in token.attrs.items()}
    alignment = attributes.pop("style", "")
    if alignment.startswith("text-align:"):  # `align` is what GitHub writes, and it outlives sanitisers
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


# --- block rules ---


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """What is nested beyond the limit becomes one paragraph: markdown-it alone would drop it."""
    if silent or state.level + state.env.get("outer_level", 0) < MAX_DEPTH:
        return False
    state.line = start + 1
    while state.line < end and state.sCount[state.line] >= state.blkIndent and not state.isEmpty(state.line):
        state.line += 1
    opening = state.push("paragraph_open", "p", 1)
    opening.map = [start, state.line]
    text = state.push("inline", "", 0)
    content = state.getLines(start, state.line, state.blkIndent, False).strip()
    text.content, text.map, text.children = "", [start, state.line], [Token("text", "", 0, content=content)]
    state.push("paragraph_close", "p", -1)
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, unless it has more columns than anybody can read: thousands take seconds to lay out."""
    wide = state.src.count("|", state.bMarks[start], state.eMarks[start]) > MAX_COLUMNS
    return not wide and table(state, start, end, silent)


def _blockquote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A quote, unless it is nested too deep: each level looks at all the lines after it."""
    levels = vars(state)
    if levels.get("quotes", 0) >= MAX_QUOTES:
        return False
    levels["quotes"] = levels.get("quotes", 0) + 1
    try:
        return blockquote(state, start, end, silent)
    finally:
        levels["quotes"] -= 1


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _is_indented_code(state: StateBlock, number: int) -> bool:
    return state.sCount[number] - state.blkIndent >= 4


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`$$ … $$`, `\\[ … \\]`, `\\begin{align} … \\end{align}`, each beginning on a line of its own."""
    first = _line(state, start)
    if first[:1] not in ("$", "\\") or _is_indented_code(state, start):
        return False
    opener, closer = _math_marks(first)
    if not opener:
        return False
    last = _closing_line(state, start, end, first[len(opener) :], closer)
    if last is None:
        return False
    if silent:
        return True
    open_end = last == end
    source = state.getLines(start, end if open_end else last + 1, state.blkIndent, False).strip()
    wrapped = not opener.startswith("\\begin")
    tex = source[len(opener) : len(source) if open_end else source.rindex(closer)].strip() if wrapped else source
    state.line = end if open_end else last + 1
    state.push("paragraph_open", "p", 1).map = [start, state.line]
    if not open_end:
        token = state.push("math", "", 0)
        token.content, token.info = tex, "display"
    elif len(tex) > MAX_HIDDEN:
        state.push("code_inline", "code", 0).content = tex
    state.push("paragraph_close", "p", -1)
    return True


def _math_marks(line: str) -> tuple[str, str]:
    if line.startswith("$$"):
        return "$$", "$$"
    if line.startswith("\\["):
        return "\\[", "\\]"
    begin = ENVIRONMENT.match(line)
    return (begin[0], f"\\end{{{begin[1]}}}") if begin else ("", "")


def _closing_line(state: StateBlock, start: int, end: int, rest: str, closer: str) -> int | None:
    """The first line that ends with `closer`; `end` or later where more text may bring it; None if there is none.

    A blank line ends the search, as in TeX. A failed search is remembered, so that all of them together are linear.
    """
    if closer in rest:
        return start if rest.rstrip().endswith(closer) and rest.count(closer) == 1 else None
    dead = vars(state).setdefault("math_without_end", {})
    if start < dead.get(closer, 0):
        return None
    for number in range(start + 1, end):
        if state.sCount[number] < state.blkIndent or state.isEmpty(number):
            dead[closer] = number
            return None
        line = _line(state, number)
        if closer in line:
            return number if line.rstrip().endswith(closer) else None
    dead[closer] = end
    return end if state.env.get(GROWING) and end == state.lineMax else None


def _folded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`<details>` and `<think>`: containers whose inside is markdown."""
    opening = _FOLDED.match(_line(state, start))
    if not opening or _is_indented_code(state, start) or state.env.get("outer_level", 0) >= MAX_FOLDED:
        return False
    tag = opening[1].lower()
    last, closed = _closing_tag_line(state, start, end, tag)
    if not closed and tag != "details" and not state.env.get(GROWING):
        return False
    if silent:
        return True
    source = state.getLines(start, last, state.blkIndent, False)
    inside, rest = source[opening.end() + source.index("<") :], ""
    if closed:
        cut = inside.lower().rindex(f"</{tag}")
        inside, rest = inside[:cut], inside[inside.index(">", cut) + 1 :]
    state.line = last
    _push_folded(state, tag, inside, [start, last])
    _parse_inside(state, rest, last - 1)
    return True


def _closing_tag_line(state: StateBlock, start: int, end: int, tag: str) -> tuple[int, bool]:
    """The line after the one with the closing tag, and whether there is one. Tags in fences do not count."""
    tags = re.compile(rf"<(/?){tag}\b[^>]*>", re.IGNORECASE)
    dead = vars(state).setdefault("folded_without_end", {})
    if tag != "details" and start >= dead.get((tag, end), end):
        return start, False
    depth, fence = 0, ""
    for number in range(start, end):
        if number > start and state.sCount[number] < state.blkIndent and not state.isEmpty(number):
            return number, False
        line = _line(state, number)
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[0]
        elif mark and line.startswith(fence) and not line.strip(fence[0]).strip():
            fence = ""
        elif not fence:
            depth += sum(-1 if found[1] else 1 for found in tags.finditer(line))
            if depth <= 0:
                return number + 1, True
    dead[tag, end] = start
    return end, False


def _push_folded(state: StateBlock, tag: str, inside: str, lines: list[int]) -> None:
    opening = state.push("details_open", "details", 1)
    opening.map = lines
    summary = _SUMMARY.match(inside) if tag == "details" else None
    title = summary[1].strip() if summary else "Details" if tag == "details" else "Thinking"
    if tag != "details":
        opening.attrSet("class", "edenai-thinking")
    if summary or tag != "details":
        state.push("summary_open", "summary", 1)
        text = state.push("inline", "", 0)
        text.content, text.map, text.children = title, lines, []
        state.push("summary_close", "summary", -1)
    _parse_inside(state, inside[summary.end() :] if summary else inside, lines[0])
    state.push("details_close", "details", -1)


def _parse_inside(state: StateBlock, source: str, line: int) -> None:
    if not source.strip():
        return
    before, first = state.env.get("outer_level", 0), len(state.tokens)
    state.env["outer_level"] = before + state.level + 1
    state.md.block.parse(source, state.md, state.env, state.tokens)
    state.env["outer_level"] = before
    for token in state.tokens[first:]:
        token.level += state.level
        token.map = token.map and [line, state.line]


# --- inline rules ---


def math_inline(state: StateInline, silent: bool) -> bool:
    r"""`$…$`, `$$…$$`, `\(…\)`, `\[…\]` inside a paragraph."""
    pair = state.src[state.pos : state.pos + 2]
    if pair[:1] == "$" and pair != "$$":
        end, width = _dollar_end(state), 1
    elif pair in ("$$", "\\(", "\\["):
        end, width = _pair_end(state, {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}[pair]), 2
    else:
        return False
    tex = state.src[state.pos + width : end]
    if end < 0 or not tex.strip():
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content, token.info = tex.strip(), "display" if pair in ("$$", "\\[") else ""
    state.pos = end + width
    return True


def _pair_end(state: StateInline, closer: str) -> int:
    if _last(state, closer) <= state.pos + 1:
        return -1
    end = state.src.find(closer, state.pos + 2, state.posMax)
    link_text = closer == "\\]" and state.src[end + 2 : end + 3] in ("(", "[", ":")
    return -1 if link_text else end


def _last(state: StateInline, text: str) -> int:
    """Where `text` occurs last, looked for once."""
    cache = vars(state)
    if text not in cache:
        cache[text] = state.src.rfind(text)
    return int(cache[text])


def _open_bracket(state: StateInline, silent: bool) -> bool:
    """A `[` that cannot begin a link, or one of far too many, is text: the link rule would look for its end again."""
    if state.src[state.pos] not in "[!":
        return False
    cache = vars(state)
    cache["link_work"] = cache.get("link_work", 0) + state.posMax - state.pos
    hopeless = _last(state, "]") <= state.pos or state.src.startswith(_MANY_BRACKETS, state.pos)
    if not hopeless and cache["link_work"] < _MAX_LINK_WORK:
        return False
    if not silent:
        state.pending += state.src[state.pos]
    state.pos += 1
    return True


def _short_pending(state: StateInline, silent: bool) -> bool:
    """Never matches. The autolink rules search all of the pending text at each `:` and `@`; this keeps it short."""
    if not silent and state.src[state.pos] in ":@" and len(state.pending) > 10 * _MAX_LOCAL_PART:
        text = state.pending
        state.pending = text[:-_MAX_LOCAL_PART]
        state.pushPending()
        state.pending = text[-_MAX_LOCAL_PART:]
    return False


def _dollar_end(state: StateInline) -> int:
    """Where a formula that begins here would end, or -1: an amount of money, or no end at all."""
    start = state.pos + 1
    if state.src[start : start + 1].isspace() or state.src[max(start - 2, 0) : start - 1].isalnum():
        return -1
    cache = vars(state)
    if "dollar_closers" not in cache:
        cache["dollar_closers"] = [found.start() for found in _DOLLAR_CLOSER.finditer(state.src)]
    closers: list[int] = cache["dollar_closers"]
    at = bisect_left(closers, start + 1)
    if at == len(closers) or closers[at] >= min(state.posMax, start + _MAX_INLINE_TEX):
        return -1
    tex = state.src[start : closers[at]]
    return -1 if "`" in tex or (_AMOUNT.fullmatch(tex + " ") and " " in tex) else closers[at]


def _inline_tag(state: StateInline, silent: bool) -> bool:
    found = _INLINE_TAG.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        name = found[0].strip("</> \t\n").lower()
        if name == "br":
            state.push("hardbreak", "br", 0)
        else:
            token = state.push("tag_close" if found[0][1] == "/" else "tag_open", name, 0)
            token.content = found[0]
    state.pos = found.end()
    return True


def _known_notes(state: StateCore) -> None:
    """A definition that is read again keeps the number that its first reference gave it."""
    notes = state.env.get("footnotes", {})
    for number, note in notes.get("list", {}).items():
        notes["refs"][":" + note["label"]] = number


def _pair_tags(state: StateCore) -> None:
    """`<sub>`, `<sup>`, `<kbd>` become elements where both ends lie in the same span, and text elsewhere."""
    for token in state.tokens:
        children = token.children or []
        if any(child.type == "tag_open" for child in children):
            _pair(children)
        for child in children:
            if child.type in ("tag_open", "tag_close") and not child.nesting:
                child.type = "text"


def _pair(children: list[Token]) -> None:
    path: list[Token] = []
    for child in children:
        if child.type == "tag_open" or child.nesting == 1:
            path.append(child)
        elif child.type == "tag_close":
            if path and path[-1].type == "tag_open" and path[-1].tag == child.tag:
                path.pop().nesting, child.nesting = 1, -1
        elif child.nesting == -1:
            while path and path.pop().type == "tag_open":
                pass


def _tasks(state: StateCore) -> None:
    """`[ ]` and `[x]` at the start of a list item, drawn as text: an `<input>` could be a form field of a page."""
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if item.type != "list_item_open" or paragraph.type != "paragraph_open" or not inline.children:
            continue
        first = inline.children[0]
        box = _TASK.match(first.content) if first.type == "text" else None
        if box:
            item.attrJoin("class", "task-list-item")
            first.content = ("☐ " if box[1] == " " else "☑ ") + first.content[box.end() :]
