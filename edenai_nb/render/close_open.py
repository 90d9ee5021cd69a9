"""Closes, for display only, inline markup that is still open at the end of a growing text."""

from __future__ import annotations

import re

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from .source import Braces

GROWING = "growing"  # set in the parser's env while more text is expected

_MAX_MENDED = 4000  # characters of one paragraph; in a longer one open marks are shown as they are
MAX_HIDDEN = 300  # an unfinished link or formula longer than this is shown as its source
_MARKS = re.compile(r"\\[()\[\]]|\\.|`+|\*+|_+|~~|\$\$?|!\[|\[|\]\(|\]|\)|</?(?:sub|sup|kbd)>", re.DOTALL)
_LOOSE_END = re.compile(
    r"(?:<[/a-zA-Z]{0,7}|&#?\w{0,8}|\\|(?<!\*)\*{1,3}|(?<!~)~~?|\\?\$\$?|(?<!\S)(?:_{1,3}|`+|!)){1,3}\Z", re.ASCII
)
_OPENERS = frozenset(("[", "![", "<sub>", "<sup>", "<kbd>"))
_CLOSERS = {  # mark -> the open marks that it closes
    "](": {"[": "[](", "![": "![]("},
    "]": {"[": "", "![": ""},
    ")": {"[](": "", "![](": ""},
    **{f"</{tag}>": {f"<{tag}>": ""} for tag in ("sub", "sup", "kbd")},
}
_FORMULA = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_TEXLIKE = re.compile(r"\$?\$(?:\\|[A-Za-z]\S*[\\^_=]|[A-Za-z]?\Z)")


def mend_last(state: StateCore) -> None:
    """A core rule: closes what is open in the last inline text, if `env` says that the text is growing."""
    if not state.env.get(GROWING):
        return
    last = _growing_text(state.tokens, state.src)
    if last and last.content and len(last.content) <= _MAX_MENDED:
        last.content = mend(last.content)


def _growing_text(tokens: list[Token], source: str) -> Token | None:
    """The inline token that further text would continue, if there is one."""
    if source.endswith("\n\n"):
        return None
    lines = source.count("\n") + (not source.endswith("\n"))
    place = next((token for token in reversed(tokens) if token.map), None)
    at = next((n for n in range(len(tokens) - 1, -1, -1) if tokens[n].type == "inline"), None)
    if place is None or at is None or (place.map or [0, 0])[1] < lines or place.type in ("fence", "code_block"):
        return None
    one_line = at and tokens[at - 1].type == "heading_open"
    return None if one_line and source.endswith("\n") else tokens[at]


def mend(text: str) -> str:
    """Inline markdown with open marks closed; a mark that has no content yet is left out."""
    text = _LOOSE_END.sub("", text)
    path: list[tuple[str, int]] = []  # (mark, where it begins)
    at, braces = 0, Braces(text)
    while found := _MARKS.search(text, at):
        mark, at = found[0], found.end()
        if mark[0] == "`" or mark in _FORMULA:
            end = _end(text, mark, at, braces)
            if end < 0 and _is_hidden(text, found):
                return _closed(_without(text, found), path)
            at = max(at, end)
        else:
            _follow(text, found, path)
    return _closed(text, path)


def _end(text: str, mark: str, at: int, braces: Braces) -> int:
    """The end of the code span or formula that `mark` opened before `at`, or -1."""
    if mark[0] == "`":
        found = re.compile(f"(?<!`){mark}(?!`)").search(text, at)
        return found.end() if found else -1
    end = text.find(_FORMULA[mark], at)
    while mark == "$" and end >= 0 and braces.depth(end) != braces.depth(at):
        end = text.find(mark, end + 1)
    return end + len(mark) if end >= 0 else -1


def _is_hidden(text: str, found: re.Match[str]) -> bool:
    """Whether this mark opens code, or a formula that is incomplete and must not be shown as source."""
    if found[0][0] == "`":
        return True
    return len(text) - found.start() <= MAX_HIDDEN and bool(found[0][0] == "\\" or _TEXLIKE.match(text, found.start()))


def _without(text: str, found: re.Match[str]) -> str:
    """`text` with the open code span closed, or without the open formula."""
    code = text[found.end() :].rstrip("`") if found[0][0] == "`" else ""
    return text[: found.start()] + found[0] + code + found[0] if code.strip() else text[: found.start()].rstrip(" ")


def _follow(text: str, found: re.Match[str], path: list[tuple[str, int]]) -> None:
    """Push what this mark opens on the path, or pop what it closes."""
    mark, top = found[0], path[-1][0] if path else ""
    last = found.end() == len(text)
    if mark[0] in "*_~":
        _emphasise(text, found, path)
    elif mark in _OPENERS:
        path.append((mark, found.start()))
    elif top in _CLOSERS.get(mark, ()) and not (mark == "]" and last):  # a `(` may follow
        _, start = path.pop()
        if now_open := _CLOSERS[mark][top]:
            path.append((now_open, start))


def _emphasise(text: str, found: re.Match[str], path: list[tuple[str, int]]) -> None:
    mark, before, after = found[0], text[: found.start()][-1:], text[found.end() : found.end() + 1]
    top = path[-1][0] if path else ""
    closes = before and not before.isspace()
    if closes and top and top[0] == mark[0]:
        _, start = path.pop()
        if len(top) > len(mark):
            path.append((top[len(mark) :], start))
    elif after and not after.isspace() and len(mark) <= 3 and not (mark[0] == "_" and before.isalnum()):
        path.append((mark, found.start()))


def _closed(text: str, path: list[tuple[str, int]]) -> str:
    for mark, start in reversed(path):
        rest = len(text) - start
        if mark.startswith("![") and rest <= MAX_HIDDEN:
            text = text[:start]
        elif mark == "[](" and rest <= MAX_HIDDEN:
            text = text[:start] + text[start + 1 : text.rindex("](")]
        elif mark == "[" and rest <= MAX_HIDDEN:
            note = text.startswith("[^", start)
            text = text[:start] + ("" if note else text[start + 1 :].removesuffix("]"))
        elif mark[0] in "*_~":
            stripped = text.rstrip()
            text = stripped + mark if len(stripped) > start + len(mark) else text[:start]
        elif mark[0] == "<":
            text += mark.replace("<", "</")
    return text
