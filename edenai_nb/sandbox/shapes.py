"""Validates JSON values like pydantic: the same values are accepted, the same paths and messages reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias

Place: TypeAlias = tuple[str | int, ...]
_WHOLE = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*(?:\.0+)?")
_MOST_DIGITS = 4300  # Python's, and thus pydantic's, limit for one number
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}


class Problem(NamedTuple):
    """One invalid value: its path, the message, and pydantic's name for the error."""

    where: Place
    message: str
    type: str


class Wrong(Exception):
    """Raised for a value that does not fit its shape; holds all problems."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(f"{len(self.problems)} problems")


class Shape(Protocol):
    """What a value must look like. `label`: pydantic's name for it as a member of a union."""

    @property
    def label(self) -> str:
        """The name of the shape in the path of a problem."""

    def read(self, value: Any, at: Place) -> Any:
        """The validated value, converted like by pydantic (`"5"` to 5). Raises Wrong."""


def _wrong(at: Place, message: str, type: str) -> Wrong:
    return Wrong([Problem(at, f"Input should be {message}", type)])


@dataclass(frozen=True)
class Anything(Shape):
    """Any value, unchanged."""

    label = "any"

    def read(self, value: Any, at: Place) -> Any:
        return value


@dataclass(frozen=True)
class Text(Shape):
    """A string of at least `least` and at most `most` characters."""

    least: int = 0
    most: float = float("inf")

    @property
    def label(self) -> str:
        return "str" if self == Text() else "constrained-str"

    def read(self, value: Any, at: Place) -> str:
        if not isinstance(value, str):
            raise _wrong(at, "a valid string", "string_type")
        if len(value) > self.most:
            raise Wrong([Problem(at, f"String should have at most {self.most} characters", "string_too_long")])
        if len(value) < self.least:
            raise Wrong([Problem(at, f"String should have at least {self.least} character", "string_too_short")])
        return value


@dataclass(frozen=True)
class OneOf(Shape):
    """One of these words."""

    words: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"literal[{','.join(map(repr, self.words))}]"

    def read(self, value: Any, at: Place) -> str:
        if isinstance(value, str) and value in self.words:
            return value
        *most, last = map(repr, self.words)
        raise _wrong(at, f"{', '.join(most)} or {last}" if most else last, "literal_error")


@dataclass(frozen=True)
class Flag(Shape):
    """A boolean, or a number or string that pydantic converts to one."""

    label = "bool"

    def read(self, value: Any, at: Place) -> bool:
        known = str(int(value)) if isinstance(value, int | float) and value in (0, 1) else value
        if isinstance(known, str) and known.lower() in _BOOLEANS:
            return _BOOLEANS[known.lower()]
        if isinstance(value, str | int | float):
            raise _wrong(at, "a valid boolean, unable to interpret input", "bool_parsing")
        raise _wrong(at, "a valid boolean", "bool_type")


@dataclass(frozen=True)
class Whole(Shape):
    """An integer within limits (inclusive)."""

    least: float = float("-inf")
    most: float = float("inf")
    label = "int"

    def read(self, value: Any, at: Place) -> int:
        number = self._number(value, at)
        _within(self, number, at)
        return number

    def _number(self, value: Any, at: Place) -> int:
        if isinstance(value, float):
            if value.is_integer() and abs(value) < 2**63:
                return int(value)
            raise _wrong(at, "a valid integer, got a number with a fractional part", "int_from_float")
        if isinstance(value, str):
            text = value.strip()
            if _WHOLE.fullmatch(text) and len(text) <= _MOST_DIGITS:
                return int(text.partition(".")[0])
            raise _wrong(at, "a valid integer, unable to parse string as an integer", "int_parsing")
        if isinstance(value, int):
            return int(value)
        raise _wrong(at, "a valid integer", "int_type")


