"""Which share of the configured rate limit is asked for, learnt from what the server refuses."""

from __future__ import annotations

from typing import ClassVar

RECOVERY_S = 10.0  # from a refusal back to just below the rate that was refused
PATIENCE_S = 18.0  # after so long without a refusal a tenth more is asked for, then ever faster more
FIRST_CUT, MOST_CUT = 0.015, 0.24
BELOW_REFUSED = 0.98
LEAST = 0.02
TOGETHER_S = 1.0  # refusals within it are one: requests that were sent before the cut
SOON_S = 3.0  # a refusal that comes so soon after the last means that the cut was too small


class Share:
    """A share of the configured rate, as TCP CUBIC (RFC 9438) finds that of a network.

    It stays at what is known to pass, then tries more, slowly at first: a limit that is higher than configured is
    found within a minute, one that is exact is exceeded once in twenty seconds. Not thread-safe.
    """

    FIRST: ClassVar[float] = 0.975

    def __init__(self) -> None:
        self._known = self.FIRST
        self._lowest = self.FIRST  # right after the last refusal
        self._used_s = RECOVERY_S  # seconds since the last refusal, of use only: idle time proves nothing
        self._cut = FIRST_CUT
        self._refused_at = float("-inf")

    @property
    def now(self) -> float:
        """The share at this moment: 1 is the configured rate."""
        past_s = self._used_s - RECOVERY_S
        if past_s < 0:
            return max(LEAST, self._known - (self._known - self._lowest) * (-past_s / RECOVERY_S) ** 3)
        return self._known * (1 + 0.1 * (past_s / PATIENCE_S) ** 3)

    def grow(self, seconds: float) -> None:
        """Count seconds in which requests were sent at this share."""
        self._used_s += seconds

    def shrink(self, at: float) -> None:
        """Take less after a refusal `at` these seconds of the monotonic clock."""
        since_s, refused = at - self._refused_at, self.now
        if since_s < TOGETHER_S:
            return
        self._cut = min(MOST_CUT, 2 * self._cut) if since_s < SOON_S else FIRST_CUT
        # Just below the configured limit a single refusal says that a request was late, not that the limit is lower.
        self._known = max(refused * BELOW_REFUSED, self.FIRST if refused >= self.FIRST else 0.0)
        self._lowest = refused * (1 - self._cut)
        self._used_s, self._refused_at = 0.0, at
