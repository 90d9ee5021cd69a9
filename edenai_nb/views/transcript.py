"""The turns of a conversation as a view draws them: what is new since the last frame."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from .. import attachments
from ..chat.conversation import Chat
from ..chat.turn import Turn
from ..messages import text_of
from . import export
from .frames import TurnFrames
from .status import Caption

PART = 20  # turns: a screen and more

_ids = itertools.count(1)


class Entry:
    """One turn on the page. `sent` once a view knows of it."""

    def __init__(self, turn: Turn) -> None:
        self.id = f"t{next(_ids)}"
        self.turn = turn
        self.sent = False
        self.frames = TurnFrames(turn, Caption(seconds=True))

    def next(self) -> dict[str, Any] | None:
        """What has changed since the last time; None where nothing has."""
        frame = self.frames.next()
        return frame and {**frame, **self.kept()}

    def whole(self) -> dict[str, Any]:
        """Everything but the forms of a file, for a view that knows nothing of it."""
        self.sent = True
        question = {"prompt": text_of(self.turn.prompt), "files": attachments.labels(self.turn.prompt)}
        asked = {**question, "asked": export.question_html(self.turn)}
        return {**asked, **self.frames.whole(), **self._record()}

    def kept(self) -> dict[str, Any]:
        """What a file keeps: the record with its last words; the forms, which take longer, with the last frame."""
        return {"saved": export.turn_forms(self.turn)} if self.frames.settled else self._record()

    def _record(self) -> dict[str, Any]:
        return {"saved": {"record": export.turn_record(self.turn)}} if self.turn.done else {}


class Transcript:
    """The conversation's path, and what of it has been told. Not thread-safe: the widget locks."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._entries: dict[Turn, Entry] = {}
        self._open: list[Entry] = []  # those that still have something to tell
        self._path: list[list[Any]] = []

    @property
    def open(self) -> int:
        """How many turns that views know of have more to tell."""
        return sum(entry.sent for entry in self._open)

    def turn(self, id: Any) -> Turn | None:
        """The turn that the view calls by this id."""
        return next((turn for turn, entry in self._entries.items() if entry.id == id), None)

    def changes(self, moved: bool) -> dict[str, Any]:
        """`path` (`[id, branch, of how many]` for each turn) if turns have `moved`, `turns` by id; {} for no news."""
        if moved:
            self._follow()
        turns = {}
        for entry in list(self._entries.values() if moved else self._open):
            if told := entry.next() if entry.sent else {**entry.whole(), **entry.kept()} if moved else None:
                turns[entry.id] = told
        self._open = [entry for entry in self._open if not entry.frames.settled]
        return {**({"path": self._path} if moved else {}), **({"turns": turns} if turns else {})}

    def whole(self) -> Iterator[dict[str, Any]]:
        """The same, for a view that knows nothing; in parts, the end of the conversation first.

        What a file keeps comes after all that is seen: it is twice as much work.
        """
        self._follow()
        path, entries = self._path, list(self._entries.values())
        for end in range(len(entries), 0, -PART):
            part = {entry.id: entry.whole() for entry in entries[max(0, end - PART) : end]}
            yield {"turns": part, **({"path": path} if end == len(entries) else {})}
        if not entries:
            yield {"path": path}
        settled = [entry for entry in reversed(entries) if entry.frames.settled]
        for start in range(0, len(settled), PART):
            yield {"turns": {entry.id: entry.kept() for entry in settled[start : start + PART]}}

    def _follow(self) -> None:
        self._entries = {turn: self._entries.get(turn) or Entry(turn) for turn in self._chat.turns}
        self._open = [entry for entry in self._entries.values() if not entry.frames.settled]
        self._path = [[entry.id, *self._branch(turn)] for turn, entry in self._entries.items()]

    def _branch(self, turn: Turn) -> tuple[int, int]:
        beside = self._chat.branches(turn)
        return (beside.index(turn) + 1 if turn in beside else 1), len(beside)