@dataclass(frozen=True)
class Number(Shape):
    """A number within limits (inclusive)."""

    least: float = float("-inf")
    most: float = float("inf")
    label = "float"

    def read(self, value: Any, at: Place) -> float:
        number = self._number(value, at)
        _within(self, number, at)
        return number

    def _number(self, value: Any, at: Place) -> float:
        if isinstance(value, str):
            text = value.strip()
            try:
                return float(text.replace("_", "") if text.isascii() else "")
            except ValueError:
                message = "a valid number, unable to parse string as a number"
                raise _wrong(at, message, "float_parsing") from None
        try:
            return float(value)
        except (TypeError, OverflowError):
            raise _wrong(at, "a valid number", "float_type") from None


def _within(shape: Whole | Number, value: float, at: Place) -> None:
    if shape.most != float("inf") and not value <= shape.most:  # not `>`: NaN is never within
        raise _wrong(at, f"less than or equal to {shape.most:g}", "less_than_equal")
    if shape.least != float("-inf") and not value >= shape.least:
        raise _wrong(at, f"greater than or equal to {shape.least:g}", "greater_than_equal")


@dataclass(frozen=True)
class Items(Shape):
    """A list of at least `least` and at most `most` items."""

    item: Shape
    least: int = 0
    most: float = float("inf")

    @property
    def label(self) -> str:
        return f"list[{self.item.label}]"

    def read(self, value: Any, at: Place) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong(at, "a valid list", "list_type")
        for is_off, words, type in (
            (len(value) > self.most, f"at most {self.most} items", "too_long"),
            (len(value) < self.least, f"at least {self.least} item", "too_short"),
        ):
            if is_off:
                raise Wrong([Problem(at, f"List should have {words} after validation, not {len(value)}", type)])
        return list(_each(((number, self.item, item) for number, item in enumerate(value)), at).values())


@dataclass(frozen=True)
class Table(Shape):
    """An object with any keys, and values of one shape."""

    value: Shape = field(default_factory=Anything)

    @property
    def label(self) -> str:
        return f"dict[str,{self.value.label}]"

    def read(self, value: Any, at: Place) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(at, "a valid dictionary", "dict_type")
        return _each(((key, self.value, item) for key, item in value.items()), at)


@dataclass(frozen=True)
class Record:
    """An object with these fields. Those in `needs` are required; unknown ones are refused if it is `closed`."""

    label: str
    fields: Mapping[str, Shape]
    needs: tuple[str, ...] = ()
    closed: bool = False

    def read(self, value: Any, at: Place) -> dict[str, Any]:
        """Known fields validated, others unchanged. Raises Wrong with all problems."""
        if not isinstance(value, dict):
            raise _wrong(at, "a valid dictionary or object to extract fields from", "model_attributes_type")
        problems = [Problem((*at, name), "Field required", "missing") for name in self.needs if name not in value]
        if self.closed:
            unknown = (name for name in value if name not in self.fields)
            problems += (Problem((*at, name), "Extra inputs are not permitted", "extra_forbidden") for name in unknown)
        known = ((name, shape, value[name]) for name, shape in self.fields.items() if name in value)
        return {**value, **_each(known, at, problems)}


@dataclass(frozen=True)
class Maybe(Shape):
    """The shape, or null."""

    shape: Shape

    @property
    def label(self) -> str:
        return f"nullable[{self.shape.label}]"

    def read(self, value: Any, at: Place) -> Any:
        return None if value is None else self.shape.read(value, at)


@dataclass(frozen=True)
class Union(Shape):
    """The first of these shapes that accepts the value. If none does, the problems of each, under its label."""

    shapes: tuple[Shape, ...]

    @property
    def label(self) -> str:
        return f"union[{','.join(shape.label for shape in self.shapes)}]"

    def read(self, value: Any, at: Place) -> Any:
        problems: list[Problem] = []
        for shape in self.shapes:
            try:
                return shape.read(value, (*at, shape.label))
            except Wrong as wrong:
                problems += wrong.problems
        raise Wrong(problems)


def _each(parts: Iterable[tuple[Any, Shape, Any]], at: Place, problems: Iterable[Problem] = ()) -> dict[Any, Any]:
    """A dict of all parts, each validated by its shape. Raises Wrong with the problems of all."""
    found, problems = {}, list(problems)
    for key, shape, value in parts:
        try:
            found[key] = shape.read(value, (*at, key))
        except Wrong as wrong:
            problems += wrong.problems
    if problems:
        raise Wrong(problems)
    return found
