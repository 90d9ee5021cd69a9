"""The rows of a batch as questions: equal ones are one, kept answers are handed out, the others are to be asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

from ..errors import EdenError, InvalidInput
from ..reply import Reply
from .batch_job import Job
from .batch_task import Ask, Question
from .kept_file import KeptFile
from .row_answer import kept_answer
from .row_outcome import copied, failed, finished, is_hopeless


class Questions:
    """Reads rows in order. `tell(row, reply)` is called for each that has come to an end. `file`: of kept answers."""

    def __init__(self, job: Job, file: KeptFile | None, tell: Callable[[int, Reply], None]) -> None:
        self._job, self._file, self._tell = job, file, tell
        self._lock = threading.Lock()
        self._known: dict[bytes, Question] = {}  # by digest

    @property
    def known(self) -> int:
        """How many different ones there were so far."""
        return len(self._known)

    def asks(self, rows: Iterable[int], stopped: threading.Event) -> Iterator[Ask]:
        """What is to be sent for these rows, in order, until `stopped`. Raises the EdenError that all would meet."""
        for row in rows:
            if stopped.is_set():
                return
            if ask := self._ask(row):
                yield ask

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
        except Exception as problem:  # whatever an object of the user's raises
            self._tell(row, failed(InvalidInput(f"The row cannot be read ({type(problem).__name__}).")))
            return None
        with self._lock:
            question = self._known.setdefault(bytes.fromhex(request.digest), Question([row]))
            if question.rows[0] != row and question.reply is None:
                question.rows.append(row)
                return None
        if question.reply is not None:
            self._tell(row, copied(question.reply))
            return None
        if self._file and (kept := kept_answer(self._file, request)):
            self.hand_out(question, finished(*kept))
            return None
        return Ask(question, request)
