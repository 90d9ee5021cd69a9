"""A JSON value as markdown: records as a table, objects as a list that folds where it is nested.

Also of a value that is still growing. Then every text begins with the one before it, as far as the value does: what was
shown of a closed row or field is never taken back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MOST_ROWS = 500  # of one table or list; all of them are in the value, and in the JSON
DEEPEST = 3  # levels, of which all but the first fold; what is deeper stands as JSON

_SPECIAL = re.compile(r"[\\`*_\[\]<>|$~&!]")


def markdown(value: Any, schema: Mapping[str, Any] | None = None, *, is_open: bool = False) -> str:
    """The value as markdown. `schema` says which columns its records will have; `is_open`: its end may still grow."""
    return "\n".join(_lines(value, schema or {}, is_open, 0))


def _lines(value: Any, schema: Mapping[str, Any], is_open: bool, level: int) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _fields(value, schema.get("properties") or {}, is_open, level)
    elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        items = schema.get("items")
        yield from _table(value, list(items.get("properties") or ()) if isinstance(items, dict) else [], is_open)
    elif isinstance(value, list):
        yield from (f"- {_inline(item)}" for item in value[:MOST_ROWS] if not _is_unfinished(item, value, is_open))
        yield from _left_out(value)
    else:
        yield _inline(value)


def _fields(value: Mapping[str, Any], schemas: Mapping[str, Any], is_open: bool, level: int) -> Iterator[str]:
    last = next(reversed(list(value)), None)
    for name, item in value.items():
        still_open = is_open and name == last
        if not isinstance(item, (dict, list)):
            yield f"- **{_inline(name)}**: {_inline(item)}"
        elif level == DEEPEST:
            if not still_open:
                yield f"- **{_inline(name)}**: {_inline(item)}"
        else:
            yield from ["", f"<details><summary>{_inline(name)}</summary>" if level else f"**{_inline(name)}**", ""]
            yield from _lines(item, schemas.get(name) or {}, still_open, level + 1)
            yield from [] if still_open else ["", "</details>", ""] if level else [""]


def _table(rows: list[dict[str, Any]], known: list[str], is_open: bool) -> Iterator[str]:
    names = list(dict.fromkeys([*known, *(name for row in rows for name in row)]))
    if not names or (is_open and not known and len(rows) == 1):
        return  # which columns there will be is only known at the end of the first row
    yield from [f"| {' | '.join(map(_inline, names))} |", "|" + "---|" * len(names)]
    for row in rows[:MOST_ROWS]:
        if not (is_open and row is rows[-1]):
            yield f"| {' | '.join(_inline(row.get(name, '')) for name in names)} |"
        elif cells := list(_open_cells(row, names)):
            yield f"| {' | '.join(cells)}"
    yield from _left_out(rows)


def _open_cells(row: dict[str, Any], names: list[str]) -> Iterator[str]:
    """The cells of the row that is being written, up to the first that has not come."""
    last = next(reversed(row), None)
    for name in names:
        if name not in row or (name == last and isinstance(row[name], (dict, list))):
            return
        yield _inline(row[name])


def _is_unfinished(item: Any, items: list[Any], is_open: bool) -> bool:
    return is_open and item is items[-1] and isinstance(item, (dict, list))


def _left_out(rows: list[Any]) -> Iterator[str]:
    if len(rows) > MOST_ROWS:
        yield from ["", f"*… and {len(rows) - MOST_ROWS:,} more*"]


def _inline(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, str):
        return _SPECIAL.sub(r"\\\g<0>", value).replace("\r", "").replace("\n", "<br>")
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text.replace('`', chr(39)).replace('|', chr(92) + '|')}`" if isinstance(value, (dict, list)) else text
