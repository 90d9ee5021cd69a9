"""The tree of a conversation's turns: one path through it is what the model is told."""

from __future__ import annotations

from .turn import Turn


class Branches:
    """Turns and what each was asked after; `path` is the conversation as it stands. Not thread-safe: `Chat` locks.

    Asking again in an earlier place begins a new branch and leaves the old one walkable.
    """

    def __init__(self, path: tuple[Turn, ...] = ()) -> None:
        self._before: dict[Turn, Turn | None] = {}
        self._after: dict[Turn | None, list[Turn]] = {}
        self._path: list[Turn] = []
        for turn in path:
            self.add(turn, len(self._path))

    def copy(self) -> Branches:
        """Another tree of the same turns."""
        other = Branches()
        other._before, other._path = dict(self._before), list(self._path)
        other._after = {turn: list(later) for turn, later in self._after.items()}
        return other

    @property
    def path(self) -> tuple[Turn, ...]:
        """The turns of the branch that is shown, oldest first."""
        return tuple(self._path)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Every turn, whether on the path or not."""
        return tuple(self._before)

    def add(self, turn: Turn, place: int) -> None:
        """Put it at this place of the path; what stood there and after it becomes a branch beside it."""
        before = self._path[place - 1] if place else None
        self._before[turn] = before
        self._after.setdefault(before, []).append(turn)
        self._path[place:] = [turn]

    def replace(self, old: Turn, new: Turn) -> None:
        """Let `new` stand where `old` stood; what came after stays."""
        before = self._before.pop(old)
        self._before[new] = before
        beside = self._after[before]
        beside[beside.index(old)] = new
        self._after[new] = self._after.pop(old, [])
        for turn in self._after[new]:
            self._before[turn] = new
        self._path = [new if turn is old else turn for turn in self._path]

    def remove(self, turn: Turn) -> None:
        """Forget it; what came after now comes after the turn before it."""
        if turn not in self._before:
            return
        before = self._before.pop(turn)
        later = self._after.pop(turn, [])
        for other in later:
            self._before[other] = before
        beside = self._after[before]
        place = beside.index(turn)
        beside[place : place + 1] = later
        self._path = [other for other in self._path if other is not turn]

    def ancestors(self, turn: Turn) -> tuple[Turn, ...]:
        """The turns before it, the first one first; () for one that is not here."""
        found: list[Turn] = []
        before = self._before.get(turn)
        while before is not None:
            found.append(before)
            before = self._before[before]
        return tuple(reversed(found))

    def siblings(self, turn: Turn | None) -> tuple[Turn, ...]:
        """The turns asked in the same place, itself among them; for None the first turns of all."""
        return tuple(self._after.get(self._before.get(turn) if turn else None, ()))

    def switch_to(self, turn: Turn | None) -> None:
        """Make the path go through this turn to the newest end behind it; for None make it empty."""
        self._path = [*self.ancestors(turn), turn] if turn in self._before and turn else []
        while self._path and (later := self._after.get(self._path[-1])):
            self._path.append(later[-1])
