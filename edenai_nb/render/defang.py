"""Makes markdown safe to publish as text/markdown, in which front ends run raw HTML."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .formula import ENVIRONMENT, math_inline
from .gfm import clean_characters, commonmark
from .link_policy import is_picture
from .math import for_mathjax

_KEPT_TAG = re.compile(r"</?(?:details|summary|sub|sup|kbd)>|<br ?/?>")
_BLOCK_TAG_PLACE = re.compile(r" {0,3}(?:<|\Z)")  # before `details`: every parser begins an HTML block here
_INLINE_TAG_PLACE = re.compile(r".*[^\W\d_]")  # before `br`: no parser begins one here
_AUTOLINK = re.compile(r"<(?:https?://|mailto:)[^\s<>\"'`]*>", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SAFE_SCHEME = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_DESTINATION = re.compile(r"\](?:\(|:)[\s>]*<?\s*([^\s<>)]{0,300})")  # _MAX_ADDRESS
_DATA_IMAGE = re.compile(r"!\[[^\[\]`<]*\]\(data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+\)", re.IGNORECASE)
_LINKED_IMAGE = re.compile(r"\[!\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)(?=\])")
_MAX_ADDRESS = 300
_MARKUP = re.compile("[\"'<&]")  # JupyterLab puts a fence's language into an attribute unescaped
_ACTIVE = re.compile(r"<|!\[|\][(:\[]|\n")
_LINKING = re.compile(r"!\[|\][(:\[]|`")  # inside a formula, this would be markdown to a front end without TeX
_BANGS = re.compile("!+")
_RUN = re.compile("`+")
_INTERESTING = re.compile(r"[\\`$<!\[\]]")


def defang(text: str) -> str:
    r"""Markdown that looks the same and cannot run or fetch anything.

    Raw HTML outside code is escaped, except `details`, `summary`, `br`, `sub`, `sup`, `kbd` without attributes; remote
    images become links; links other than http, https and mailto become text; formulas get `$`, amounts of money `\$`.
    Escaping can change how later lines are parsed, so the result is parsed again until nothing active is left; if
    that does not succeed, the whole text becomes one code block.
    """
    text = clean_characters(text)
    for _ in range(3):
        text = "\n".join(_rewrite(text))
        if _is_inert(text):
            return text
    fence = "`" * (2 + max(map(len, _RUN.findall(text)), default=1))
    return f"{fence}\n{text}\n{fence}"


@cache
def _engine() -> MarkdownIt:
    engine = commonmark(raw_html=True)
    engine.validateLink = lambda url: True  # type: ignore[method-assign]  # accept every URL here: other parsers may link it
    return engine


def _rewrite(text: str) -> Iterator[str]:
    lines = text.split("\n")
    at = 0
    for first, end, kind in _regions(_engine().parse(text), lines):
        if first < at or first >= len(lines):
            continue
        if at < first:
            yield from _loose_lines(lines[at:first])
        source = "\n".join(lines[first:end])
        if kind == "fence":
            opening, newline, rest = source.partition("\n")
            yield _MARKUP.sub("", opening) + newline + rest
        else:
            yield _Prose(source, code_is_safe=kind == "inline").rewrite()
        at = end
    yield from _loose_lines(lines[at:])


def _regions(tokens: list[Token], lines: list[str]) -> list[tuple[int, int, str]]:
    """(first line, line after the last, kind) of fences, other leaf blocks, and lines that no code span crosses."""
    found = []
    for token in tokens:
        if not token.map:
            continue
        first, end = token.map
        end = min(end, len(lines))
        if token.type in ("fence", "code_block", "html_block"):
            found.append((first, end, token.type))
        elif token.type in ("paragraph_open", "heading_open"):
            found.append((first, end, "inline"))
        elif token.type == "tr_open":
            found.append((first, first + 1, "row"))
    return sorted(found)


def _loose_lines(lines: list[str]) -> Iterator[str]:
    """The lines outside of leaf blocks: blank lines, rules, definitions, a table's delimiter row."""
    if lines:
        yield _Prose("\n".join(lines), code_is_safe=False).rewrite()


