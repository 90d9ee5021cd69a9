"""Numbers that some servers send as strings."""

from __future__ import annotations

from typing import Any


def number(value: Any) -> float | None:
    """The finite number >= 0 in a number or a string; None for anything else, bool included."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if not isinstance(value, bool) and 0 <= found < float("inf") else None
