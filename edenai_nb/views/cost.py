"""What turns have cost, by model, conversation, day or notebook, as a value that shows as a table with bars."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from .. import settings as _settings
from ..chat import ledger
from ..chat.ledger import Entry
from ..errors import InvalidInput
from ..money import dollars
from .table import Table

DEFAULT_BY = "model"
_UNITS_S = {"h": 3600, "d": 86_400, "w": 7 * 86_400}
_BY: Mapping[str, Callable[[Entry], str]] = {
    "model": lambda entry: entry.model,
    "chat": lambda entry: entry.chat or "no conversation",
    "day": lambda entry: datetime.fromtimestamp(entry.at).date().isoformat(),
    "notebook": lambda entry: PurePath(entry.notebook).name or "no notebook",
}


@dataclass(frozen=True)
class Amount:
    """USD as billed, and how many turns there are of which that is not known."""

    usd: float = 0.0
    unknown: int = 0

    def __str__(self) -> str:
        known = dollars(self.usd) if self.usd or not self.unknown else ""
        return " + ".join(filter(None, [known, "?" if self.unknown else ""]))

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Amount:
        """The sum of these turns."""
        costs = [entry.cost for entry in entries]
        return cls(sum(cost for cost in costs if cost is not None), costs.count(None))


class Cost:
    """The turns of a period: `entries`. Shows as a table: this session, today, and the whole period, with bars.

    What a sandbox answered is counted by itself: it is not billed.
    """

    def __init__(self, entries: Sequence[Entry], by: str = DEFAULT_BY, period: str = "this month") -> None:
        self.entries = tuple(entry for entry in entries if not entry.sandbox)
        self._canned = [entry for entry in entries if entry.sandbox and entry.process == ledger.PROCESS]
        self._by, self._period = by, period

    @property
    def session(self) -> Amount:
        """What this process has asked in the period."""
        return Amount.of(_of_session(self.entries))

    @property
    def today(self) -> Amount:
        """What was asked since midnight."""
        return Amount.of(_of_today(self.entries))

    @property
    def total(self) -> Amount:
        """The whole period."""
        return Amount.of(self.entries)

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()

    def frame(self) -> Any:
        """A pandas DataFrame, a turn a row; the cost is missing where it is not known."""
        import pandas as pd  # type: ignore[import-untyped]

        found = pd.DataFrame([asdict(entry) for entry in self.entries], columns=[*Entry.__dataclass_fields__])
        return found.assign(at=pd.to_datetime(found["at"], unit="s", utc=True))

    def _table(self) -> Table:
        groups: dict[str, list[Entry]] = {}
        for entry in self.entries:
            groups.setdefault(_BY[self._by](entry), []).append(entry)
        order = sorted(groups, key=(lambda name: name) if self._by == "day" else lambda name: -_usd(groups[name]))
        rows = [_row(name, groups[name]) for name in order]
        most = max(map(_usd, groups.values()), default=0.0)
        bars = [_usd(groups[name]) / most if most else 0.0 for name in order]
        heads = (self._by, "answers", "tokens", "this session", "today", self._period)
        return Table(heads, [*rows, _row("all", self.entries)], bars=[*bars, 0.0], note=self._note())

    def _note(self) -> str:
        if not self._canned:
            return ""
        return (
            f"Besides, {len(self._canned):,} from the sandbox, not billed: would have cost {Amount.of(self._canned)}."
        )


def cost(by: str = DEFAULT_BY, since: str | None = None) -> Cost:
    """What was billed, from the ledger of this machine: a Cost, which shows as a table with bars.

    by: model, chat, day or notebook.    since: 24h, 7d, 2w, or a date such as 2026-11-01; else the month's first day.
    Raises InvalidInput.
    """
    if by not in _BY:
        raise InvalidInput(f"cost is told by {', '.join(_BY)}, not by {by!r}.")
    began = ledger.month_began() if since is None else _read_since(since)
    entries = ledger.ledger_of(_settings.resolve()).entries(began)
    return Cost(entries, by, "this month" if since is None else f"since {since}")


def _read_since(text: str) -> float:
    if match := re.fullmatch(r"(\d+)\s*([hdw])", text.strip()):
        return datetime.now().timestamp() - int(match[1]) * _UNITS_S[match[2]]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except ValueError:
        raise InvalidInput("since takes a time such as 24h, 7d or 2w, or a date such as 2026-11-01.") from None


def _row(name: str, entries: Sequence[Entry]) -> list[str]:
    tokens = sum(entry.prompt_tokens + entry.answer_tokens for entry in entries)
    amounts = [Amount.of(some) for some in (_of_session(entries), _of_today(entries), entries)]
    return [name, f"{len(entries):,}", f"{tokens:,}", *map(str, amounts)]


def _usd(entries: Sequence[Entry]) -> float:
    return Amount.of(entries).usd


def _of_session(entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.process == ledger.PROCESS]


def _of_today(entries: Sequence[Entry]) -> list[Entry]:
    midnight = ledger.day_began()
    return [entry for entry in entries if entry.at >= midnight]
