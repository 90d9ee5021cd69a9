"""How far a batch is, as numbers and as one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ..money import dollars
from .forecast import Forecast

MOST_CAUSES = 5


@dataclass(frozen=True)
class Progress:
    """rows: all of them.    finished: those that have come to an end.    failed: those of them without an answer.

    cost: USD billed.    forecast: USD for all, None while unknown.    elapsed: seconds.    per_s: rows a second.
    ended: how it ended: "", "done", "stopped" or "failed".    remark: why before its last row.
    sandbox: whether the answers were canned, so that nothing was billed.
    """

    rows: int
    finished: int
    failed: int
    cost: float
    forecast: Forecast | None
    elapsed: float
    per_s: float
    ended: str
    remark: str
    sandbox: bool = False

    @property
    def line(self) -> str:
        """`4,120 of 10,000 · 9.6/s · $0.41 of about $1.02 ± 0.05 · 3 failed · 10 min left`; at its end, what came."""
        if self.ended:
            parts = [self._rows(), self._would() + dollars(self.cost), self._failed(), self.remark]
        else:
            parts = [self._rows(), self._pace(), self._money(), self._failed(), self._left()]
        return " · ".join(filter(None, parts))

    def _rows(self) -> str:
        if self.ended in ("done", "") and self.finished == self.rows:
            return f"{self.rows:,} row{'s' * (self.rows != 1)}"
        state = f"{self.ended} after " if self.ended in ("stopped", "failed") else ""
        return f"{state}{self.finished:,} of {self.rows:,}"

    def _pace(self) -> str:
        return f"{self.per_s:,.1f}/s" if self.per_s else ""

    def _would(self) -> str:
        return "would have cost " if self.sandbox else ""

    def _money(self) -> str:
        if self.forecast is None:
            return self._would() + dollars(self.cost) if self.cost else ""
        margin = dollars(self.forecast.margin).replace("$", "")
        return f"{self._would()}{dollars(self.cost)} of about {dollars(self.forecast.expected)} ± {margin}"

    def _failed(self) -> str:
        return f"{self.failed:,} failed" if self.failed else ""

    def _left(self) -> str:
        left = self.rows - self.finished
        return f"{duration(left / self.per_s)} left" if self.per_s and left else ""


def duration(seconds: float) -> str:
    """`8 s`, `3 min`, `2 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def causes(counted: Mapping[str, int]) -> list[str]:
    """A line for each of the most frequent reasons why rows failed."""
    most = Counter(counted).most_common()
    lines = [f"{count:,} × {message}" for message, count in most[:MOST_CAUSES]]
    others = sum(count for _, count in most[MOST_CAUSES:])
    return [*lines, *([f"{others:,} × other reasons (see .failures)"] if others else [])]
