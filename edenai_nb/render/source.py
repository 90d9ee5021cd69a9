"""The source as the rules of the parser see it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate
from typing import Any, TypeVar

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

T = TypeVar("T")

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


class Braces:
    """How deep in TeX's braces each place of a text lies, found in one pass."""

    def __init__(self, text: str) -> None:
        found = [brace for brace in _BRACE.finditer(text) if brace[0] in "{}"]
        self._places = [brace.start() for brace in found]
        self._depths = [0, *accumulate(1 if brace[0] == "{" else -1 for brace in found)]

    def depth(self, place: int) -> int:
        """How many braces are open at this place of the text."""
        return self._depths[bisect_left(self._places, place)]


def line_of(state: StateBlock, number: int) -> str:
    """A line without its indent."""
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def is_indented_code(state: StateBlock, number: int) -> bool:
    """Whether a line is indented so far that it is code."""
    return state.sCount[number] - state.blkIndent >= 4


def last_place(state: StateInline, text: str) -> int:
    """Where `text` occurs last, looked for once."""
    return scratch(state, f"last {text}", lambda: state.src.rfind(text))


def scratch(state: StateBlock | StateInline, key: str, make: Callable[[], T]) -> T:
    """What a rule has found out about this text: made once, and kept on markdown-it's state while that lives."""
    kept: dict[str, Any] = vars(state).setdefault("edenai_scratch", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]  # type: ignore[no-any-return]
