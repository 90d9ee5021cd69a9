"""A start that several turns share, each on a warm connection of its own, so that their clocks are fair."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from .turn import Turn

if TYPE_CHECKING:
    from ..api.client import Client

WARM_S = 5.0  # how long a connection, and the other turns, are waited for


class CommonStart:
    """The start of `count` turns. One that ends before it, or is late, holds nobody up."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count)

    def leave_out(self, _: Turn) -> None:
        """Wait for nobody any more: a turn has ended."""
        self._barrier.abort()

    def wait(self, client: Client, turn: Turn) -> None:
        """Connect, wait for the others, and let the turn's clock begin."""
        with client.connection() as connection:  # held until all have one: else two would share it
            client.warm(connection, WARM_S)
            with suppress(threading.BrokenBarrierError):
                self._barrier.wait(WARM_S)
        turn.start_clock()
