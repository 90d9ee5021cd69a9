"""What a strict schema (`"strict": true`) must look like: by OpenAI's rules, as far as its SDK keeps them.

What we send keeps the narrower rules that all providers have in common: tests/data/providers.py, with the sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_KEYWORDS = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "description", "title"}
    | {"$defs", "$ref", "pattern", "format", "minItems", "maxItems"}
    | {"minLength", "maxLength", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)


def refused(format: Mapping[str, Any]) -> str | None:
    """Why a `json_schema` of `response_format` is refused, or None."""
    if not NAME.fullmatch(str(format.get("name", ""))):
        return f"the name must be 1 to 64 of a-z, A-Z, 0-9, _ and -, not {str(format.get('name'))[:80]!r}"
    if format.get("strict") is not True:
        return None
    schema = format.get("schema")
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'"
    return next(_faults(schema, ()), None)


def _faults(schema: Any, place: tuple[str, ...]) -> Iterator[str]:
    where = f"In context={place!r}, "
    if not isinstance(schema, dict):
        yield f"{where}every schema must be an object"
        return
    if unknown := sorted(schema.keys() - _KEYWORDS):
        yield f"{where}'{unknown[0]}' is not permitted"
    if not schema.keys() & {"type", "anyOf", "enum", "$ref"}:
        yield f"{where}schema must have a 'type' key"
    if "properties" in schema or "object" in str(schema.get("type")):
        yield from _open(schema, where)
    for group in ("properties", "$defs"):
        for name, member in (schema.get(group) or {}).items():
            yield from _faults(member, (*place, group, name))
    if "array" in str(schema.get("type")) and "items" not in schema:
        yield f"{where}array schema missing items"
    if "items" in schema:
        yield from _faults(schema["items"], (*place, "items"))
    for number, option in enumerate(schema.get("anyOf") or ()):
        yield from _faults(option, (*place, "anyOf", str(number)))


def _open(schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield f"{where}'additionalProperties' is required to be supplied and to be false"
    if missing := [name for name in schema.get("properties") or {} if name not in (schema.get("required") or ())]:
        yield f"{where}'required' must hold every key in properties. Missing '{missing[0]}'"
