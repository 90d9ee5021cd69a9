"""A prompt with `{{row}}` in it, filled in for one row after the other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from math import isinf
from typing import Any

from ..errors import InvalidInput
from .batch_rows import is_missing

MISSING = "missing"  # the `code` of the error of a row in which a named value is missing
_FIELD = re.compile(
    r"""\{\{\s*row(?P<path>(?:\.[^\W\d]\w*|\[\s*(?:"[^"\]]*"|'[^'\]]*'|-?\d+)\s*\])*)\s*"""
    r"(?:!(?P<conversion>[rs]))?(?::(?P<spec>[^{}]*))?\s*\}\}"
)
_ANY = re.compile(r"\{\{\s*row\b[^{}]*\}\}")
_SHARED = "system= is the same for all rows: {} belongs into the template; nothing was sent."
_STEP = re.compile(r"""\.(\w+)|\[\s*(?:"([^"\]]*)"|'([^'\]]*)'|(-?\d+))\s*\]""")
_NONE = "The template names no {{row}}, so that every row would be the same question; nothing was sent."
_MISSING = "{} is missing here (None or NaN), so that the row was not sent: fill it in, or leave such rows out."


@dataclass(frozen=True)
class _Field:
    """One `{{row.a["b"][0]!r:spec}}` of a template, with the text before it."""

    before: str
    typed: str
    path: tuple[str | int, ...]
    is_repr: bool
    spec: str

    def text(self, row: Any) -> str:
        value = row
        for step in self.path:
            value = _inner(not_missing(value, self.typed), step, self.typed)
        not_missing(value, self.typed)
        if self.is_repr:
            value = repr(value)
        try:
            return format(value, self.spec) if self.spec else as_text(value)
        except (TypeError, ValueError):
            raise InvalidInput(f"{self.typed} cannot be written like that; the row was not sent.") from None


class RowTemplate:
    """Names in a template are looked up, never evaluated: a column, a key, a position or a public attribute.

    Other braces (JSON, LaTeX, code) stay as typed. Raises InvalidInput for a template without `{{row}}`, and for an
    expression about the row that is more than a name.
    """

    def __init__(self, text: str) -> None:
        found = list(_FIELD.finditer(text))
        if more := {match[0] for match in _ANY.finditer(text)} - {match[0] for match in found}:
            raise InvalidInput(
                f"{min(more)} is more than a name: compute it beforehand, as a column; nothing was sent."
            )
        if not found:
            raise InvalidInput(_NONE)
        ends = [0, *(match.end() for match in found)]
        self._fields = [_field(text[end : match.start()], match) for end, match in zip(ends, found, strict=False)]
        self._rest = text[ends[-1] :]

    def with_rest(self, fill: Callable[[str], str]) -> RowTemplate:
        """The same template, what stands around its names filled in: a value put there is never looked into."""
        filled = copy(self)
        filled._fields = [replace(field, before=fill(field.before)) for field in self._fields]
        filled._rest = fill(self._rest)
        return filled

    def fill(self, row: Any) -> str:
        """The prompt for this row. Raises InvalidInput if what a name stands for is missing, or the row has no such."""
        return "".join([*(field.before + field.text(row) for field in self._fields), self._rest])


def check_shared(text: str | None) -> None:
    """Raise InvalidInput for a text that all rows share, and that names the row nevertheless."""
    if match := _ANY.search(text or ""):
        raise InvalidInput(_SHARED.format(match[0]))


def not_missing(value: Any, typed: str) -> Any:
    """The value. Raises InvalidInput for None, NaN and the like: in a prompt each would be a word or a gap."""
    if is_missing(value):
        raise InvalidInput(_MISSING.format(typed), code=MISSING)
    return value


def as_text(value: Any) -> str:
    """A value as it stands in the prompt: records, dicts and lists as JSON, in which what is missing is null."""
    if isinstance(value, str):
        return value
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False, default=str) if isinstance(plain, (dict, list)) else str(value)


def _plain(value: Any) -> Any:
    """What JSON knows: it has no NaN, no infinity, and only texts as names."""
    if _is_record(value):
        names = value.keys()  # sqlite3.Row gives its values when it is iterated over
        return {str(name): _plain(value[name]) for name in names}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if is_missing(value):
        return None
    if getattr(value, "shape", None) == ():  # a number of NumPy's
        value = value.item()
    return str(value) if isinstance(value, float) and isinf(value) else value


def _is_record(value: Any) -> bool:
    """A dict, or a row of pandas or sqlite3, whose attributes are not its fields."""
    has_keys = callable(getattr(type(value), "keys", None)) and getattr(value, "ndim", 1) == 1
    return has_keys or isinstance(value, Mapping)


def _field(before: str, match: re.Match[str]) -> _Field:
    steps = [
        int(number) if number else name or double or single
        for name, double, single, number in _STEP.findall(match["path"])
    ]
    return _Field(before, match[0], tuple(steps), match["conversion"] == "r", match["spec"] or "")


def _inner(value: Any, step: str | int, typed: str) -> Any:
    try:
        if isinstance(value, Mapping):
            return value[step] if step in value else value[str(step)]  # a frame's columns 0, 1, … are texts by now
        if isinstance(step, int) or _is_record(value):
            return value[step]
        if not step.startswith("_"):
            return getattr(value, step)
    except (LookupError, TypeError, AttributeError):
        pass
    names = f": it has {', '.join(map(str, list(value.keys())[:20]))}" if _is_record(value) else ""
    raise InvalidInput(f"There is no {typed} in a row{names}; the row was not sent.")
