"""Records as a DataFrame of pandas or polars, with the types of their JSON Schema."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .tables import Records

# What a column of a JSON Schema is in pandas: types that can hold a missing value.
_PANDAS = {"integer": "Int64", "number": "Float64", "boolean": "boolean", "string": "string"}
_TIMES = ("date", "date-time")


def frame(rows: Records, schema: Mapping[str, Any], library: str = "") -> Any:
    """The records as a DataFrame of this library; "" takes polars where only that is loaded, else pandas.

    Columns that the schema knows have its types: Int64, Float64, boolean, string, category for an enum, datetime.
    """
    kinds = {name: _kind(member) for name, member in _fields(schema).items()}
    names = list(dict.fromkeys([*kinds, *(name for row in rows for name in row)]))
    columns = {name: [row.get(name) for row in rows] for name in names}
    if library == "polars" or (not library and "polars" in sys.modules and "pandas" not in sys.modules):
        return _polars(columns, kinds)
    return _pandas(columns, kinds)


def _fields(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of the records in a schema: of its list, or of the only list in its object."""
    items = schema.get("items")
    if isinstance(items, Mapping):
        return dict(items.get("properties") or {})
    lists = [part for part in (schema.get("properties") or {}).values() if isinstance(part.get("items"), Mapping)]
    return _fields(lists[0]) if len(lists) == 1 else {}


def _kind(member: Mapping[str, Any]) -> str:
    """`integer`, `number`, `boolean`, `string`, `enum`, `time`, or "" for what has no type of its own."""
    options = [option for option in member.get("anyOf") or [member] if option.get("type") != "null"]
    if len(options) != 1:
        return ""
    types = options[0].get("type")
    types = [types] if isinstance(types, str) else [one for one in types or () if one != "null"]
    if "enum" in options[0]:
        return "enum" if all(isinstance(value, (str, type(None))) for value in options[0]["enum"]) else ""
    if options[0].get("format") in _TIMES:
        return "time"
    return str(types[0]) if len(types) == 1 else ""


def _pandas(columns: Mapping[str, list[Any]], kinds: Mapping[str, str]) -> Any:
    import pandas as pd  # type: ignore[import-untyped]

    made = {}
    for name, values in columns.items():
        kind = kinds.get(name, "")
        column = pd.Series(values, dtype=_PANDAS.get(kind) or ("object" if kind in ("enum", "time") else None))
        if kind == "time":
            with suppress(ValueError):  # some with a time zone, some without: they stay text
                column = pd.to_datetime(column, format="ISO8601")
        made[name] = column.astype("category") if kind == "enum" else column
    return pd.DataFrame(made)


def _polars(columns: Mapping[str, list[Any]], kinds: Mapping[str, str]) -> Any:
    import polars as pl

    types = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean, "string": pl.String, "enum": pl.String}
    made = []
    for name, values in columns.items():
        column = pl.Series(name, values, dtype=types.get(kinds.get(name, "")), strict=False)
        if kinds.get(name) == "time":
            times = column.cast(pl.String).str.to_datetime(strict=False)
            column = times if times.null_count() == column.null_count() else column
        made.append(column.cast(pl.Categorical) if kinds.get(name) == "enum" else column)
    return pl.DataFrame(made)
