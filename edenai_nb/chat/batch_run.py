"""One run over rows that have no answer yet: takes them in order, asks each once, and says what came of them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import islice
from math import inf

from .. import errors
from ..api.client import Client
from ..api.row_stream import RowPace
from ..errors import BudgetExceeded, EdenError, InvalidInput
from ..money import dollars
from ..reply import Reply
from . import answers
from .batch_job import Job
from .batch_questions import Questions
from .batch_spending import Spending
from .batch_task import Task, tasks
from .crew import Crew
from .forecast import PILOT, Forecast
from .request import Request
from .row_answer import RowAnswer
from .row_outcome import Streak, finished, is_hopeless

BILLS_S = 1.0  # how long to wait for bills before another look at what is left of a budget


class Run:
    """Asks these rows. `settled(row, reply)` is called for each that has come to an end, `ended(error)` once.

    The error is the one that ended the whole run; None if all rows were asked, or if it was stopped. `remark` says why
    it ended early without one. before: the run that these rows are left of: its costs count here.
    anew: those of the rows for which a kept answer does not count.
    """

    def __init__(
        self,
        job: Job,
        rows: Sequence[int],
        settled: Callable[[int, Reply], None],
        ended: Callable[[EdenError | None], None],
        *,
        before: Run | None = None,
        anew: Collection[int] = (),
    ) -> None:
        self._job, self._settings = job, job.base.settings
        self._settled, self._ended = settled, ended
        self.remark = ""
        self._again: deque[Task] = deque()  # refused with 429, or not answered well among others
        self._streams: set[RowAnswer] = set()
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._over = False
        self._asking = 0  # tasks that are being worked on
        self._open = 0  # requests that are to be sent, or not answered yet
        self.sent = 0  # requests
        self._pilots: int = before._pilots if before else 0  # those of them that tell what all will cost
        self._is_weighed = False  # whether that was compared with max_cost
        self._streak = Streak()
        self._answered_at = time.monotonic()
        self._file = answers.file_of(self._settings.keep) if self._settings.keep else None
        self._questions = Questions(job, rows, anew, self._file, self._tell)
        self._asks = self._questions.asks(self._stopped)
        self._spending: Spending | None = before._spending if before else None
        self._is_prepared = False
        self._crew = Crew(self._next, self._ask, self.stop, most=job.at_once)

    def start(self) -> None:
        """Begin; returns at once."""
        self._crew.start()

    def stop(self, error: EdenError | None = None) -> None:
        """End it now: what is being asked is abandoned. Does nothing if it has ended already."""
        self._stopped.set()
        with self._changed:
            is_first, self._over = not self._over, True
            streams = list(self._streams)
            self._changed.notify_all()
        for stream in streams:  # first of all: until then they are billed
            stream.close()
        if is_first:
            self._say_end(error)

    @property
    def spent(self) -> float:
        """USD billed in this run, and in those before it."""
        return self._spending.spent if self._spending else 0.0

    @property
    def forecast(self) -> Forecast | None:
        """What this run, and those before it, will cost in the end; None while too little is known."""
        if self._spending is None or (left := self._questions.left) is None:
            return None
        return self._spending.forecast(-(-left // self._job.rows_per_call) + self._open)

    def _say_end(self, error: EdenError | None) -> None:
        if self._spending:
            self._spending.flush()
        self._ended(error)

    def _next(self) -> Task | None:
        """The next task, when it may start. One thread at a time is in here."""
        try:
            client = self._prepared()
            while task := self._take():
                if self._file:
                    client.check()  # kept answers need no key
                if task.held or self._reserve(task):
                    client.account.give_back(client.account.take(self._settings))  # made now, not when it may start
                    self._pace(client).wait(self._stopped)
                    with self._changed:
                        self._asking += 1
                    return task
        except EdenError as error:
            self.stop(error)
        except Exception as problem:  # its text could hold a row
            self.stop(errors.StreamInterrupted(f"The batch broke ({type(problem).__name__})."))
        return None

    def _prepared(self) -> Client:
        client = Client(self._settings)
        if not self._is_prepared:
            if self._file:
                self._file.check_writable()
            else:
                client.check()
            self._spending = self._spending or Spending(self._job.base, client)
            self._is_prepared = True
        return client

    def _pace(self, client: Client) -> RowPace:
        return RowPace(client.account.limiter, self._settings.requests_per_s, self._job.told, self._job.gate)

    def _take(self) -> Task | None:
        """A task; None when there is none left, and none can come back."""
        while not self._stopped.is_set():
            with self._changed:
                if self._again:
                    return self._again.popleft()
            if asks := list(islice(self._asks, self._job.rows_per_call)):
                first, *others = tasks(asks, self._job.base)
                self._again.extend(others)
                with self._changed:
                    self._open += 1 + len(others)
                return first
            with self._changed:
                if self._again:
                    continue
                if not self._asking:
                    return None
                self._changed.wait()
        return None

    def _reserve(self, task: Task) -> bool:
        """Hold back what a task may cost, waiting for the bills of others where that helps; False: the run is over."""
        while not self._stopped.is_set():
            is_to_weigh = not (task.is_rest or self._is_weighed) and self._pilots >= PILOT
            with self._changed:
                is_alone = not self._asking
                if is_to_weigh and self._pilots == PILOT and self._settings.max_cost < inf and not is_alone:
                    self._changed.wait()
                    continue
            try:
                if is_to_weigh:
                    self._weigh()
                assert self._spending
                task.held = self._spending.reserve(task.request)
            except BudgetExceeded as problem:
                if is_alone or is_to_weigh:
                    self._end_early(problem)
                    return False
                with self._changed:
                    self._changed.wait(BILLS_S)
            else:
                self.sent += 1
                self._pilots += not task.is_rest
                return True
        return False

    def _weigh(self) -> None:
        """Learn what all rows will cost, where enough were billed. Raises BudgetExceeded for more than `max_cost`."""
        most = self._settings.max_cost
        self._questions.count(self._stopped, all_at_once=most < inf)
        found = self.forecast
        self._is_weighed = found is not None
        if found and found.expected > most:
            raise BudgetExceeded(
                f"all {len(self._job.rows.values):,} rows would cost about {dollars(found.expected)} ± "
                f"{dollars(found.margin)}, more than max_cost ({dollars(most)})."
            )

    def _end_early(self, problem: BudgetExceeded) -> None:
        """End with what there is; with an error only if there is nothing."""
        self.remark = f"Stopped after {self.sent:,} requests: {problem}"
        self.stop(None if self.sent else problem)

    def _ask(self, task: Task) -> None:
        client = Client(self._settings)
        stream = RowAnswer(task.request, client, self._pace(client), partial(self._hold, task))
        with self._changed:
            self._streams.add(stream)
            if self._stopped.is_set():
                stream.close()
        try:
            began = time.monotonic()
            reply, error = stream.read()
            if isinstance(error, errors.RateLimited) and self._may_come_back(error):
                self._again.append(task)
            else:
                self._finish(task, finished(reply, error, time.monotonic() - began), accepted=stream.accepted)
        except OSError as problem:
            self.stop(InvalidInput(f"{self._settings.keep} cannot keep answers: {problem.strerror}."))
        except Exception as problem:  # its text could hold an answer
            self.stop(errors.StreamInterrupted(f"The batch broke ({type(problem).__name__})."))
        finally:
            with self._changed:
                self._streams.discard(stream)
                self._asking -= 1
                self._changed.notify_all()

    def _hold(self, task: Task, again: Request) -> None:
        """Hold back what the repair of an answer may cost, on top of the answer itself. Raises where there is none."""
        if task.is_group:
            raise InvalidInput("its questions are asked one by one")
        assert self._spending
        assert task.held
        more = self._spending.reserve(again)
        task.held.add(more)

    def _may_come_back(self, error: EdenError) -> bool:
        """Whether what was refused with 429 is asked again: always, while others are answered."""
        patience_s = self._settings.retry_s
        return time.monotonic() < self._answered_at + patience_s and (error.retry_after or 0.0) <= patience_s

    def _finish(self, task: Task, reply: Reply, *, accepted: bool) -> None:
        assert self._spending
        assert task.held
        perhaps_billed = accepted and not reply.complete
        self._spending.settle(task.request, task.held, reply, perhaps_billed=perhaps_billed, is_rest=task.is_rest)
        with self._changed:
            self._open -= not task.is_rest
        answered, rest = task.answers(reply)
        if self._file:
            for ask, answer in answered:
                answers.keep(self._file, ask.request, 0, answer)
        if self._over:
            self._spending.flush()
            return
        if reply.complete:
            self._answered_at = time.monotonic()
        if failure := self._fatal(task, reply):
            self.stop(failure)
            return
        self._again.extend(rest)
        for ask, answer in answered:
            self._questions.hand_out(ask.question, answer)

    def _fatal(self, task: Task, reply: Reply) -> EdenError | None:
        """The error of this reply, if it should end the batch."""
        failure = None if reply.complete else reply.error
        fails_on = False
        if not task.is_group:  # else its rows, asked alone, show whether they fail
            with self._changed:
                fails_on = self._streak.is_over(failure)
        if not isinstance(failure, EdenError):
            return None
        return failure if fails_on or is_hopeless(failure) or isinstance(failure, errors.RateLimited) else None

    def _tell(self, row: int, reply: Reply) -> None:
        if not self._over:
            self._settled(row, reply)
