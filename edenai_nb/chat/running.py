"""The turns and batches of this process that are being answered."""

from __future__ import annotations

import atexit
import weakref
from typing import Protocol


class Running(Protocol):
    """What can be stopped."""

    def stop(self) -> None:
        """End it now."""


_running: weakref.WeakSet[Running] = weakref.WeakSet()


def add(turn: Running) -> None:
    """Stop this turn at the exit of the process, unless it is discarded before."""
    _running.add(turn)


def discard(turn: Running) -> None:
    """Forget a turn that has ended."""
    _running.discard(turn)


@atexit.register  # so that no answer is billed that nobody reads
def stop_all() -> int:
    """Stop every turn and every batch of this process; returns how many there were."""
    found = list(_running)
    for turn in found:
        turn.stop()
    return len(found)