class _Prose:
    """Rewrites the source of inline markdown from left to right."""

    def __init__(self, source: str, code_is_safe: bool) -> None:
        self.source = source
        self.code_is_safe = code_is_safe
        self.state = StateInline(source, _engine(), {}, [])
        self.at = 0
        self.runs: dict[int, list[int]] = {}  # length of a run of backticks -> where such runs begin
        for found in _RUN.finditer(source):
            self.runs.setdefault(len(found[0]), []).append(found.start())
        self.handlers: dict[str, Callable[[], str]] = {
            "\\": self.escape,
            "`": self.code,
            "$": self.dollar,
            "<": self.tag,
            "!": self.image,
            "[": self.bracket,
            "]": self.link,
        }

    def rewrite(self) -> str:
        parts = []
        while found := _INTERESTING.search(self.source, self.at):
            parts.append(self.source[self.at : found.start()])
            self.at = found.start()
            parts.append(self.handlers[found[0]]())
        return "".join(parts) + self.source[self.at :]

    def take(self, length: int) -> str:
        taken = self.source[self.at : self.at + length]
        self.at += length
        return taken

    def escape(self) -> str:
        if self.source.startswith(("\\(", "\\["), self.at):
            return self.math() or self.take(2)
        environment = ENVIRONMENT.match(self.source, self.at)
        if environment:
            closer = f"\\end{{{environment[1]}}}"
            end = self.source.find(closer, self.at)
            if end >= 0 and not _LINKING.search(self.source, self.at, end):
                source = self.take(end + len(closer) - self.at)
                tex = for_mathjax(source, True)
                return f"$$\n{_tex(tex)}\n$$" if tex else _escaped(source)
        escaped = self.take(2)
        return "&lt;" if escaped == "\\<" else escaped  # in an HTML block a backslash escapes nothing

    def dollar(self) -> str:
        return self.math() or "\\" + self.take(1)

    def math(self) -> str:
        self.state.pos = self.at
        if not self.code_is_safe or not math_inline(self.state, False):
            return ""
        token = self.state.tokens[-1]
        tex = "" if _LINKING.search(token.content) else for_mathjax(token.content, bool(token.info))
        if not tex:
            return ""
        self.at = self.state.pos
        mark = "$$" if token.info else "$"
        return f"{mark}{_tex(tex)}{mark}"

    def code(self) -> str:
        run = len(_RUN.match(self.source, self.at)[0])  # type: ignore[index]
        ends = self.runs.get(run, [])
        later = bisect_right(ends, self.at)
        if later == len(ends):
            return self.take(run)
        span = self.source[self.at : ends[later] + run]
        # Parsers disagree about code spans across lines, cells and dollars: their content is escaped as well.
        alike = self.code_is_safe and not any(mark in span for mark in "\n|$")
        if alike or not _ACTIVE.search(span):
            return self.take(len(span))
        self.at += len(span)
        mark = span[:run]
        return mark + _Prose(span[run:-run], code_is_safe=False).rewrite() + mark

    def tag(self) -> str:
        link, tag = _AUTOLINK.match(self.source, self.at), _KEPT_TAG.match(self.source, self.at)
        if link:
            return self.take(len(link[0]))
        if tag:
            before = self.source[self.source.rfind("\n", 0, self.at) + 1 : self.at]
            place = _BLOCK_TAG_PLACE if tag[0].strip("</>") in ("details", "summary") else _INLINE_TAG_PLACE
            if place.match(before):
                return self.take(len(tag[0]))
        self.at += 1
        return "&lt;"

    def image(self) -> str:
        run = len(_BANGS.match(self.source, self.at)[0])  # type: ignore[index]
        if not self.source.startswith("[", self.at + run):
            return self.take(run)
        before = "\\!" * (run - 1)  # an unescaped `!` would turn the link into an image
        self.at += run - 1
        found = _DATA_IMAGE.match(self.source, self.at)
        if found:
            return before + self.take(len(found[0]))
        self.at += 2
        return before + ("[image" if self.source.startswith("]", self.at) else "[")

    def bracket(self) -> str:
        found = _LINKED_IMAGE.match(self.source, self.at)
        if not found:
            return self.take(1)
        self.at = found.end()
        return "[" + _Prose(found[1] or "image", code_is_safe=False).rewrite()

    def link(self) -> str:
        found = _DESTINATION.match(self.source, self.at)
        if found and not is_safe_address(found[1]):
            return self.take(1) + "\\" + self.take(1)
        return self.take(1)


def is_safe_address(address: str) -> bool:
    """Whether a browser would take it for http, https, mailto or a relative address."""
    plain = re.sub(r"[\x00-\x20\x7f-\xa0\\]", "", unescape(unescape(address)))
    if "&" in plain and len(address) >= _MAX_ADDRESS:  # an entity may have been cut in two
        return bool(_SAFE_SCHEME.match(plain))
    return not _SCHEME.match(plain) or bool(_SAFE_SCHEME.match(plain))


def _tex(tex: str) -> str:
    return tex.replace("<", r"\lt ")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("<", "&lt;").replace("$", "\\$").replace("![", "[")


def _is_inert(text: str) -> bool:
    return all(_is_harmless(token) for token in _engine().parse(text))


def _is_harmless(token: Token) -> bool:
    if token.type in ("html_block", "html_inline"):
        return "<" not in _KEPT_TAG.sub("", token.content)
    if token.type == "image":
        return is_picture(str(token.attrs.get("src", "")))
    if token.type == "link_open" and not is_safe_address(str(token.attrs.get("href", ""))):
        return False
    return all(_is_harmless(child) for child in token.children or [])
