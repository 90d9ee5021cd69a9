"""Renders a growing markdown text to HTML blocks, in time proportional to what is new."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from markdown_it.token import Token

from . import pipeline
from .close_open import GROWING
from .details import is_closed
from .footnotes import footnote_section, take_footnotes
from .gfm import clean_characters
from .incremental import HUGE, GrowingBlock
from .token_paths import LONG, first_line, offset, settled_lines, top_level

_MARKER = re.compile(
    r"[ \t]*(?:>[ \t]*)*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)*"
    r"(?:[-*+=_]+|\d{1,9}[.)]?|#{1,6}|`+|~+|\[[ xX]?\]?|\[\^?[^\]]*\]:.*|\[!\w*\]?|<[^>]*|\$\$?)?[ \t]*"
)
_DELIMITER_ROW = re.compile(r"[ \t|:-]*")


class IncrementalText:
    """The blocks of one text that grows at its end; any other change renders it anew.

    The HTML of blocks before the one that holds the last whole line is kept. The rest is parsed again each time, so
    a wrong block boundary is corrected in the next frame. A link or footnote definition that arrives later is applied
    to earlier blocks, too. `outer_level` is the number of blocks around the text.
    """

    def __init__(self, outer_level: int = 0) -> None:
        self._outer_level = outer_level
        self._forget()

    def _forget(self) -> None:
        self._seen = ""
        self._shown: list[str] = []
        self._at = 0  # where the first block begins that may still change
        self._done: list[str] = []  # HTML of the blocks before it
        self._env: dict[str, Any] = {"outer_level": self._outer_level}  # with the definitions in the text before it
        self._notes: dict[str, list[Token]] = {}
        self._defined: frozenset[str] = frozenset()
        self._growing: GrowingBlock | None = None
        self._tried = 0  # length of the rest when a growing block was last looked for

    @property
    def defines(self) -> bool:
        """Whether the text holds link or footnote definitions, which apply outside of it, too."""
        return bool(self._defined)

    def show(self, text: str) -> list[str]:
        """HTML of each block; unfinished syntax at the end is closed or left out."""
        text = clean_characters(text)
        if text != self._seen:
            if not text.startswith(self._seen):
                self._forget()
            self._seen = text
            tail = self._tail(hold_back(text[self._at :]))
            self._shown = self._done + tail
        return self._shown

    def _tail(self, source: str) -> list[str]:
        if self._growing:
            block = self._growing.show(source)
            if block is not None:
                return [block]
            if (shown := self._past(self._growing, source)) is not None:
                return shown
            self._growing, self._tried = None, 0
        env = deepcopy(self._env) | {GROWING: True}
        tokens, notes = take_footnotes(pipeline.parse(source, env))
        defined = _definitions(env)
        if defined != self._defined:
            self._defined = defined
            if self._at:
                return self._start_over()
        shown = pipeline.render_tokens(tokens)
        blocks = list(top_level(tokens))
        if len(blocks) != len(shown):  # another extension has added or removed blocks
            blocks = []
        kept = _settled(source, blocks)
        rest = self._keep(source, blocks[kept][0], shown[:kept], notes) if kept else source
        if kept == len(blocks) - 1:
            self._begin_growing(rest, blocks[-1][0])
        section = footnote_section(self._notes | notes, env)
        return shown[kept:] + pipeline.render_tokens(section)

    def _past(self, block: GrowingBlock, source: str) -> list[str] | None:
        """HTML of a huge block that has ended and of what follows; None if all has to be rendered again."""
        end = block.ended(source)
        shown = block.show(source[:end]) if end > HUGE else None
        rest = source[end:]
        if shown is None:
            return None
        if settled_lines(rest):
            self._growing, self._tried = None, 0
            self._done.append(shown)
            self._at += end
            return self._tail(rest)
        env = {GROWING: True, "outer_level": self._outer_level}
        return [shown, *pipeline.render_tokens(pipeline.parse(rest, env))]

    def _start_over(self) -> list[str]:
        self._at, self._done, self._env, self._notes = 0, [], {"outer_level": self._outer_level}, {}
        return self._tail(hold_back(self._seen))

    def _keep(self, source: str, following: Token, shown: list[str], notes: dict[str, list[Token]]) -> str:
        """Keep the HTML of the blocks before `following`. Returns the rest of the source, which begins with that."""
        length = offset(source, first_line(following))
        self._keep_definitions(source[:length], notes)
        self._done += shown
        self._at += length
        self._tried = 0
        following.map = following.map and [0, 1]
        return source[length:]

    def _keep_definitions(self, source: str, notes: dict[str, list[Token]]) -> None:
        if self._defined:
            env = deepcopy(self._env)
            for label in self._defined:
                if label.startswith(":"):
                    env.setdefault("footnotes", {}).setdefault("refs", {}).setdefault(label, -1)
                    env["footnotes"].setdefault("list", {})
            _, found = take_footnotes(pipeline.parse(source, env))
            self._env = env
            self._notes = self._notes | found

    def _begin_growing(self, rest: str, opening: Token) -> None:
        """Render the block in `rest` incrementally from now on, if it is long enough to be worth it."""
        if len(rest) >= max(LONG, self._tried * 5 // 4) and not self._defined:
            self._tried = len(rest)
            folded = _Folded.opened(rest, opening, self._outer_level)
            self._growing = folded or GrowingBlock.begin(rest, self._outer_level)


class _Folded(GrowingBlock):
    """An open `<details>` or `<think>`, whose inside is rendered as a growing text."""

    def __init__(self, source: str, opening: Token, start: int, outer_level: int) -> None:
        self.tag, self.start = opening.info, start
        shown = pipeline.render_tokens(
            pipeline.parse(source[: self.start], {GROWING: True, "outer_level": outer_level})
        )
        self.head = shown[0].removesuffix("</details>")
        self.inside = IncrementalText(outer_level + 1)

    @classmethod
    def opened(cls, source: str, opening: Token, outer_level: int) -> _Folded | None:
        """The block, if it is still open and its summary is complete."""
        if opening.type != "details_open" or opening.meta["closed"]:
            return None
        start = offset(source, first_line(opening)) + opening.meta["begins"]
        return cls(source, opening, start, outer_level) if source[start:].strip() else None

    def show(self, source: str) -> str | None:
        if is_closed(source[self.start :], self.tag):
            return None
        shown = self.inside.show(source[self.start :])
        return None if self.inside.defines else f"{self.head}{''.join(shown)}</details>"


def _settled(source: str, blocks: list[list[Token]]) -> int:
    """The number of blocks that further text cannot change: those before the last that begins on a whole line."""
    settled = settled_lines(source)
    return max((n for n, block in enumerate(blocks) if first_line(block[0]) < settled), default=0)


def hold_back(text: str) -> str:
    """`text` without an unfinished last line that may still become a block marker or a table's head."""
    start = text.rfind("\n") + 1
    line = text[start:]
    if line and _MARKER.fullmatch(line):
        return text[:start]
    above, two_above, above_start = _lines_above(text, start)
    if _is_row(line) and not _is_row(above):
        return text[:start]
    if _is_row(above) and not _is_row(two_above) and _DELIMITER_ROW.fullmatch(line):
        return text[:above_start]
    return text


def _lines_above(text: str, start: int) -> tuple[str, str, int]:
    if not start:
        return "", "", 0
    above = text.rfind("\n", 0, start - 1) + 1
    two_above = text.rfind("\n", 0, above - 1) + 1 if above else 0
    return text[above : start - 1], text[two_above : max(above - 1, 0)], above


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|")


def _definitions(env: dict[str, Any]) -> frozenset[str]:
    return frozenset(env.get("references", {})) | frozenset(env.get("footnotes", {}).get("refs", {}))
