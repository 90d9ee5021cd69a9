"""The cells that failed, so that a question can be about one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..data import tracebacks
from ..errors import EdenError

MOST_KEPT = 50


@dataclass(frozen=True)
class Failure:
    """A cell that failed: its number, its source as typed, and the traceback in words."""

    number: int
    source: str
    text: str


class Failures:
    """The last failed cells of a session, by their number. A question that failed, or was interrupted, is not kept."""

    def __init__(self) -> None:
        self.error: BaseException | None = None  # the last one
        self._kept: dict[int, Failure] = {}

    def remember(self, result: Any) -> None:
        """Take the result of a cell (IPython's `post_run_cell`)."""
        error = result.error_in_exec or result.error_before_exec
        if error is None or isinstance(error, (EdenError, KeyboardInterrupt, SystemExit)):
            return
        self.error, number = error, result.execution_count or 0
        text = tracebacks.describe(error, "error").text
        self._kept.pop(number, None)
        self._kept[number] = Failure(number, result.info.raw_cell or "", text)
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def find(self, number: int | None = None) -> Failure | None:
        """The failure of this cell, or the last one."""
        return next(reversed(self._kept.values()), None) if number is None else self._kept.get(number)
