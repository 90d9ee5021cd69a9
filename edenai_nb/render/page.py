"""The rendered form of a growing text, told as patches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import html


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

    def apply(self, old: Sequence[str]) -> tuple[str, ...]:
        """The view's new blocks: the reference for the JavaScript side."""
        if not self.prefix:
            return (*old[: self.keep], *self.blocks)
        start = old[self.keep].encode("utf-16-le")[: 2 * self.prefix].decode("utf-16-le")
        return (*old[: self.keep], start + self.blocks[0], *self.blocks[1:])


class Page:
    """The HTML blocks of a growing text."""

    def __init__(self) -> None:
        self.blocks: tuple[str, ...] = ()

    def update(self, text: str, reasoning: str = "") -> Patch:
        """Show `text`, which is still growing: what changes against the frame before."""
        return self._turn_to(html.blocks(text, reasoning))

    def finish(self, text: str, reasoning: str = "") -> Patch:
        """Show `text` as it is: afterwards the blocks are those of a whole render."""
        return self._turn_to(html.blocks(text, reasoning))

    def whole(self) -> Patch:
        """The patch that brings any view to this page, such as one that was opened late."""
        return Patch(0, 0, self.blocks)

    def _turn_to(self, new: tuple[str, ...]) -> Patch:
        keep = 0
        while keep < min(len(new), len(self.blocks)) and new[keep] == self.blocks[keep]:
            keep += 1
        self.blocks = new
        return Patch(keep, 0, new[keep:])
