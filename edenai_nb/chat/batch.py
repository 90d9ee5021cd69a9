"""A Batch: the answers to many rows, which come while the kernel is free."""

from __future__ import annotations

import operator
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn, overload

from .. import errors, forks
from ..data.batch_rows import value_columns
from ..errors import EdenError, InvalidInput
from ..reply import Reply
from . import running
from .awaited import Awaited
from .batch_job import Job
from .batch_progress import Progress, causes
from .batch_run import Run
from .dask_run import DaskRun

_ELSEWHERE = "This process was forked while the batch ran; its parent process reads the answers. Ask again here."
_NO_COPY = "A batch cannot be copied or pickled: take its frame(), or list() of it."
_RUNNING = "The batch is still running: wait for it, or stop it."
_KEPT_IN = "the batch itself, and the `.partial` of this exception"
_NOT_ASKED = Reply(error=InvalidInput("not asked"))


def whole(replies: Iterable[Reply | None]) -> list[Reply]:
    """The replies, and one with an error for each row that was not asked. (Who failed has a reply without text.)"""
    return [_NOT_ASKED if reply is None else reply for reply in replies]


class Batch(Awaited["Batch"], Sequence[Any]):
    """The values of many rows, in their order; an index, or iterating, waits for that row.

    A value is the answer's text; None where a row failed (`failures` says why) or was not asked. It ends once: all
    asked, stopped, or with the `error` that would have met every other row, too. Any thread may use it.
    """

    def __init__(self, job: Job, run: Callable[..., Run | DaskRun] = Run) -> None:
        self._job = job
        self._make_run = run
        self._replies: list[Reply | None] = [None] * len(job.rows.values)
        self._lock = threading.RLock()
        self._count = 0  # rows that have come to an end
        self._failed = 0
        self._is_sandbox = False
        self._row_waiters: dict[int, list[Callable[[Any], None]]] = {}
        self._callbacks: list[Callable[[Batch], None]] = []
        self._begin(range(len(self)))

    def _begin(self, rows: Sequence[int], **how: Any) -> None:
        self._ended = threading.Event()
        self._error: EdenError | None = None
        self._final = False
        self._started_at, self._took_s, self._before = time.monotonic(), 0.0, self._count
        self._run = self._make_run(self._job, rows, self._settled, self._finish, **how)
        running.add(self)
        forks.remember(self)
        self._run.start()

    def __repr__(self) -> str:
        return f"<Batch, {self.progress.line}>"

    def __reduce__(self) -> NoReturn:
        raise InvalidInput(_NO_COPY)

    def __len__(self) -> int:
        return len(self._replies)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[row] for row in range(*place.indices(len(self)))]
        row = operator.index(place)
        if not -len(self) <= row < len(self):
            raise IndexError("the batch has no such row")
        row %= len(self)
        if self._replies[row] is None:
            self._wait_for(row)
        return self._value(row)

    def __iter__(self) -> Iterator[Any]:
        for row in range(len(self)):
            yield self[row]
        if self._count == len(self) and not self.done:  # so that it has ended for who has seen all of it
            self.wait()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._final

    @property
    def stopped(self) -> bool:
        """Whether it ended before its last row, but not with an error: by `stop`, or as it cost too much."""
        return self.done and self._error is None and self._count < len(self)

    @property
    def error(self) -> EdenError | None:
        """The EdenError that ended all of it, if any; those of single rows are in `failures`."""
        return self._error

    @property
    def value(self) -> Batch:
        """What is assigned to a variable that waits for it: itself."""
        return self

    @property
    def replies(self) -> list[Reply | None]:
        """The Reply of each row so far, with all facts; None where there is none yet."""
        return list(self._replies)

    @property
    def failures(self) -> dict[int, Exception]:
        """The error of each row that failed so far, by its position: `df.iloc[list(out.failures)]` are those rows."""
        return {row: reply.error for row, reply in enumerate(self._replies) if reply is not None and reply.error}

    @property
    def labels(self) -> Sequence[Any]:
        """What each row is called, twice perhaps: the index of the Series or DataFrame, the keys, or the positions."""
        labels = self._job.rows.labels
        return range(len(self)) if labels is None else labels

    @property
    def cost(self) -> float:
        """USD billed so far."""
        return self._run.spent

    @property
    def progress(self) -> Progress:
        """How far it is at this moment."""
        elapsed, run = self.elapsed, self._run
        asked = self._count - self._before
        return Progress(
            rows=len(self),
            finished=self._count,
            failed=self._failed,
            cost=self.cost,
            forecast=run.forecast,
            elapsed=elapsed,
            per_s=asked / elapsed if elapsed and asked else 0.0,
            ended=("failed" if self._error else "stopped" if self.stopped else "done") if self.done else "",
            remark=run.remark,
            sandbox=self._is_sandbox,
        )

    @property
    def elapsed(self) -> float:
        """Seconds from its start to its end, or to now."""
        return self._took_s if self.done else time.monotonic() - self._started_at

    @property
    def summary(self) -> str:
        """Rows, time and money in one line; then a line for each reason why rows failed, and for the error."""
        told = [self.progress.line, *causes(self.causes), *([str(self._error)] if self._error else [])]
        return "\n".join(told)

    @property
    def causes(self) -> Counter[str]:
        """How many rows failed with which message."""
        return Counter(str(reply.error) for reply in self._replies if reply is not None and reply.error)

    def stop(self) -> None:
        """End it now and keep what there is. Returns at once; does nothing if it has ended already."""
        self._run.stop()

    def retry(self) -> Batch:
        """Ask again for the rows that failed or were not asked; returns at once. Raises InvalidInput while it runs."""
        if self._count == len(self) and not self.done:  # the last row has come: so will the end
            self._ended.wait()
        with self._lock:
            if not self.done:
                raise InvalidInput(_RUNNING)
            failed = set(self.failures)
            missing = [row for row, reply in enumerate(self._replies) if reply is None or row in failed]
            for row in missing:
                self._replies[row] = None
            self._count, self._failed = len(self) - len(missing), 0
            self._begin(missing, before=self._run, anew=failed)
        return self

    def wait(self, timeout: float | None = None) -> Batch:
        """Itself, when it has ended, or after `timeout` seconds.

        Raises the EdenError that ended all of it. A KeyboardInterrupt stops it and is raised as Interrupted. In a
        notebook cell the event loop keeps running meanwhile.
        """
        self._block(self._ended, self.on_end, timeout)
        return self._outcome()

    def frame(self, fields: Sequence[str] | None = None) -> Any:
        """Wait, then a DataFrame, of pandas or polars as the rows were, with their index.

        Columns: `value`, or the fields of the schema (those that the values have, unless they are given); then
        `error`, `finish_reason`, `model`, `cost` (USD), `tokens`.
        Unknown values are missing.
        """
        self.wait()
        values = [self._value(row) for row in range(len(self))]
        replies = whole(self._replies)
        facts = {
            "error": [None if reply.error is None else str(reply.error) for reply in replies],
            **{name: [getattr(reply, name) for reply in replies] for name in ("finish_reason", "model", "cost")},
            "tokens": [reply.usage and reply.usage.total_tokens for reply in replies],
        }
        return self._job.rows.frame({**value_columns(values, facts, fields), **facts})

    def on_end(self, callback: Callable[[Batch], None]) -> None:
        """Call `callback(batch)` once when it has ended, on the thread that ends it; at once if it already has."""
        with self._lock:
            if not self._final:
                self._callbacks.append(callback)
                return
        callback(self)

    def show(self) -> None:
        """Show how far it is, live, in this cell's output."""
        import edenai_nb  # the front door: views live in the Jupyter room, which this room must not know

        edenai_nb.show(self)

    def after_fork(self) -> None:
        """End in the forked process, where no thread reads the answers; the parent process goes on reading them."""
        self._lock, self._ended = threading.RLock(), threading.Event()
        self._callbacks, self._row_waiters = [], {}
        if not self._final:
            self._error, self._final = errors.StreamInterrupted(_ELSEWHERE), True
        self._ended.set()

    def _outcome(self) -> Batch:
        if self.done and self._error:
            raise self._error.with_traceback(None)
        return self

    def _value(self, row: int) -> Any:
        reply = self._replies[row]
        if reply is None:
            self._outcome()
            return None
        return None if reply.error else self._job.value(reply)

    def _wait_for(self, row: int) -> None:
        arrived = threading.Event()

        def on_row(callback: Callable[[Any], None]) -> None:
            with self._lock:
                if self._replies[row] is None and not self._final:
                    self._row_waiters.setdefault(row, []).append(callback)
                    return
            callback(self)

        on_row(lambda _: arrived.set())
        self._block(arrived, on_row, None)

    def _block(self, ended: threading.Event, on_end: Any, timeout: float | None) -> None:
        try:
            from . import waiting  # an interrupt may come while it is imported

            waiting.wait(ended, on_end, timeout)
        except KeyboardInterrupt:
            self.stop()
            raise errors.Interrupted("The batch", self, _KEPT_IN) from None

    def _settled(self, row: int, reply: Reply) -> None:
        with self._lock:
            if self._final:
                return
            self._replies[row] = reply
            self._count += 1
            self._failed += reply.error is not None
            self._is_sandbox |= reply.sandbox
            waiters = self._row_waiters.pop(row, ())
        self._call_back(waiters)

    def _finish(self, error: EdenError | None) -> None:
        with self._lock:
            self._took_s = time.monotonic() - self._started_at
            self._error, self._final = error, True
            waiters = [callback for callbacks in self._row_waiters.values() for callback in callbacks]
            callbacks, self._callbacks, self._row_waiters = self._callbacks, [], {}
            ended = self._ended  # a callback may retry
        running.discard(self)
        self._call_back(waiters + callbacks)
        ended.set()
