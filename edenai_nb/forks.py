"""Lets objects reset what a forked process must not share with its parent."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Owner(Protocol):
    """An object with a lock, connection or thread, which is unusable in a forked process."""

    def after_fork(self) -> None:
        """Reset in the forked process, where only the thread that forked exists."""


_owners: weakref.WeakSet[Owner] = weakref.WeakSet()


def remember(owner: Owner) -> None:
    """Call `owner.after_fork()` in every process forked from this one. Holds the owner weakly."""
    _owners.add(owner)


def _start_anew() -> None:
    for owner in list(_owners):
        owner.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_start_anew)
