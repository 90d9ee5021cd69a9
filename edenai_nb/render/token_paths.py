"""Finds blocks in a list of tokens: the top-level ones, and the containers around the last one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.token import Token

LONG = 1500  # characters; shorter texts are cheaper to render again than to track

_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)*")


def settled_lines(source: str) -> int:
    """The number of lines whose kind further text cannot change: whole lines, and the last one if it is long."""
    return source.count("\n") + (len(source) - source.rfind("\n") > LONG // 2)


def top_level(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each top-level block."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


def offset(source: str, line: int) -> int:
    """The index at which a line begins."""
    at = 0
    for _ in range(line):
        at = source.index("\n", at) + 1
    return at


def is_one_block(tokens: list[Token]) -> bool:
    """Whether there is a single top-level block."""
    return len(list(top_level(tokens))) == 1


def last_path(tokens: list[Token], whole_lines: int) -> list[Token]:
    """The block, its last child, that one's last child, …; only tokens that begin on a whole line."""
    path: list[Token] = []
    level, index, end = 0, 0, len(tokens)
    while True:
        inside = [n for n in range(index, end) if tokens[n].level == level and tokens[n].nesting >= 0]
        starts = [n for n in inside if tokens[n].map and first_line(tokens[n]) < max(whole_lines, 1)]
        if not starts:
            return path
        index = starts[-1]
        path.append(tokens[index])
        if tokens[index].nesting != 1:
            return path
        later = [n for n in inside if n > index]
        end = later[0] if later else end
        index, level = index + 1, level + 1


def first_line(token: Token) -> int:
    """The number of the line on which the token begins, from 0."""
    return token.map[0] if token.map else 0


def context_of(lines: list[str], path: list[Token]) -> str:
    """Lines that open the containers in `path`: the first line of each item, the head of a table."""
    kept: list[int] = []
    table: list[str] = []
    for token in path:
        first = first_line(token)
        if token.type == "list_item_open" and first not in kept:
            kept.append(first)
        elif token.type == "table_open":
            table = lines[first : first + 2]
    opening = []
    for line in kept:
        opening += [lines[line], (_QUOTE.match(lines[line]) or [""])[0].rstrip()]
    return "".join(line + "\n" for line in opening + table)


def _paragraphs(tokens: list[Token], opening: Token) -> list[Token]:
    """The paragraphs directly inside the items of a list."""
    found, inside = [], False
    for token in tokens:
        if token is opening:
            inside = True
        elif inside and token.level == opening.level and token.nesting == -1:
            break
        elif inside and token.level == opening.level + 2 and token.type in ("paragraph_open", "paragraph_close"):
            found.append(token)
    return found


def is_loose(tokens: list[Token], opening: Token) -> bool:
    """Whether the list is loose (CommonMark): its items are paragraphs."""
    return any(not token.hidden for token in _paragraphs(tokens, opening))


def set_loose(tokens: list[Token], opening: Token, loose: bool) -> None:
    """Make the list loose or tight."""
    for token in _paragraphs(tokens, opening):
        token.hidden = not loose
