"""Limits on nesting, table width and searching; what exceeds them is shown as text."""

from __future__ import annotations

from collections import Counter

from markdown_it.rules_block import StateBlock, blockquote, table
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .source import last_place, scratch

MAX_DEPTH = 60  # nested blocks or spans beyond this are shown flat: each level costs a few Python frames
MAX_QUOTES = 8
MAX_QUOTED_LINES = 20_000  # lines, each counted once per level of quotes
MAX_COLUMNS = 300
_MAX_LINK_WORK = 40_000_000  # characters looked at, about 0.3 s
_MANY_BRACKETS = "[" * 20


def too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: content nested beyond the limit becomes one paragraph; markdown-it alone would drop it."""
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


def narrow_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: a table, unless it has very many columns, as laying out thousands takes seconds."""
    wide = state.src.count("|", state.bMarks[start], state.eMarks[start]) > MAX_COLUMNS
    return not wide and table(state, start, end, silent)


def shallow_quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: a quote, unless it is nested too deep, as each level scans all lines after it."""
    levels = scratch(state, "limits", Counter[str])
    around = levels["quotes"]
    if around >= MAX_QUOTES or around * (end - start) > MAX_QUOTED_LINES:
        return False
    levels["quotes"] = around + 1
    try:
        return blockquote(state, start, end, silent)
    finally:
        levels["quotes"] -= 1


def open_bracket(state: StateInline, silent: bool) -> bool:
    """An inline rule: a `[` that cannot begin a link, or one too many, is text; the link rule would search again."""
    if state.src[state.pos] not in "[!":
        return False
    work = scratch(state, "limits", Counter[str])
    work["links"] += state.posMax - state.pos
    hopeless = last_place(state, "]") <= state.pos or state.src.startswith(_MANY_BRACKETS, state.pos)
    if not hopeless and work["links"] < _MAX_LINK_WORK:
        return False
    if not silent:
        state.pending += state.src[state.pos]
    state.pos += 1
    return True
