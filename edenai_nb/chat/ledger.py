"""The ledger: a row per turn with its cost, and no text, in a database that all kernels of this machine share."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from math import inf
from pathlib import Path
from typing import TypeVar

from .. import forks
from ..errors import BudgetExceeded
from ..money import dollars
from ..settings import Settings
from .token_rates import Sample

LOCKED_S = 10.0  # how long to wait while another kernel writes
PROCESS = uuid.uuid4().hex[:12]  # identifies this session's rows
_SAME_START_S = 2.0  # the start time of one process may be reported with a small difference
_NOT_WRITTEN = "the ledger cannot be written: cost and budgets are this kernel's own (%edenchat config ledger=off)"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS turns (at REAL, account TEXT, model TEXT, provider TEXT, prompt_tokens INTEGER,"
    " answer_tokens INTEGER, cost REAL, guess REAL, chat TEXT, tags TEXT, notebook TEXT, process TEXT,"
    " sandbox INTEGER)",
    "CREATE INDEX IF NOT EXISTS turns_at ON turns (at)",
    "CREATE TABLE IF NOT EXISTS learnt (account TEXT, model TEXT, kind TEXT, bytes INTEGER, tokens INTEGER,"
    " PRIMARY KEY (account, model, kind))",
    "CREATE TABLE IF NOT EXISTS reserved (account TEXT, usd REAL, pid INTEGER, started REAL)",
)
_LEARN = (
    "INSERT INTO learnt VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET bytes = bytes + excluded.bytes, tokens = tokens + excluded.tokens"
)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Entry:
    """One turn. `cost`: USD as billed, None if the server did not say; `guess` is then an estimate.

    at: seconds since 1970.    account: `Settings.fingerprint`.    tags: as JSON.    process: the session that asked.
    """

    account: str
    model: str
    provider: str = ""
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: float | None = None
    guess: float | None = None
    chat: str = ""
    tags: str = ""
    notebook: str = ""
    sandbox: bool = False
    at: float = field(default_factory=time.time)
    process: str = PROCESS


_COLUMNS = tuple(Entry.__dataclass_fields__)
_RECORD = f"INSERT INTO turns ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"


class Ledger:
    """Entries and reservations, in a file or (`path` None) in memory. Any thread, and any kernel, may use it.

    If the file cannot be used, memory is used instead, and `problem` says so.
    """

    def __init__(self, path: Path | None) -> None:
        self.problem = ""
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        forks.remember(self)

    def after_fork(self) -> None:
        """Open the file anew: SQLite connections must not be used after a fork."""
        self._lock, self._connection = threading.Lock(), None

    def reserve(self, account: str, usd: float, limits: Mapping[str, float]) -> int:
        """Reserve USD for a turn; returns the reservation's number. Raises BudgetExceeded if a limit would be exceeded.

        limits: the settings `budget_day` and `budget_month`. Reservations of processes that have ended are released.
        """
        return self._transaction(lambda database: _reserve(database, account, usd, limits))

    def settle(self, reserved: int | None, entry: Entry | None, samples: Iterable[Sample] = ()) -> None:
        """Release a reservation; record the turn and the token rates learnt from it, if given."""

        released = [] if reserved is None else [reserved]
        self.settle_many(released, [] if entry is None else [(entry, samples)])

    def settle_many(self, reserved: Iterable[int], turns: Sequence[tuple[Entry, Iterable[Sample]]]) -> None:
        """Release these reservations and record these turns, each with what was learnt from it, in one transaction."""

        def work(database: sqlite3.Connection) -> None:
            database.executemany("DELETE FROM reserved WHERE rowid = ?", numbers)
            database.executemany(_RECORD, [vars(entry) for entry, _ in turns])
            learnt = [(entry.account, entry.model, *astuple(one)) for entry, samples in turns for one in samples]
            database.executemany(_LEARN, learnt)

        numbers = [(number,) for number in reserved]
        if numbers or turns:
            self._transaction(work)

    def entries(self, since: float = 0.0) -> list[Entry]:
        """The turns since `since` (seconds since 1970), in the order in which they ended."""
        query = f"SELECT {', '.join(_COLUMNS)} FROM turns WHERE at >= ? ORDER BY rowid"
        rows = self._transaction(lambda database: database.execute(query, (since,)).fetchall())
        return [Entry(**{**dict(zip(_COLUMNS, row, strict=True)), "sandbox": bool(row[10])}) for row in rows]

    def spent(self, since: float) -> float:
        """USD billed since `since` (seconds since 1970), without the answers of a sandbox."""
        query = "SELECT total(cost) FROM turns WHERE at >= ? AND NOT sandbox"
        found = self._transaction(lambda database: database.execute(query, (since,)).fetchone())
        return float(found[0])

    def rates(self, account: str, model: str) -> dict[str, float]:
        """Bytes per token by kind of text, learnt from this account's bills for the model."""
        query = "SELECT kind, 1.0 * bytes / tokens FROM learnt WHERE account = ? AND model = ?"
        return dict(self._transaction(lambda database: database.execute(query, (account, model)).fetchall()))

    def usual_answer(self, account: str, model: str) -> float | None:
        """The mean number of tokens in an answer of this model; None if there was none yet."""
        query = "SELECT avg(answer_tokens) FROM turns WHERE account = ? AND model = ? AND answer_tokens > 0"
        found = self._transaction(lambda database: database.execute(query, (account, model)).fetchone())
        return None if found[0] is None else float(found[0])

    def _transaction(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        with self._lock:
            try:
                return _atomically(self._open(), work)
            except (sqlite3.Error, OSError):
                self.problem, self._path, self._connection = _NOT_WRITTEN, None, None
                return _atomically(self._open(), work)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            if self._path:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self._path or ":memory:", LOCKED_S, isolation_level=None, check_same_thread=False
            )
            _prepare(self._connection)
        return self._connection


