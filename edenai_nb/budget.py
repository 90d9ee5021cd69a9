"""What an account has spent in this process, and what is reserved for running turns."""

from __future__ import annotations

import threading

from . import forks
from .errors import BudgetExceeded
from .money import dollars


class Budget:
    """USD billed (`spent`), and USD reserved for running turns. Any thread may use it."""

    def __init__(self) -> None:
        self.spent = 0.0
        self._reserved = 0.0
        self._lock = threading.Lock()
        forks.remember(self)

    def after_fork(self) -> None:
        """Drop the reservations: their turns run in the parent process."""
        self._reserved, self._lock = 0.0, threading.Lock()

    def reserve(self, usd: float, budget: float) -> None:
        """Reserve USD for a turn. Raises BudgetExceeded if that is more than is left of `budget`."""
        with self._lock:
            left = budget - self.spent - self._reserved
            if left <= 0 or usd > left:
                raise BudgetExceeded(
                    f"Not sent: it may cost {dollars(usd)}, and {dollars(max(left, 0))} of the budget is left. "
                    "Raise it with %edenchat config budget=USD."
                )
            self._reserved += usd

    def settle(self, reserved: float, billed: float) -> None:
        """Replace a reservation by what was billed (both USD)."""
        with self._lock:
            self._reserved -= reserved
            self.spent += billed
