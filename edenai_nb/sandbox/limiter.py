"""The rate limit of an account (contract, section 6.3)."""

from __future__ import annotations

import time
from collections import deque

from .refusals import openai
from .script import Script


class Limiter:
    """Refuses more than `rate` requests in any second; refused ones do not count. None: no limit."""

    def __init__(self, rate: float | None, retry_after: float | str | None) -> None:
        self._most = rate if rate is None or not 0 < rate < 1 else 1
        self._window_s = 1 / rate if rate and rate < 1 else 1.0
        self._headers = {} if retry_after is None else {"Retry-After": _text(retry_after)}
        self._times: deque[float] = deque()

    def refused(self) -> Script | None:
        """429 in Eden AI's words, or None if the request may pass."""
        if self._most is None:
            return None
        now = time.monotonic()
        while self._times and self._times[0] <= now - self._window_s:
            self._times.popleft()
        if len(self._times) < self._most:
            self._times.append(now)
            return None
        return openai(429, "Rate limit exceeded", "rate_limit_error", "rate_limit_exceeded", headers=self._headers)


def _text(retry_after: float | str) -> str:
    return retry_after if isinstance(retry_after, str) else f"{retry_after:g}"
