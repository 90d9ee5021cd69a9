"""Helpers with which parser rules look at the source."""

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
    """The nesting depth of TeX braces at each position of a text, computed in one pass."""

    def __init__(self, text: str) -> None:
        found = [brace for brace in _BRACE.finditer(text) if brace[0] in "{}"]
        self._places = [brace.start() for brace in found]
        self._depths = [0, *accumulate(1 if brace[0] == "{" else -1 for brace in found)]

    def depth(self, place: int) -> int:
        """The number of braces that are open at this position."""
        return self._depths[bisect_left(self._places, place)]


def line_of(state: StateBlock, number: int) -> str:
    """The text of a line without its indentation."""
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def is_indented_code(state: StateBlock, number: int) -> bool:
    """Whether a line is indented enough to be a code block."""
    return state.sCount[number] - state.blkIndent >= 4


def last_place(state: StateInline, text: str) -> int:
    """The last position of `text` in the source; searched once and cached."""
    return scratch(state, f"last {text}", lambda: state.src.rfind(text))


def scratch(state: StateBlock | StateInline, key: str, make: Callable[[], T]) -> T:
    """A value that a rule computes once per text with `make()`; cached on markdown-it's state object."""
    kept: dict[str, Any] = vars(state).setdefault("edenai_scratch", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]  # type: ignore[no-any-return]
