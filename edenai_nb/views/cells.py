"""Which cell is running, so that what belongs to it is found when it is run again."""

from __future__ import annotations

from IPython.core.getipython import get_ipython

from . import terminal


class Places:
    """Numbers what happens in a cell: the first, second, … of its run."""

    def __init__(self) -> None:
        self._count, self._number = 0, 0

    def next(self) -> tuple[str, int] | None:
        """What stays the same when the cell is run again; None where the front end does not name cells."""
        shell = get_ipython()
        count = getattr(shell, "execution_count", 0)
        self._number = self._number + 1 if count == self._count else 0
        self._count = count
        cell_id = terminal.cell_id(shell.get_parent()) if shell and hasattr(shell, "get_parent") else None
        return (cell_id, self._number) if cell_id else None
