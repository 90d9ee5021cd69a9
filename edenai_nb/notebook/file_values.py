"""What the words behind `--image` and `--file` mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..chat.files import Named

_LAST = ("last-figure", "last_figure")


def meant(typed: str, namespace: Mapping[str, Any]) -> Any:
    """The last figure, the value of a variable, or the path or address as it was typed."""
    if typed in _LAST:
        return Named("last-figure", namespace["last_figure"])
    return Named(typed, namespace[typed]) if typed.isidentifier() and typed in namespace else typed
