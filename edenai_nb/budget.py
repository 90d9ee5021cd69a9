"""What an account has spent in this process, and what running turns may still cost."""

from __future__ import annotations

import threading

from . import forks
from .errors import BudgetExceeded
from .money import dollars


class Budget:
    """USD that were billed, and USD that running turns may still cost. Any thread may use it."""

    def __init__(self) -> None:
        self.spent = 0.0
        self._reserved = 0.0
        self._lock = threading.Lock()
        forks.remember(self)

    def after_fork(self) -> None:
        """Forget what is reserved for turns of the process that this one was forked from."""
        # The turns that the promises are for go on in the other process.
        self._reserved, self._lock = 0.0, threading.Lock()

    def reserve(self, usd: float, budget: float) -> None:
        """Set so much aside. Raises BudgetExceeded if it is not left."""
        with self._lock:
            left = budget - self.spent - self._reserved
            if left <= 0 or usd > left:
                raise BudgetExceeded(
                    f"Not sent: it may cost {dollars(usd)}, and {dollars(max(left, 0))} of the budget is left. "
                    "Raise it with %edenchat config budget=USD."
                )
            self._reserved += usd

    def settle(self, reserved: float, billed: float) -> None:
        """Replace a promise by what was billed."""
        with self._lock:
            self._reserved -= reserved
            self.spent += billed
