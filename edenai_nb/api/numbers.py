"""What may be a number or its text, as a number."""

from __future__ import annotations

from typing import Any


def number(value: Any) -> float | None:
    """A finite number from 0 up; None for anything else, a truth value included."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if not isinstance(value, bool) and 0 <= found < float("inf") else None
