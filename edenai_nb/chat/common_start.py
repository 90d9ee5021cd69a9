"""Lets several turns start at the same moment, each on an open connection, so that their times compare."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from .turn import Turn

if TYPE_CHECKING:
    from ..api.client import Client

WARM_S = 5.0  # how long to wait for a connection, and for the other turns


class CommonStart:
    """A barrier for `count` turns. It does not wait for turns that have ended, nor longer than WARM_S."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count)

    def leave_out(self, _: Turn) -> None:
        """Stop waiting for a turn, since it has ended."""
        self._barrier.abort()

    def wait(self, client: Client, turn: Turn) -> None:
        """Open a connection, wait for the other turns, and start the turn's clock."""
        with client.connection() as connection:  # held until all turns have one: else two would share it
            client.warm(connection, WARM_S)
            with suppress(threading.BrokenBarrierError):
                self._barrier.wait(WARM_S)
        turn.start_clock()