_ledgers: dict[Path | None, Ledger] = {}


def ledger_of(settings: Settings) -> Ledger:
    """The ledger of this machine; with `ledger=off`, one in the memory of this process."""
    path = _path() if settings.ledger else None
    return _ledgers.get(path) or _ledgers.setdefault(path, Ledger(path))


def day_began() -> float:
    """The start of today in local time, in seconds since 1970."""
    return datetime.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def month_began() -> float:
    """The start of this month in local time, in seconds since 1970."""
    return datetime.fromtimestamp(day_began()).replace(day=1).timestamp()


def _path() -> Path:
    from platformdirs import user_state_path

    return user_state_path("edenai-nb", appauthor=False) / "ledger.sqlite"


def _prepare(database: sqlite3.Connection) -> None:
    deadline = time.monotonic() + LOCKED_S
    while True:
        try:
            # WAL: readers do not block the writer, and a killed kernel loses nothing.
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            _atomically(database, lambda database: [database.execute(line) for line in _SCHEMA])
            return
        except sqlite3.OperationalError:  # SQLite does not wait here while another process changes the mode
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _atomically(database: sqlite3.Connection, work: Callable[[sqlite3.Connection], _T]) -> _T:
    database.execute("BEGIN IMMEDIATE")
    try:
        result = work(database)
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
    return result


def _reserve(database: sqlite3.Connection, account: str, usd: float, limits: Mapping[str, float]) -> int:
    import psutil  # type: ignore[import-untyped]  # only if there is such a budget

    _release_dead(database)
    (promised,) = database.execute("SELECT total(usd) FROM reserved WHERE account = ?", (account,)).fetchone()
    began = {"budget_day": day_began(), "budget_month": month_began()}
    for name, limit in limits.items():
        if limit == inf:
            continue
        spent = "SELECT total(coalesce(cost, guess, 0)) FROM turns WHERE account = ? AND at >= ?"
        left = limit - promised - database.execute(spent, (account, began[name])).fetchone()[0]
        if left <= 0 or usd > left:
            raise BudgetExceeded(
                f"Not sent: it may cost {dollars(usd)}, and {dollars(max(left, 0))} of {name} is left. "
                f"Raise it with %edenchat config {name}=USD."
            )
    me = psutil.Process()
    row = database.execute("INSERT INTO reserved VALUES (?, ?, ?, ?)", (account, usd, me.pid, me.create_time()))
    return row.lastrowid or 0


def _release_dead(database: sqlite3.Connection) -> None:
    for pid, started in database.execute("SELECT DISTINCT pid, started FROM reserved").fetchall():
        if not _runs(pid, started):
            database.execute("DELETE FROM reserved WHERE pid = ? AND started = ?", (pid, started))


def _runs(pid: int, started: float) -> bool:
    """Whether the process that started then still runs under this pid."""
    import psutil

    try:
        process = psutil.Process(pid)
        is_dead = process.status() == psutil.STATUS_ZOMBIE
        return not is_dead and abs(process.create_time() - started) < _SAME_START_S
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
