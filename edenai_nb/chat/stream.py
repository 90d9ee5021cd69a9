"""What a Turn reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ..reply import Delta


class Stream(Protocol):
    """Deltas that another thread can end, and a note on why none come."""

    @property
    def note(self) -> str | None:
        """What is waited for, in words for the status line, or None."""

    def __iter__(self) -> Iterator[Delta]: ...

    def close(self) -> None:
        """Hang up, from any thread."""
