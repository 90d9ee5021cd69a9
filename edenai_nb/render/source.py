"""The source as the rules of the parser see it."""

from __future__ import annotations

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline


def line_of(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def is_indented_code(state: StateBlock, number: int) -> bool:
    return state.sCount[number] - state.blkIndent >= 4


def last_place(state: StateInline, text: str) -> int:
    """Where `text` occurs last, looked for once."""
    cache = vars(state)
    if text not in cache:
        cache[text] = state.src.rfind(text)
    return int(cache[text])
