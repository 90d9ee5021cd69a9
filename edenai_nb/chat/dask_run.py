"""One run over rows of this process on the workers of a Dask cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from .. import errors
from ..errors import EdenError
from ..reply import Reply
from .batch_job import Job

ROWS = 20  # a task; each comes back as a whole
_LOST = "The Dask cluster lost the batch ({}): retry() asks for what is missing."


class DaskRun:
    """A Run (see `batch_run`) whose rows are asked about in tasks of `client`, by `ask(rows, fresh)`."""

    remark = ""
    forecast = None

    def __init__(
        self,
        client: Any,
        ask: Callable[..., list[Reply]],
        job: Job,
        rows: Sequence[int],
        settled: Callable[[int, Reply], None],
        ended: Callable[[EdenError | None], None],
        *,
        before: DaskRun | None = None,
        anew: Collection[int] = (),
    ) -> None:
        self._client, self._job, self._settled, self._ended = client, job, settled, ended
        self._ask, self._anew = ask, anew
        kinds = [[row for row in rows if (row in anew) is is_anew] for is_anew in (False, True)]
        self._parts = [kind[start : start + ROWS] for kind in kinds for start in range(0, len(kind), ROWS)]
        self._futures: list[Any] = []
        self._lock = threading.Lock()
        self._left = len(self._parts)
        self._over = False
        self.spent: float = before.spent if before else 0.0

    def start(self) -> None:
        """Begin; returns at once."""
        if not self._parts:
            self.stop()
            return
        values = [[self._job.rows.values[row] for row in part] for part in self._parts]
        fresh = [part[0] in self._anew for part in self._parts]
        self._futures = self._client.map(self._ask, values, fresh, pure=False, key="eden.map")
        for part, future in zip(self._parts, self._futures, strict=True):
            future.add_done_callback(partial(self._arrived, part))

    def stop(self, error: EdenError | None = None) -> None:
        """End it now: tasks that run end with the row that is next. Does nothing if it has ended already."""
        with self._lock:
            is_first, self._over = not self._over, True
        if is_first:
            if self._left:
                self._client.cancel(self._futures)  # first of all: until then they are billed
            self._ended(error)

    def _arrived(self, rows: Sequence[int], future: Any) -> None:
        if self._over:
            return
        if future.status != "finished":
            self.stop(_reason(future))
            return
        for row, reply in zip(rows, future.result(), strict=True):
            with self._lock:
                self.spent += reply.cost or 0.0
            self._settled(row, reply)
        with self._lock:
            self._left -= 1
            is_last = not self._left
        if is_last:
            self.stop()


def _reason(future: Any) -> EdenError:
    problem = future.exception() if future.status == "error" else None
    if isinstance(problem, EdenError):
        return problem
    return errors.StreamInterrupted(_LOST.format(type(problem).__name__ if problem else future.status))
