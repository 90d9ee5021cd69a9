"""Functions and classes as their source."""

from __future__ import annotations

import inspect
import textwrap
import types
from typing import Any

from .described import Described

MOST_LINES = 400
_KINDS = (type, types.FunctionType, types.MethodType)
_NOBODY_MEANS = ("IPython", "ipykernel", "builtins", "io", "_io")  # what every notebook has in its names


def read(value: Any) -> list[str] | None:
    """The lines of a function or class that somebody wrote; None for what has no source, and for lambdas."""
    if not isinstance(value, _KINDS) or getattr(value, "__name__", "") == "<lambda>":
        return None
    if (value.__module__ or "").partition(".")[0] in _NOBODY_MEANS:
        return None
    try:
        return textwrap.dedent(inspect.getsource(inspect.unwrap(value))).rstrip().splitlines()
    except (OSError, TypeError, ValueError):
        return None


def describe(lines: list[str], name: str) -> Described:
    """The source; of more than 400 lines the first and the last."""
    half = MOST_LINES // 2
    told = "source" if len(lines) <= MOST_LINES else f"source, {MOST_LINES:,} of {len(lines):,} lines"
    shown = lines if len(lines) <= MOST_LINES else [*lines[:half], "# …", *lines[-half:]]
    return Described("\n".join(shown), told, (f"{name}: {told}",), language="python", is_block=True)
