"""The rows of a batch as questions: equal ones are one, kept answers are handed out, the others are to be asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice

from ..errors import EdenError
from ..reply import Reply
from . import answers
from .batch_job import Job
from .batch_task import Ask, Question
from .kept_file import KeptFile
from .request import Request
from .row_answer import kept_answer
from .row_outcome import copied, failed, finished, is_hopeless

COUNTED = 1000  # rows between two starts: to make the requests of 100,000 takes seconds


class Questions:
    """Reads rows in order. `tell(row, reply)` is called for each that has come to an end. `file`: of kept answers.

    anew: rows whose kept answers do not count.
    """

    def __init__(
        self,
        job: Job,
        rows: Sequence[int],
        anew: Collection[int],
        file: KeptFile | None,
        tell: Callable[[int, Reply], None],
    ) -> None:
        self._job, self._rows, self._anew, self._file, self._tell = job, rows, anew, file, tell
        self._lock = threading.Lock()
        self._known: dict[bytes, Question] = {}  # by digest
        self._read = 0  # rows
        self._uncounted: Iterator[int] | None = None  # rows; None before the first `count`
        self._counted_to = -1  # the last row that was counted
        self._seen: set[bytes] = set()  # digests of what was counted
        self._new = 0  # questions: of what was counted, what is to be sent and was not read yet
        self._is_counted = False

    @property
    def left(self) -> int | None:
        """How many questions among the rows that were not read yet are to be sent; None until all were counted."""
        return self._new if self._is_counted else None

    def count(self, stopped: threading.Event, *, all_at_once: bool) -> None:
        """Go on to find out what is `left`, in the thread that reads: neither equal rows, nor those with a kept answer.

        Some rows more with each call, or else all of them.
        """
        if self._uncounted is None:
            self._uncounted = iter(self._rows[self._read :])
        while not self._is_counted and not stopped.is_set():
            part = list(islice(self._uncounted, COUNTED))
            self._new += sum(self._is_new(*one) for one in self._job.different(part, self._seen))
            self._counted_to = part[-1] if part else self._counted_to
            if len(part) < COUNTED:
                self._is_counted = True
                self._seen.clear()
            if not all_at_once:
                return

    def asks(self, stopped: threading.Event) -> Iterator[Ask]:
        """What is to be sent for the rows, in order, until `stopped`. Raises the EdenError that all would meet."""
        for row in self._rows:
            if stopped.is_set():
                return
            self._read += 1
            if ask := self._ask(row):
                self._new -= row <= self._counted_to
                yield ask
        self._new, self._is_counted = 0, True

    def hand_out(self, question: Question, reply: Reply) -> None:
        """Tell all rows that asked it."""
        with self._lock:
            question.reply = reply
            first, *others = question.rows
        self._tell(first, reply)
        for row in others:
            self._tell(row, copied(reply))

    def _ask(self, row: int) -> Ask | None:
        """None if its answer is known, will be that of an equal row, or is an error."""
        try:
            request = self._job.request(row)
        except EdenError as error:
            if is_hopeless(error):
                raise
            self._tell(row, failed(error))
            return None
        with self._lock:
            question = self._known.setdefault(bytes.fromhex(request.digest), Question([row]))
            if question.rows[0] != row and question.reply is None:
                question.rows.append(row)
                return None
        if question.reply is not None:
            self._tell(row, copied(question.reply))
            return None
        if self._file and row not in self._anew and (kept := kept_answer(self._file, request)):
            self.hand_out(question, finished(*kept))
            return None
        return Ask(question, request)

    def _is_new(self, row: int, request: Request) -> bool:
        if bytes.fromhex(request.digest) in self._known:
            return False
        return row in self._anew or not (self._file and answers.is_kept(self._file, request))
