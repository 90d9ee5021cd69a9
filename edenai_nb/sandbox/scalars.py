"""Generates distinct texts and numbers within the limits of a JSON Schema, the simplest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import count, islice, takewhile
from math import ceil, floor
from operator import ge, gt, le, lt
from typing import Any

from .pattern import matches
from .schemas import Unfit

WORD = "sandbox"
MOST_CHARACTERS = 100_000
MOST_TRIES = 10_000
_FORMATS = {  # `0` is replaced by another digit in each further text
    "date-time": "2026-01-10T12:00:00Z",
    "date": "2026-01-10",
    "time": "12:00:10Z",
    "duration": "PT10S",
    "email": "sandbox0@example.com",
    "idn-email": "sandbox0@example.com",
    "hostname": "sandbox0.example.com",
    "idn-hostname": "sandbox0.example.com",
    "ipv4": "127.0.0.10",
    "ipv6": "::10",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/0",
    "uri-reference": "/sandbox/0",
    "iri": "https://example.com/0",
    "iri-reference": "/sandbox/0",
    "uri-template": "https://example.com/{id}/0",
    "json-pointer": "/sandbox/0",
    "relative-json-pointer": "1/sandbox/0",
    "regex": "sandbox0",
    "byte": "c2FuZGJveA==",
    "base64": "c2FuZGJveA==",
}


def texts(schema: Mapping[str, Any]) -> Iterator[str]:
    """Texts for `minLength`, `maxLength`, `pattern`, `format`, `contentEncoding`. Raises Unfit."""
    least, most = schema.get("minLength", 0), schema.get("maxLength", MOST_CHARACTERS)
    if least > min(most, MOST_CHARACTERS):
        raise Unfit("it wants a text that is too long")
    found = False
    for text in _texts(schema, least, most):
        found = True
        yield text
    if not found:
        raise Unfit("no text was found for its pattern, format and lengths")


def _texts(schema: Mapping[str, Any], least: int, most: float) -> Iterator[str]:
    form = _FORMATS.get(schema.get("format") or schema.get("contentEncoding") or "")
    if "pattern" in schema:
        try:
            yield from matches(schema["pattern"], least, most)
        except ValueError as error:
            raise Unfit(str(error)) from None
    elif form is not None:
        yield from (text for text in _variants(form) if least <= len(text) <= most)
    else:
        yield from _words(least, int(most))


def _variants(form: str) -> Iterator[str]:
    head, digit, tail = form.rpartition("0")
    yield form
    if digit:
        yield from (f"{head}{number}{tail}" for number in range(1, 10))


def _words(least: int, most: int) -> Iterator[str]:
    for number in range(MOST_TRIES):
        yield f"{number or ''}{WORD}".ljust(least, ".")[:most]


def numbers(schema: Mapping[str, Any], *, whole: bool) -> Iterator[int | float]:
    """Numbers for `minimum`, `maximum`, both `exclusive…` and `multipleOf`. Raises Unfit."""
    found = False
    for number in islice(_fractions(schema, whole), MOST_TRIES):
        found = True
        yield int(number) if whole else float(number)
    if not found:
        raise Unfit("no number is within its limits")


def _fractions(schema: Mapping[str, Any], whole: bool) -> Iterator[Fraction]:
    low, high = _limit(schema, max, "minimum", "exclusiveMinimum"), _limit(schema, min, "maximum", "exclusiveMaximum")
    step = _exact(schema.get("multipleOf", 1))
    steps = _steps(step, low, high)
    fitting = (number for number in steps if _is_within(number, schema) and (not whole or number.denominator == 1))
    first = next(fitting, None)
    if first is not None:
        yield first
        yield from fitting
    elif not whole and "multipleOf" not in schema and low is not None and high is not None:
        yield from (n for n in (low + (high - low) / part for part in range(2, 100)) if _is_within(n, schema))


def _steps(step: Fraction, low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """Multiples of the step within the limits, beginning with the one nearest to the step itself."""
    first = max(ceil(low / step), 1) if low is not None and low > step else 1
    if high is not None and high < step:
        first = floor(high / step)
    up = (step * factor for factor in islice(count(first), MOST_TRIES))
    down = (step * factor for factor in islice(count(first - 1, -1), MOST_TRIES))
    yield from takewhile(lambda number: high is None or number <= high, up)
    yield from takewhile(lambda number: low is None or number >= low, down)


def _limit(schema: Mapping[str, Any], choose: Callable[[list[Fraction]], Fraction], *names: str) -> Fraction | None:
    limits = [_exact(schema[name]) for name in names if name in schema]
    return choose(limits) if limits else None


def _is_within(number: Fraction, schema: Mapping[str, Any]) -> bool:
    return all(holds(number, _exact(schema[name])) for name, holds in _HOLDS.items() if name in schema)


def _exact(number: Any) -> Fraction:
    """The decimal value as written: 0.1 is exactly a tenth."""
    return Fraction(str(number))


_HOLDS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "minimum": ge,
    "maximum": le,
    "exclusiveMinimum": gt,
    "exclusiveMaximum": lt,
}
