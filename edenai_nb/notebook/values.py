"""Python values as the text that a model reads: whole, or cut at a limit that is said."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any

MOST_ROWS = 200  # of a table
MOST_VALUES = 10_000  # of an array, a series, an index
MOST_COLUMNS = 1_000
DEEPEST = 6  # containers inside containers
MOST_ITEMS = 10_000  # of a container, that are looked at

Described = tuple[str, list[str]]
Describer = Callable[[Any, str], Described]

_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}
_PANDAS = {
    "display.max_rows": MOST_ROWS,
    "display.max_columns": None,
    "display.max_colwidth": None,
    "display.max_seq_items": None,
    "display.width": None,
}
_POLARS = {
    "tbl_rows": MOST_ROWS,
    "tbl_cols": -1,
    "tbl_width_chars": 65_535,  # the most that it takes
    "fmt_str_lengths": 1_000_000,
    "fmt_table_cell_list_len": -1,
    "tbl_formatting": "ASCII_MARKDOWN",
}


def describe(value: Any, name: str = "it") -> Described:
    """(the text of a value, what was left out of it: "df: 200 of 1,000 rows").

    Arrays, tables, series and indexes do not shorten themselves here, inside of lists and dicts neither: they are
    whole up to 200 rows or 10,000 values. What is longer begins with a line that says its shape and what is left
    out. Everything else is its `str`.
    """
    with _whole():
        return _describe(value, name, str, DEEPEST)


def formatted(value: Any, conversion: str, spec: str) -> str:
    """A value as an f-string would write it."""
    with _whole():
        converted = _CONVERSIONS[conversion](value) if conversion else value
        return format(converted, spec)


def _describe(value: Any, name: str, otherwise: Callable[[Any], str], depth: int) -> Described:
    if describer := _describer(value):
        return describer(value, name)
    return _container(value, name, depth) if _holds_any(value, depth) else (otherwise(value), [])


def _describer(value: Any) -> Describer | None:
    """How this value is described, if it would shorten itself."""
    pandas, polars, numpy = map(_module, ("pandas", "polars", "numpy"))
    if pandas and isinstance(value, pandas.DataFrame):
        return _frame
    if pandas and isinstance(value, pandas.Series):
        return _series
    if pandas and isinstance(value, pandas.MultiIndex):
        return lambda index, name: _frame(index.to_frame(index=False), name)
    if pandas and isinstance(value, (pandas.Index, pandas.api.extensions.ExtensionArray)):
        return lambda array, name: _series(pandas.Series(array), name, index=False)
    if polars and isinstance(value, (polars.DataFrame, polars.Series)):
        return _polars
    if numpy and isinstance(value, numpy.ndarray) and value.ndim:
        return _array
    if numpy and hasattr(value, "__array__") and getattr(value, "shape", None):
        return lambda array, name: _array(numpy.asarray(array), name)  # of torch, jax and others
    return None


def _module(name: str) -> Any:
    """A library, if it is there already: what has not been imported has no values here."""
    module = sys.modules.get(name)
    return module if hasattr(module, "__version__") else None  # not in the middle of its import


def _frame(frame: Any, name: str) -> Described:
    rows, columns = frame.shape
    shape = f"{rows:,} rows x {columns:,} columns"
    kept = min(rows, MOST_ROWS, max(10, MOST_VALUES // max(1, min(columns, MOST_COLUMNS))))
    text = frame.iloc[:, :MOST_COLUMNS].to_string(max_rows=kept) if rows and columns else str(frame)
    left_out = [f"{kept:,} of {rows:,} rows"] if kept < rows else []
    left_out += [f"{MOST_COLUMNS:,} of {columns:,} columns"] if columns > MOST_COLUMNS else []
    return _told(text, shape, left_out, name)


def _series(series: Any, name: str, index: bool = True) -> Described:
    count = len(series)
    if hasattr(series.dtype, "categories"):
        series = series.astype(object)  # else a second list follows, of the categories, which shortens itself
    text = series.to_string(index=index, max_rows=MOST_VALUES) if count else str(series)
    left_out = [f"{MOST_VALUES:,} of {count:,} values"] if count > MOST_VALUES else []
    return _told(text, f"{count:,} values", left_out, name)


def _polars(table: Any, name: str) -> Described:
    count, is_series = len(table), len(table.shape) == 1
    most, unit = (MOST_VALUES, "values") if is_series else (MOST_ROWS, "rows")
    with _module("polars").Config(tbl_rows=most):
        text = str(table)
    shape = f"{count:,} {unit}" if is_series else f"{count:,} rows x {table.width:,} columns"
    return _told(text, shape, [f"{most:,} of {count:,} {unit}"] if count > most else [], name)


def _array(array: Any, name: str) -> Described:
    shape = f"array of shape {array.shape}, {array.dtype}"
    rows = len(array)
    of_a_row = array.size // rows if rows else 0
    if array.size <= MOST_VALUES:
        return str(_unmasked(array)), []
    if of_a_row > MOST_VALUES // 2:
        return _told(str(array), shape, [f"the corners of {array.size:,} values"], name)
    half = MOST_VALUES // 2 // of_a_row
    text = f"{_unmasked(array[:half])}\n...\n{_unmasked(array[-half:])}"
    unit = "values" if array.ndim == 1 else "rows"
    return _told(text, shape, [f"{2 * half:,} of {rows:,} {unit}"], name)


def _unmasked(array: Any) -> Any:
    """Masked arrays shorten themselves in a way of their own; as objects they are printed like any other."""
    return array.astype(object).filled("--") if hasattr(array, "filled") else array


def _told(text: str, shape: str, left_out: list[str], name: str) -> Described:
    if not left_out:
        return text, []
    told = ", ".join(left_out)
    return f"[{shape}; shortened to {told}]\n{text}", [f"{name}: {told}"]


def _container(value: Any, name: str, depth: int) -> Described:
    left_out: list[str] = []

    def text(item: Any, path: str) -> str:
        described, told = _describe(item, path, repr, depth - 1)
        left_out.extend(told)
        return f"\n{described}\n" if "\n" in described else described

    if isinstance(value, Mapping):
        items = ", ".join(f"{key!r}: {text(item, f'{name}[{key!r}]')}" for key, item in value.items())
        return f"{{{items}}}", left_out
    items = ", ".join(text(item, f"{name}[{number}]") for number, item in enumerate(value))
    return (f"({items})" if isinstance(value, tuple) else f"[{items}]"), left_out


def _holds_any(value: Any, depth: int) -> bool:
    """Whether a list, tuple or dict holds something that would shorten itself."""
    if not depth or not isinstance(value, (list, tuple, dict)):
        return False
    items = value.values() if isinstance(value, dict) else value
    return any(_describer(item) or _holds_any(item, depth - 1) for item in islice(items, MOST_ITEMS))


@contextmanager
def _whole() -> Iterator[None]:
    """What shortens itself by a setting of its library does not, for as long as this lasts."""
    with ExitStack() as stack:
        if numpy := _module("numpy"):
            stack.enter_context(numpy.printoptions(threshold=MOST_VALUES))
        if pandas := _module("pandas"):
            stack.enter_context(pandas.option_context(*(part for pair in _PANDAS.items() for part in pair)))
        if polars := _module("polars"):
            stack.enter_context(polars.Config(**_POLARS))
        yield
