"""How fast an account may ask: one limit for all turns of this process."""

from __future__ import annotations

import threading
import time
from collections import deque

from .. import forks

JITTER_S = 0.1  # how much later than another a request may arrive that was sent with it: the server counts arrivals
REMEMBERED_S = 60.0


class RateLimiter:
    """So many requests in any second, in the order they are asked for. Any thread may use it."""

    def __init__(self) -> None:
        self._starts: deque[float] = deque()
        self._lock = threading.Lock()
        forks.remember(self)

    def after_fork(self) -> None:
        """Take a lock of its own: another thread may hold the old one for ever."""
        self._lock = threading.Lock()

    def reserve(self, per_s: float) -> float:
        """Take the next place where `per_s` requests a second are allowed.

        Returns the seconds to wait before the request may be sent, 0 for none.
        """
        at_once = max(1, int(per_s))
        window_s = at_once / per_s + JITTER_S
        with self._lock:
            now = time.monotonic()
            while self._starts and self._starts[0] < now - max(window_s, REMEMBERED_S):
                self._starts.popleft()
            is_full = len(self._starts) >= at_once
            start = max(now, self._starts[-at_once] + window_s) if is_full else now
            self._starts.append(start)
            return start - now
