"""The HTML of a growing text, and patches from one state of it to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import html
from .blocks import IncrementalText

_WORTH_A_PREFIX = 40  # characters


@dataclass(frozen=True)
class Patch:
    """What a view must change in its list of HTML blocks.

    Keep the first `keep` blocks; the next one is its old first `prefix` UTF-16 code units (JavaScript's
    `String.slice`) followed by `blocks[0]`; then come `blocks[1:]`; whatever the view had beyond is dropped.
    With `prefix` 0 every entry of `blocks` is a whole block, so `Patch(0, 0, all)` repairs any view.
    """

    keep: int
    prefix: int
    blocks: tuple[str, ...]

    def to_wire(self) -> list[Any]:
        """The JSON value that is sent to a view."""
        return [self.keep, self.prefix, list(self.blocks)]

    def apply(self, old: Sequence[str]) -> tuple[str, ...]:
        """The view's new blocks: the reference for the JavaScript side."""
        if not self.prefix:
            return (*old[: self.keep], *self.blocks)
        start = old[self.keep].encode("utf-16-le")[: 2 * self.prefix].decode("utf-16-le")
        return (*old[: self.keep], start + self.blocks[0], *self.blocks[1:])


class Page:
    """The HTML blocks of a growing text. `update` takes time for what is new, `finish` for the whole text."""

    def __init__(self) -> None:
        self.blocks: tuple[str, ...] = ()
        self._reasoning = IncrementalText()
        self._answer = IncrementalText()

    def update(self, text: str, reasoning: str = "", seconds: float | None = None) -> Patch:
        """Render `text`, which is still growing. Returns the patch from the last state."""
        thinking = self._reasoning.show(reasoning)
        answer = self._answer.show(text)
        return self._turn_to(([html.thinking(thinking, seconds)] if thinking else []) + answer)

    def finish(self, text: str, reasoning: str = "", seconds: float | None = None) -> Patch:
        """Render the final `text` as a whole. Returns the patch from the last state."""
        return self._turn_to(html.blocks(text, reasoning, seconds))

    def whole(self) -> Patch:
        """The patch that brings a view in any state, such as a new one, to this page."""
        return Patch(0, 0, self.blocks)

    def _turn_to(self, blocks: Sequence[str]) -> Patch:
        old, new = self.blocks, tuple(blocks)
        self.blocks = new
        keep, shorter = 0, min(len(old), len(new))
        while keep < shorter and old[keep] == new[keep]:
            keep += 1
        if keep == shorter:
            return Patch(keep, 0, new[keep:])
        prefix = _common(old[keep], new[keep])
        if prefix < _WORTH_A_PREFIX:
            return Patch(keep, 0, new[keep:])
        return Patch(keep, _utf16_length(new[keep][:prefix]), (new[keep][prefix:], *new[keep + 1 :]))


def _common(one: str, other: str) -> int:
    """The length of the common prefix of two strings."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
