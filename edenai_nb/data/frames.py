"""Tables of pandas, polars, pyarrow and others: few rows whole, many as their schema, without a value of the data."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from . import columns, rows
from .columns import Column
from .described import Described, Level
from .rows import Table, written

WHOLE_ROWS = 50
WHOLE_COLUMNS = 100
MOST_NAMED = 5  # columns of one type, of a table that is too wide for a line each

# What narwhals reads; it takes 40 ms to import, so it is not asked about anything else.
_LIBRARIES = frozenset(
    {"pandas", "polars", "pyarrow", "modin", "cudf", "duckdb", "ibis", "dask", "pyspark", "sqlframe", "narwhals"}
)
_HEAD = ["column", "type", "missing", "distinct"]


def read(value: Any) -> Table | None:
    """The value as a table; None if it is none."""
    if not is_of_library(value):
        return None
    import narwhals as nw

    value = _of_pyarrow(nw.to_native(value, pass_through=True))
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        if isinstance(value, pandas.MultiIndex):
            value = value.to_frame(index=False)
        elif isinstance(value, (pandas.Index, pandas.api.extensions.ExtensionArray)):
            value = pandas.Series(value, name=getattr(value, "name", None))
        if isinstance(value, pandas.DataFrame):
            return _of_pandas(value)
    return _of_narwhals(nw.from_native(value, allow_series=True, pass_through=True))


def read_lazy(value: Any) -> Any:
    """The value as a narwhals LazyFrame; None if it is none. It is not computed."""
    nw = sys.modules.get("narwhals")
    lazy = nw.from_native(value, pass_through=True) if nw and is_of_library(value) else None
    return lazy if nw and isinstance(lazy, nw.LazyFrame) else None


def describe_lazy(lazy: Any, name: str) -> Described:
    """Names and types of a table that is not computed yet."""
    found = [(column, columns.plain(kind)) for column, kind in lazy.collect_schema().items()]
    told = f"schema of {len(found):,} columns, not computed"
    return Described(written([_HEAD[:2], *found]), told, (f"{name}: {told}",), language="csv", is_block=True)


def describe(table: Table, name: str, level: Level) -> Described:
    """The table at a level; without one, whole up to 50 rows of 100 columns, else its schema."""
    is_small = table.rows <= WHOLE_ROWS and len(table.names) <= WHOLE_COLUMNS
    if level.name == "rows" or (not level.name and is_small and table.rows):
        return rows.describe(table, name, level.rows)
    told = f"{level.name or 'schema'} of {table.shape}"
    text = _schema(table, with_stats=level.name == "stats")
    return Described(text, told, (f"{name}: {told}",), language="csv", is_block=True)


def schema(found: Sequence[Column], more: Sequence[Sequence[str]], head: Sequence[str]) -> str:
    """A line for each column; for each type where there are too many."""
    if len(found) > WHOLE_COLUMNS:
        return written([["type", "columns", "names", "missing"], *_by_type(found)])
    return written([[*_HEAD, *head], *([*one.cells, *rest] for one, rest in zip(found, more, strict=True))])


def is_of_library(value: Any) -> bool:
    """Whether its type comes from a library of tables."""
    return not _LIBRARIES.isdisjoint(kind.__module__.partition(".")[0] for kind in type(value).__mro__)


def _of_pyarrow(value: Any) -> Any:
    """A batch or an array of pyarrow as what narwhals reads; anything else as it is."""
    if (pyarrow := sys.modules.get("pyarrow")) is None or not hasattr(pyarrow, "Array"):
        return value
    if isinstance(value, pyarrow.RecordBatch):
        return pyarrow.Table.from_batches([value])
    return pyarrow.chunked_array([value]) if isinstance(value, pyarrow.Array) else value


def _of_pandas(frame: Any) -> Table:
    # Column by column: narwhals takes no names that occur twice, and pandas has frames with such.
    import narwhals as nw

    native = [frame.iloc[:, place] for place in range(frame.shape[1])]
    series = [nw.from_native(one, series_only=True) for one in native]
    return Table([_name(name) for name in frame.columns], series, len(frame), frame, _index(frame.index))


def _of_narwhals(found: Any) -> Table | None:
    import narwhals as nw

    if isinstance(found, nw.Series):
        native = found.to_native()
        index = _index(native.index) if hasattr(native, "index") and hasattr(native, "iloc") else ""
        return Table([_name(found.name or "value")], [found], len(found), native, index, is_column=True)
    if not isinstance(found, nw.DataFrame):
        return None
    native = found.to_native()
    given = getattr(native, "columns", None)  # of pyarrow: the columns themselves, whose names may occur twice
    if type(native).__module__.startswith("pyarrow") and isinstance(given, list):
        series = [nw.from_native(one, series_only=True) for one in given]
        return Table(list(native.column_names), series, native.num_rows, native)
    return Table(list(found.columns), [found[name] for name in found.columns], len(found), native)


def _name(name: Any) -> str:
    return " / ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _index(index: Any) -> str:
    """The index of a pandas frame, unless it only counts the rows."""
    if type(index).__name__ == "RangeIndex" and index.name is None:
        return ""
    types = getattr(index, "dtypes", None)
    kinds = [str(kind) for kind in types] if types is not None else [str(index.dtype)]
    return "index: " + ", ".join(f"{name} ({kind})" for name, kind in zip(_index_names(index), kinds, strict=True))


def _index_names(index: Any) -> list[str]:
    return ["index" if name is None else _name(name) for name in index.names]


def _schema(table: Table, *, with_stats: bool) -> str:
    step = columns.step_for(table.rows, len(table.names))
    found = [columns.facts(name, one, step) for name, one in zip(table.names, table.series, strict=True)]
    head = ["range", "most frequent"] if with_stats else []
    more = [[columns.spread(one), columns.frequent(one)] if with_stats else [] for one in table.series]
    sample = f"distinct: counted in {-(-table.rows // step):,} of the rows" if step > 1 else ""
    return "\n".join(filter(None, [schema(found, more, head), table.index, sample]))


def _by_type(found: Sequence[Column]) -> Iterator[list[str]]:
    kinds: dict[str, list[Column]] = {}
    for column in found:
        kinds.setdefault(column.type, []).append(column)
    for kind, members in kinds.items():
        names = [column.name for column in members]
        if len(names) > MOST_NAMED + 1:
            names[MOST_NAMED:-1] = ["…"]
        missing = sum(column.missing or 0 for column in members)
        yield [kind, f"{len(members):,}", ", ".join(names), f"{missing:,}"]
