"""The tables in an answer: markdown tables, CSV in a fence, lists of records in JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from .json_text import json_value

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

Records: TypeAlias = list[dict[str, Any]]

_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")  # 00501 is none: it would lose its zeros
_MINUS = "\u2212"  # as typesetters write it
_DELIMITERS = {"csv": ",", "tsv": "\t"}


def tables(text: str) -> list[Records]:
    """The tables in a text, in order, each as a list of records; a column of numbers is one of int or float."""
    try:
        return [rows] if (rows := records(json.loads(text))) else []
    except (ValueError, RecursionError):
        return list(_tables(text))


def records(value: Any) -> Records | None:
    """A list of records as it is, or the only one in an object; None where there is none."""
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return value
    if isinstance(value, dict):
        inner = [rows for item in value.values() if isinstance(item, list) and (rows := records(item))]
        return inner[0] if len(inner) == 1 else None
    return None


def _tables(text: str) -> Iterator[Records]:
    tokens = _parser().parse(text)
    rows: list[list[str]] = []
    for place, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(_plain(tokens[place + 1].content))
        elif token.type == "table_close":
            yield _typed(rows)
            rows = []
        elif token.type == "fence":
            yield from _fenced(token.info.split()[:1], token.content)


def _fenced(language: list[str], source: str) -> Iterator[Records]:
    kind = language[0].lower() if language else ""
    if kind in _DELIMITERS:
        rows = [row for row in csv.reader(io.StringIO(source.strip()), delimiter=_DELIMITERS[kind]) if row]
        if len(rows) > 1:
            yield _typed(rows)
    elif kind in ("markdown", "md"):
        yield from _tables(source)
    elif kind in ("json", ""):
        try:
            found = records(json_value(source))
        except ValueError:
            return
        if found:
            yield found


def _plain(cell: str) -> str:
    """The text of a cell without the marks around all of it."""
    text = cell.strip().replace("\\|", "|")
    while len(text) > 2 and text[0] == text[-1] and text[0] in "*_`":
        text = text[1:-1]
    return text


def _typed(rows: list[list[str]]) -> Records:
    names, *body = rows
    columns = [[row[i].strip() if i < len(row) else "" for row in body] for i in range(len(names))]
    made = [_numbers(column) for column in columns]
    return [dict(zip(_told_apart(names), row, strict=True)) for row in zip(*made, strict=True)]


def _told_apart(names: list[str]) -> list[str]:
    """The names, of which those that stand there again are numbered: `a`, `a_2`."""
    counted = [names[: place + 1].count(name) for place, name in enumerate(names)]
    return [f"{name}_{count}" if count > 1 else name for name, count in zip(names, counted, strict=True)]


def _numbers(column: list[str]) -> list[Any]:
    plain = [cell.replace(_MINUS, "-") for cell in column]
    if not any(plain) or not all(_NUMBER.fullmatch(cell) for cell in plain if cell):
        return [cell or None for cell in column]
    is_whole = not any(set(".eE") & set(cell) for cell in plain)
    return [(int(cell) if is_whole else float(cell)) if cell else None for cell in plain]


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # here, as the import takes 30 ms and most answers have no table

    return MarkdownIt("commonmark").enable("table").disable(["html_block"])
