"""Threads that work on tasks, never more of them than the tasks need."""

from __future__ import annotations

import contextvars
import itertools
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")
_count = itertools.count(1)


class Crew(Generic[_T]):
    """Calls `work(task)` for every task that `take()` gives, until that is None; then `ended()`, once. None may raise.

    One thread at a time is in `take`, which may wait: for the pace, for one. Another is started when none is left that
    could take the task after that. So there are as many as the pace and the time of a task need (Little's law), and one
    more; `most` at most.
    """

    def __init__(
        self, take: Callable[[], _T | None], work: Callable[[_T], None], ended: Callable[[], None], *, most: int
    ) -> None:
        self._take, self._work, self._ended = take, work, ended
        self._most = most
        self._name = f"edenai-batch-{next(_count)}"
        self._gate = threading.Lock()
        self._lock = threading.Lock()
        self._threads = self._waiting = 0
        self._is_over = False

    def start(self) -> None:
        """Start the first thread."""
        with self._lock:
            self._threads += 1
        threading.Thread(target=contextvars.Context().run, args=(self._run,), name=self._name, daemon=True).start()

    def _run(self) -> None:
        try:
            while (task := self._next()) is not None:
                self._work(task)
        finally:
            with self._lock:
                self._threads -= 1
                is_last = self._threads == 0
            if is_last:
                self._ended()

    def _next(self) -> _T | None:
        with self._lock:
            self._waiting += 1
        with self._gate:
            with self._lock:
                self._waiting -= 1
                is_short = not (self._waiting or self._is_over) and self._threads < self._most
            if is_short:  # now, not when this one has a task: starting a thread would delay that
                self.start()
            task = None if self._is_over else self._take()
            self._is_over = task is None
            return task
