"""What a forked process must not share with the process it comes from."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Owner(Protocol):
    """Whoever holds a lock, a connection or a thread: in a forked process they belong to others, or to nobody."""

    def after_fork(self) -> None:
        """Start anew in the forked process. Only the thread that has forked lives there."""


_owners: weakref.WeakSet[Owner] = weakref.WeakSet()


def remember(owner: Owner) -> None:
    """Call `owner.after_fork()` in every process that is forked from this one as long as the owner lives."""
    _owners.add(owner)


def _start_anew() -> None:
    for owner in list(_owners):
        owner.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_start_anew)
