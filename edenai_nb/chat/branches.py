"""The tree of a conversation's turns; the model is sent one path through it."""

from __future__ import annotations

from .turn import Turn


class Branches:
    """Turns, each with the turn before it; `path` is the current branch. Not thread-safe: `Chat` locks.

    Asking again at an earlier place begins a new branch; the old one can be returned to (`switch_to`).
    """

    def __init__(self, path: tuple[Turn, ...] = ()) -> None:
        self._before: dict[Turn, Turn | None] = {}
        self._after: dict[Turn | None, list[Turn]] = {}
        self._path: list[Turn] = []
        for turn in path:
            self.add(turn, len(self._path))

    def copy(self) -> Branches:
        """An independent tree of the same turns."""
        other = Branches()
        other._before, other._path = dict(self._before), list(self._path)
        other._after = {turn: list(later) for turn, later in self._after.items()}
        return other

    @property
    def path(self) -> tuple[Turn, ...]:
        """The turns of the current branch, oldest first."""
        return tuple(self._path)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns of all branches."""
        return tuple(self._before)

    def add(self, turn: Turn, place: int) -> None:
        """Put the turn at this index of the path; the turns from there on become another branch."""
        before = self._path[place - 1] if place else None
        self._before[turn] = before
        self._after.setdefault(before, []).append(turn)
        self._path[place:] = [turn]

    def replace(self, old: Turn, new: Turn) -> None:
        """Put `new` in the place of `old`; later turns stay."""
        before = self._before.pop(old)
        self._before[new] = before
        beside = self._after[before]
        beside[beside.index(old)] = new
        self._after[new] = self._after.pop(old, [])
        for turn in self._after[new]:
            self._before[turn] = new
        self._path = [new if turn is old else turn for turn in self._path]

    def remove(self, turn: Turn) -> None:
        """Remove the turn; those after it then follow the turn before it."""
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
        """The turns before this one, oldest first; () for a turn that is not in the tree."""
        found: list[Turn] = []
        before = self._before.get(turn)
        while before is not None:
            found.append(before)
            before = self._before[before]
        return tuple(reversed(found))

    def siblings(self, turn: Turn | None) -> tuple[Turn, ...]:
        """The turns that follow the same turn as this one, itself included; for None all first turns."""
        return tuple(self._after.get(self._before.get(turn) if turn else None, ()))

    def switch_to(self, turn: Turn | None) -> None:
        """Make the path lead through this turn and its newest successors; None makes it empty."""
        self._path = [*self.ancestors(turn), turn] if turn in self._before and turn else []
        while self._path and (later := self._after.get(self._path[-1])):
            self._path.append(later[-1])
