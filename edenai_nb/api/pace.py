"""Which share of the configured rate limit is asked for, learnt from what the server refuses."""

from __future__ import annotations

from typing import ClassVar

RECOVERY_S = 10.0  # from a refusal back to just below the rate that was refused
PATIENCE_S = 18.0  # after so long without a refusal a tenth more is asked for, then ever faster more
LEAST_CUT, FIRST_CUT, MOST_CUT = 0.01, 0.03, 0.24
BELOW_REFUSED = 0.98
LEAST = 0.02
TOGETHER_S = 1.0  # refusals within it are one: requests that were sent before the cut
MANY = 2  # so many refusals together, and the cut was too small
ALONE = 15  # after so many starts a refusal is one by itself: a request was late and met those after it


class Share:
    """A share of the configured rate, as TCP CUBIC (RFC 9438) finds that of a network.

    It stays at what is known to pass, then tries more, slowly at first: a limit that is higher than configured is
    found within a minute, one that is exact is exceeded once in twenty seconds. Not thread-safe.
    """

    FIRST: ClassVar[float] = 0.98

    def __init__(self) -> None:
        self._known = self.FIRST
        self._lowest = self.FIRST  # right after the last refusal
        self._used_s = RECOVERY_S  # seconds since the last refusal, of use only: idle time proves nothing
        self._cut = FIRST_CUT
        self._starts = ALONE  # since the last refusal
        self._together = 0  # refusals since the last cut
        self._refused_at = float("-inf")

    @property
    def now(self) -> float:
        """The share at this moment: 1 is the configured rate."""
        past_s = self._used_s - RECOVERY_S
        if past_s < 0:
            return max(LEAST, self._known - (self._known - self._lowest) * (-past_s / RECOVERY_S) ** 3)
        return self._known * (1 + 0.1 * (past_s / PATIENCE_S) ** 3)

    def start(self, seconds: float) -> None:
        """Count a request, and the seconds in which it was sent at this share; 0 if nobody waited for its place."""
        self._starts += 1
        self._used_s += seconds

    def refuse(self, at: float) -> None:
        """Take less after a refusal `at` these seconds of the monotonic clock."""
        is_alone, self._starts, self._together = self._starts >= ALONE, 0, self._together + 1
        if at - self._refused_at < TOGETHER_S:
            return
        refused = self.now
        grown = min(MOST_CUT, 2 * self._cut) if self._together > MANY else FIRST_CUT
        self._cut = LEAST_CUT if is_alone else grown
        # A refusal by itself says no more than that the limit is near: what was known to pass still is.
        self._known = max(refused * BELOW_REFUSED, min(self._known, self.FIRST) if is_alone else 0.0)
        self._lowest = refused * (1 - self._cut)
        self._used_s, self._refused_at, self._together = 0.0, at, 0
