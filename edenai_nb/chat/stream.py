"""The interface of a stream of Deltas, as a Turn reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ..reply import Delta


class Stream(Protocol):
    """An iterable of Deltas that any thread can close, with a note on why none arrive."""

    @property
    def note(self) -> str | None:
        """Why nothing arrives, as text for the status line, or None."""

    def __iter__(self) -> Iterator[Delta]: ...

    def close(self) -> None:
        """Close the connection; callable from any thread."""
