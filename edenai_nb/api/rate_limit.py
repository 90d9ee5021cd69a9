"""How fast an account may ask: one pace for all turns of this process."""

from __future__ import annotations

import threading
import time
from collections import deque
from functools import lru_cache

from .. import forks

JITTER_S = 0.1  # how much later than another a request may arrive that was sent with it: the server counts arrivals


class RateLimiter:
    """At most `per_s` requests in any second, in the order they are asked for. Any thread may use it."""

    def __init__(self, per_s: float) -> None:
        at_once = max(1, int(per_s))
        self._window_s = at_once / per_s + JITTER_S
        self._starts: deque[float] = deque(maxlen=at_once)
        self._lock = threading.Lock()
        forks.remember(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take the next place. Returns the seconds to wait before the request may be sent, 0 for none."""
        with self._lock:
            now = time.monotonic()
            is_full = len(self._starts) == self._starts.maxlen
            start = max(now, self._starts[0] + self._window_s) if is_full else now
            self._starts.append(start)
            return start - now


@lru_cache(maxsize=64)
def limiter_for(base_url: str, key: str, per_s: float) -> RateLimiter:
    """The pace that all requests with this key to this address share."""
    return RateLimiter(per_s)
