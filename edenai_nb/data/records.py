"""Many records, dicts in a list or in a dict, told as a table is: by their schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .columns import Column, step_for
from .described import Described, Level
from .frames import WHOLE_ROWS, schema

MOST_FIELDS = 1_000


def read(value: Any) -> list[Mapping[Any, Any]] | None:
    """The records in a list, tuple or dict of more than fifty; None for anything else."""
    if not isinstance(value, (list, tuple, dict)) or len(value) <= WHOLE_ROWS:
        return None
    records = list(value.values()) if isinstance(value, dict) else list(value)
    return records if all(isinstance(record, Mapping) and record for record in records) else None


def describe(records: list[Mapping[Any, Any]], name: str, level: Level) -> Described:
    """The schema of the records, of which fields, types and missing ones are counted in a sample of many."""
    names = list(dict.fromkeys(key for record in records[:MOST_FIELDS] for key in record))[:MOST_FIELDS]
    step = step_for(len(records), len(names))
    sample = records[::step]
    columns = [_column(key, [record.get(key) for record in sample], step) for key in names]
    told = f"schema of {len(records):,} records x {len(names):,}"
    text = schema(columns, [[]] * len(columns), [])
    counted = f"\ncounted in {len(sample):,} of the records" if step > 1 else ""
    return Described(text + counted, told, (f"{name}: {told}",), language="csv", is_block=True)


def _column(key: Any, values: list[Any], step: int) -> Column:
    there = [value for value in values if value is not None]
    types = " or ".join(sorted({type(value).__name__ for value in there})) or "None"
    try:
        distinct: int | None = len(set(there))
    except TypeError:  # lists and dicts have no hash
        distinct = None
    return Column(str(key), types, len(values) - len(there), distinct, in_sample=step > 1)
