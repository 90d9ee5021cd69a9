"""Arrays of numpy, torch, jax and others: their values where they are few, else their shape, type and range."""

from __future__ import annotations

import sys
from typing import Any

from . import columns
from .described import Described, Level

MOST_VALUES = 10_000


def read(value: Any) -> Any:
    """The value as a numpy array of at least one dimension; None if it is none."""
    numpy: Any = sys.modules.get("numpy")
    if not hasattr(numpy, "__version__") or not getattr(value, "shape", None) or not hasattr(value, "__array__"):
        return None
    if hasattr(value, "detach"):  # a tensor with a gradient, or on another device
        value = value.detach().cpu()
    return value if isinstance(value, numpy.ndarray) else numpy.asarray(value)


def describe(array: Any, name: str, level: Level) -> Described:
    """The values, where there are up to 10,000; else the range, or the first rows if they are asked for."""
    shape = f"array of shape {array.shape}, {array.dtype}"
    if level.name == "rows" and len(array) > level.rows:
        told = f"{level.rows:,} of {len(array):,} rows of an {shape}"
        return Described(_values(array[: level.rows]), told, (f"{name}: {told}",), is_block=True)
    if level.name == "rows" or (not level.name and array.size <= MOST_VALUES):
        return Described(_values(array), shape)
    told = f"{shape}, without its values"
    return Described(f"{shape}\n{_range(array)}".strip(), shape, (f"{name}: {told}",), is_block=True)


def _values(array: Any) -> str:
    # Masked arrays shorten themselves in a way of their own; as objects they are printed like any other.
    return str(array.astype(object).filled("--") if hasattr(array, "filled") else array)


def _range(array: Any) -> str:
    if array.dtype.kind not in "iufb" or not array.size:
        return ""
    numpy = sys.modules["numpy"]
    finite = array[numpy.isfinite(array)] if array.dtype.kind == "f" else array
    if not finite.size:
        return "no value is finite"
    least, most, mean = (columns.short(float(value)) for value in (finite.min(), finite.max(), finite.mean()))
    others = f", {array.size - finite.size:,} not finite" if finite.size < array.size else ""
    return f"from {least} to {most}, mean {mean}{others}"
