"""What a variable is, without a value of it: type, shape, columns, signature."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable, Mapping
from typing import Any

from . import frames
from .described import Level

MOST_NAMED = 30


def outlines(names: Iterable[str], namespace: Mapping[str, Any]) -> str:
    """A line, or a schema, for each of these names that is there; modules are left out."""
    known = [(name, namespace[name]) for name in sorted(names) if name in namespace]
    told = [(name, value) for name, value in known if not isinstance(value, types.ModuleType)]
    return "\n".join(f"- {name}: {outline(value, name)}" for name, value in told[:MOST_NAMED])


def outline(value: Any, name: str) -> str:
    """What this value is. Never raises, whatever its class does."""
    try:
        return _outline(value, name)
    except Exception:  # whatever the user's own class raises
        return type(value).__name__


def _outline(value: Any, name: str) -> str:
    kind = type(value).__name__
    if isinstance(value, type) or callable(value):
        named = str(getattr(value, "__name__", kind))
        return f"{'class' if isinstance(value, type) else 'function'} {named}{inspect.signature(value)}"
    if (table := frames.read(value)) is not None:
        schema = frames.describe(table, name, Level("schema"))
        indented = "\n".join(f"    {line}" for line in schema.text.splitlines())
        return f"{kind}, {schema.about}\n{indented}"
    if isinstance(shape := getattr(value, "shape", None), tuple):
        return f"{kind} of {getattr(value, 'dtype', '?')}, {' x '.join(map(str, shape)) or 'one value'}"
    if isinstance(value, Mapping):
        return f"{kind} of {len(value):,} items"
    if hasattr(value, "__len__"):
        inner = {type(item).__name__ for item in list(value)[:100]} if isinstance(value, (list, tuple)) else set()
        return f"{kind} of {len(value):,}{' ' + ' or '.join(sorted(inner)) if inner else ''}"
    return kind
