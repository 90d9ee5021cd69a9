"""A JSON Schema in the form that every provider accepts.

Their rules (tests/data/providers.py names the sources) have this in common: the root is an object; every object lists
all its properties as required and is closed; what may be missing is null instead; nothing is referred to, nothing holds
itself; of the keywords only `type`, `properties`, `required`, `items`, `enum`, `anyOf` and `description` are left. The
others become words in the description, and the answer is checked against them here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidInput
from . import references

Restore = Callable[[Any], Any]

_TOLD = (
    "format",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contentEncoding",
)
_TYPES = ("string", "integer", "number", "boolean", "null", "object", "array")
_ANY = {"type": "string", "description": "any JSON value, written as JSON text"}
_PAIRS = "a list of the pairs of a map"


@dataclass(frozen=True)
class Closed:
    """A schema that is sent, and what turns an answer to it into one to the schema that it was made from."""

    schema: dict[str, Any]
    restore: Restore = lambda value: value


def close(schema: Any, root: Any = None) -> Closed:
    """The closed form of a schema; `root` is the document of its references. Raises InvalidInput if there is none."""
    return _close(schema, schema if root is None else root, frozenset())


def nullable(closed: Closed) -> Closed:
    """The same, or null."""
    schema = dict(closed.schema)
    if "anyOf" in schema:
        schema["anyOf"] = [*schema["anyOf"], {"type": "null"}]
    else:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        schema["type"] = list(dict.fromkeys([*types, "null"]))
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    return Closed(schema, closed.restore)


def _close(schema: Any, root: Any, inside: frozenset[str]) -> Closed:
    flat, inside = references.flat(schema, root, inside)
    closed = _of_kind(flat, root, inside)
    words = "; ".join(filter(None, [_described(flat), closed.schema.get("description")]))
    return Closed({**closed.schema, **({"description": words} if words else {})}, closed.restore)


def _of_kind(flat: Mapping[str, Any], root: Any, inside: frozenset[str]) -> Closed:
    if "enum" in flat:
        return _enum(flat["enum"])
    if "anyOf" in flat:
        return _union([_close(option, root, inside) for option in flat["anyOf"]])
    types = flat.get("type", _guessed(flat))
    if isinstance(types, list):
        return _union([_close({**flat, "type": one}, root, inside) for one in types])
    if types not in (*_TYPES, None):
        raise InvalidInput(f"The schema names a type that JSON does not have: {str(types)[:40]!r}. Nothing was sent.")
    if types == "object":
        return _object(flat, root, inside) if flat.get("properties") else _map(flat, root, inside)
    if types == "array":
        return _array(flat, root, inside)
    return Closed({"type": types}) if types else Closed(_ANY, _from_text)


def _guessed(flat: Mapping[str, Any]) -> str | None:
    if "properties" in flat or "additionalProperties" in flat:
        return "object"
    return "array" if "items" in flat or "prefixItems" in flat else None


def _enum(values: list[Any]) -> Closed:
    kinds = list(dict.fromkeys(map(_kind, values)))
    if not kinds or {"object", "array"} & set(kinds):
        raise InvalidInput("An enum of a schema needs values, and simple ones; nothing was sent.")
    if len(kinds) - ("null" in kinds) <= 1:
        return Closed({"type": kinds[0] if len(kinds) == 1 else sorted(kinds, key="null".__eq__), "enum": values})
    options = [{"type": kind, "enum": [value for value in values if _kind(value) == kind]} for kind in kinds]
    return Closed({"anyOf": [{"type": "null"} if option["type"] == "null" else option for option in options]})


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    kinds = {str: "string", int: "integer", float: "number", dict: "object", list: "array"}
    return kinds.get(type(value), "object")


def _union(options: list[Closed]) -> Closed:
    is_null = [option for option in options if option.schema == {"type": "null"}]
    rest = [option for option in options if option not in is_null]
    if not rest:
        return Closed({"type": "null"})
    if len(rest) == 1:
        return nullable(rest[0]) if is_null else rest[0]
    schemas = [schema for option in rest for schema in option.schema.get("anyOf", [option.schema])]
    union = Closed({"anyOf": schemas}, lambda value: _first(rest, value).restore(value))
    return nullable(union) if is_null and {"type": "null"} not in schemas else union


def _first(options: list[Closed], value: Any) -> Closed:
    """The alternative that a value was written for, by its shape."""
    return next((option for option in options if _has_shape(value, option.schema)), options[0])


def _has_shape(value: Any, schema: Mapping[str, Any]) -> bool:
    if "anyOf" in schema:
        return any(_has_shape(value, option) for option in schema["anyOf"])
    types, kind = schema.get("type", ()), _kind(value)
    if kind not in types and not (kind == "integer" and "number" in types):
        return False
    if "enum" in schema:
        return value in schema["enum"]
    if kind == "object":
        known = schema["properties"]
        return value.keys() == known.keys() and all(_has_shape(value[name], known[name]) for name in known)
    return kind != "array" or all(_has_shape(item, schema["items"]) for item in value)


def _object(flat: Mapping[str, Any], root: Any, inside: frozenset[str]) -> Closed:
    members = {str(name): _close(member, root, inside) for name, member in flat["properties"].items()}
    may_miss = members.keys() - set(flat.get("required") or ())
    left_out = {name for name in may_miss if not _has_shape(None, members[name].schema)}
    sent = {name: (nullable(member) if name in left_out else member).schema for name, member in members.items()}

    def restore(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        kept = {name: item for name, item in value.items() if not (item is None and name in left_out)}
        return {name: members[name].restore(item) if name in members else item for name, item in kept.items()}

    return Closed(_properties(sent), restore)


def _map(flat: Mapping[str, Any], root: Any, inside: frozenset[str]) -> Closed:
    """Any names with values of one kind: no provider takes open objects, so pairs are asked for."""
    kinds = list((flat.get("patternProperties") or {}).values()) or [flat.get("additionalProperties", True)]
    if kinds == [False]:
        return Closed(_properties({}))
    member = _union([_close(kind, root, inside) for kind in kinds])
    patterns = " or ".join(flat.get("patternProperties") or ())
    pairs = f"{_PAIRS}, whose keys match {patterns}" if patterns else _PAIRS
    pair = _properties({"key": {"type": "string"}, "value": member.schema})

    def restore(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: member.restore(item) for name, item in value.items()}
        if isinstance(value, list) and all(isinstance(row, dict) and row.keys() == {"key", "value"} for row in value):
            return {str(row["key"]): member.restore(row["value"]) for row in value}
        return value

    return Closed({"type": "array", "description": pairs, "items": pair}, restore)


def _properties(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def _array(flat: Mapping[str, Any], root: Any, inside: frozenset[str]) -> Closed:
    parts = [_close(part, root, inside) for part in flat.get("prefixItems") or ()]
    others = flat.get("items", not parts)
    rest = _close(others, root, inside) if others is not False and (others or not parts) else None
    kinds: list[Closed] = []
    for option in [*parts, *([rest] if rest else [])]:
        kinds += [option] if option.schema not in [kind.schema for kind in kinds] else []
    items = _union(kinds)

    def restore(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [(parts[i] if i < len(parts) else rest or items).restore(item) for i, item in enumerate(value)]

    order = {"description": f"in this order: {', '.join(map(_called, parts))}"} if len(kinds) > 1 and parts else {}
    return Closed({"type": "array", "items": items.schema, **order}, restore)


def _called(closed: Closed) -> str:
    """What a part of a list is, in a word or two."""
    types = closed.schema.get("type") or [_called(Closed(option)) for option in closed.schema["anyOf"]]
    return types if isinstance(types, str) else " or ".join(types)


def _described(flat: Mapping[str, Any]) -> str:
    known = [f"{name}: {json.dumps(flat[name], default=str)}" for name in _TOLD if name in flat]
    return "; ".join(filter(None, [str(flat.get("description") or "").strip(), *known]))


def _from_text(value: Any) -> Any:
    """A value of any kind from the JSON text that was asked for, or as the model wrote it."""
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return value
