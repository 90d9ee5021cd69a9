"""The rows of a table as text, of many the first and the last."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .described import Described

MOST_COLUMNS = 1_000


@dataclass(frozen=True)
class Table:
    """A table of any library: the names of its columns, the columns as narwhals Series, its index in words."""

    names: list[str]
    series: list[Any]
    rows: int
    native: Any
    index: str = ""
    is_column: bool = False

    @property
    def shape(self) -> str:
        """`1,204,331 x 12`, or `20,000 values` of a single column."""
        return f"{self.rows:,} values" if self.is_column else f"{self.rows:,} x {len(self.names):,}"


def describe(table: Table, name: str, most: int) -> Described:
    """The rows; where there are more than `most`, the first and the last, with a line of dots between."""
    shown = _index(table) | dict(enumerate(table.series[:MOST_COLUMNS]))
    first = table.rows if table.rows <= most else -(-most // 2)
    last = 0 if table.rows <= most else most // 2
    lines = [[_written_name(table, key) for key in shown], *_cells(shown.values(), 0, first)]
    if first + last < table.rows:
        lines += [["…"] * len(shown), *_cells(shown.values(), table.rows - last, last)]
    told = ", ".join([*_left_out(table, most), table.shape])
    return Described(written(lines), told, (f"{name}: {told}",), language="csv", is_block=True)


def written(lines: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV: the form of a table with the fewest tokens that is still clear about what is where."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([_cell(value) for value in line] for line in lines)
    return buffer.getvalue().rstrip("\n")


def _left_out(table: Table, most: int) -> list[str]:
    unit, columns = "values" if table.is_column else "rows", len(table.names)
    rows = [f"{most:,} of {table.rows:,} {unit}"] if table.rows > most else []
    return rows + ([f"{MOST_COLUMNS:,} of {columns:,} columns"] if columns > MOST_COLUMNS else [])


def _index(table: Table) -> dict[str | int, Any]:
    """The levels of an index that says something, by their names."""
    if not table.index:
        return {}
    index = table.native.index
    names = ["index" if name is None else str(name) for name in index.names]
    return {name: index.get_level_values(place) for place, name in enumerate(names)}


def _written_name(table: Table, key: str | int) -> str:
    return key if isinstance(key, str) else table.names[key]


def _cells(columns: Iterable[Any], start: int, count: int) -> Iterable[tuple[Any, ...]]:
    return zip(*(list(column[start : start + count]) for column in columns), strict=True)


def _cell(value: Any) -> str:
    is_missing = value is None or type(value).__name__ in ("NAType", "NaTType")
    return "" if is_missing or (isinstance(value, float) and value != value) else str(value)
