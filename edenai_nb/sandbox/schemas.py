"""Simplifies JSON Schemas: follows `$ref` and merges `allOf`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote


class Unfit(ValueError):
    """No value was found that fits the schema; the message says why."""


def flat(schema: Any, root: Any, inside: frozenset[str]) -> tuple[dict[str, Any], frozenset[str]]:
    """(the schema without `$ref` and `allOf`, the references that were followed)."""
    if schema is True:
        return {}, inside
    if not isinstance(schema, dict):
        raise Unfit("nothing is allowed in one place" if schema is False else "a part of it is no schema")
    whole = {name: value for name, value in schema.items() if name not in ("$ref", "allOf")}
    parts = list(schema.get("allOf") or ())
    if "$ref" in schema:
        if schema["$ref"] in inside:
            raise Unfit(f"{schema['$ref']!r} holds itself without an end")
        inside |= {schema["$ref"]}
        parts.insert(0, _found(schema["$ref"], root))
    for part in parts:
        merged, inside = flat(part, root, inside)
        whole = _merged(merged, whole)
    return whole, inside


def options(schema: Mapping[str, Any]) -> list[Any]:
    """The alternatives of a flat schema, each merged with what applies to all; null comes last."""
    for name in ("anyOf", "oneOf"):
        if name in schema:
            rest = {key: value for key, value in schema.items() if key != name}
            plainest_last = sorted(schema[name], key=lambda option: option in ({"type": "null"}, {"const": None}))
            return [{"allOf": [rest, option]} for option in plainest_last]
    return []


def _found(reference: str, root: Any) -> Any:
    """The schema that a reference within the document points to (RFC 6901)."""
    if not reference.startswith("#"):
        raise Unfit(f"{reference[:80]!r} is outside of it")
    place = root
    for step in unquote(reference[1:]).split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        try:
            place = place[int(step)] if isinstance(place, list) else place[step]
        except (LookupError, ValueError, TypeError):
            raise Unfit(f"{reference[:80]!r} leads nowhere") from None
    return place


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that combines both. For keywords that cannot be combined, `other` counts."""
    both = {name: _JOINED.get(name, _last)(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def _last(_: Any, other: Any) -> Any:
    return other


def _all_of(one: Any, other: Any) -> Any:
    return {"allOf": [one, other]}


def _by_name(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, **other, **{name: _all_of(one[name], other[name]) for name in one.keys() & other.keys()}}


def _names(one: list[str], other: list[str]) -> list[str]:
    return list(dict.fromkeys((*one, *other)))


def _each_with_each(one: list[Any], other: list[Any]) -> list[Any]:
    return [_all_of(first, second) for first in one for second in other]


def _shared(one: list[Any], other: list[Any]) -> list[Any]:
    return [value for value in one if value in other]


def _types(one: Any, other: Any) -> Any:
    first, second = ([types] if isinstance(types, str) else types for types in (one, other))
    shared = _shared(first, second)
    if {"integer", "number"} <= {*first, *second}:
        shared.append("integer")
    if not shared:
        raise Unfit("it wants two types at once")
    return list(dict.fromkeys(shared))


def _same(one: Any, other: Any) -> Any:
    if one != other:
        raise Unfit("it wants two values at once")
    return one


_JOINED: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(("properties", "patternProperties"), _by_name),
    **dict.fromkeys(("items", "additionalProperties", "contains"), _all_of),
    **dict.fromkeys(("anyOf", "oneOf"), _each_with_each),
    "required": _names,
    "enum": _shared,
    "type": _types,
    "const": _same,
}
