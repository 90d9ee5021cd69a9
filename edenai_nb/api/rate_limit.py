"""How fast an account may ask: one limit for everything that this process sends to it."""

from __future__ import annotations

import threading
import time
from collections import deque

from .. import forks
from .pace import Share

JITTER_S = 0.1  # how much later than another a request may arrive that was sent with it: the server counts arrivals
ROW_JITTER_S = 0.015  # the same among rows, whose starts are spread
LATE_S = 0.25  # a row that starts late by less is made up for by the next ones
REMEMBERED_S = 60.0
LONGEST_HOLD_S = 60.0


class RateLimiter:
    """The starts of an account's requests. Any thread may use it.

    What a person asks takes the next place (`reserve`); a row of a batch takes one only when it is free now
    (`reserve_row`), so that it never stands in a person's way.
    """

    def __init__(self) -> None:
        self._starts: deque[float] = deque()
        self._row_due = 0.0  # when the next row may start
        self._share = Share()
        self._lock = threading.Lock()
        forks.remember(self)

    def after_fork(self) -> None:
        """Take a lock of its own: another thread may hold the old one for ever."""
        self._lock = threading.Lock()

    def reserve(self, per_s: float) -> float:
        """Take the next place where `per_s` requests a second are allowed, many at once if they are free.

        Returns the seconds to wait before the request may be sent, 0 for none.
        """
        per_s *= max(1.0, self._share.now)
        at_once = max(1, int(per_s))
        window_s = at_once / per_s + JITTER_S
        with self._lock:
            now = self._forget_old(window_s)
            is_full = len(self._starts) >= at_once
            start = max(now, self._starts[-at_once] + window_s) if is_full else now
            self._starts.append(start)
            self._row_due = max(self._row_due, start) + 1 / per_s
            return start - now

    def reserve_row(self, per_s: float, *, told: bool = False) -> float:
        """Take a place if one is free now: then 0; else take none, and return the seconds until it is worth asking.

        Starts are spread evenly, just below `per_s` a second. They become more while nothing is refused, unless this
        limit was `told` by the user, and fewer after `refused`.
        """
        share = min(self._share.now, Share.FIRST) if told else self._share.now
        gap_s = 1 / (per_s * share)
        with self._lock:
            now = self._forget_old(1.0)
            if (free_at := max(self._row_due, self._window_ends(per_s * max(1.0, share)))) > now:
                return free_at - now
            is_awaited = now - self._row_due <= max(gap_s, LATE_S)
            self._share.start(gap_s if is_awaited else 0.0)
            self._row_due = self._row_due if is_awaited else now
            self._row_due += gap_s
            self._starts.append(now)
            return 0.0

    def refused(self, retry_after_s: float | None = None) -> None:
        """Slow rows down after a 429, and let none start for as long as the server said."""
        with self._lock:
            now = time.monotonic()
            self._share.refuse(now)
            if retry_after_s:
                self._row_due = max(self._row_due, now + min(retry_after_s, LONGEST_HOLD_S))

    def _window_ends(self, per_s: float) -> float:
        """When one more start would not exceed `per_s` in any second."""
        at_once = max(1, int(per_s))
        return self._starts[-at_once] + at_once / per_s + ROW_JITTER_S if len(self._starts) >= at_once else 0.0

    def _forget_old(self, window_s: float) -> float:
        now = time.monotonic()
        while self._starts and self._starts[0] < now - max(window_s, REMEMBERED_S):
            self._starts.popleft()
        return now
