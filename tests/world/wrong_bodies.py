"""Bodies that are wrong at one place, made from the published document field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .strict_server import DOCUMENT

SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
FIELDS: tuple[str, ...] = tuple(SCHEMAS["LlmCompletionBody"]["properties"])
_OF_ANOTHER_TYPE: dict[str, tuple[Any, ...]] = {
    "string": (5, 1.5, True, ["x"], {"x": 1}),
    "integer": ("five", 1.5, [1], {"x": 1}),
    "number": ("warm", [1], {"x": 1}),
    "boolean": ("maybe", 2, [True], {"x": 1}),
    "array": ("x", 5, {"x": 1}),
    "object": ("x", 5, ["x"]),
    "null": (),
}


def body(**fields: Any) -> dict[str, Any]:
    """A body that is right, but for what is given."""
    return {"model": "openai/gpt-5-mini", "messages": [{"role": "user", "content": "Hi"}], **fields}


def wrong_bodies(field: str) -> Iterator[dict[str, Any]]:
    """Bodies in which this field is missing, or holds what its schema does not allow."""
    whole = SCHEMAS["LlmCompletionBody"]
    if field in whole["required"]:
        yield {name: value for name, value in body().items() if name != field}
        yield body(**{field: None})
    yield from (body(**{field: value}) for value in _wrong(whole["properties"][field]))


def _wrong(schema: dict[str, Any]) -> Iterator[Any]:
    """Values that the schema does not allow, or for one of several: that at least this one does not."""
    if "$ref" in schema:
        yield from _wrong(_named(schema))
    elif "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from _wrong(option)
    elif "const" in schema or "enum" in schema:
        yield from (5, None, ["x"], "no such word", (schema.get("enum") or [schema["const"]])[0].upper())
    else:
        yield from _OF_ANOTHER_TYPE[schema["type"]]
        yield from _beyond_the_limits(schema)
        yield from _wrong_inside(schema)


def _beyond_the_limits(schema: dict[str, Any]) -> Iterator[Any]:
    if "minimum" in schema:
        yield from (schema["minimum"] - 1, schema["minimum"] - 1e9)
    if "maximum" in schema:
        yield from (schema["maximum"] + 1, schema["maximum"] + 1e9)
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if "maxItems" in schema:
        yield ["x"] * (schema["maxItems"] + 1)


def _wrong_inside(schema: dict[str, Any]) -> Iterator[Any]:
    if schema["type"] == "array":
        right = _right(schema["items"])
        yield from ([value] for value in _wrong(schema["items"]))
        yield [right, next(_wrong(schema["items"]))]
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        yield from ({"right": _right(values), "wrong": value} for value in _wrong(values))
    if schema.get("properties"):
        yield from _wrong_properties(schema, _right(schema))


def _wrong_properties(schema: dict[str, Any], right: dict[str, Any]) -> Iterator[Any]:
    for name in schema.get("required", ()):
        yield {key: value for key, value in right.items() if key != name}
    for name, inner in schema["properties"].items():
        yield from ({**right, name: value} for value in _wrong(inner))
    if schema.get("additionalProperties") is False:
        yield {**right, "unknown": 1}


def _right(schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _right(_named(schema))
    if "anyOf" in schema:
        return _right(schema["anyOf"][0])
    if "const" in schema or "enum" in schema:
        return (schema.get("enum") or [schema["const"]])[0]
    if schema["type"] == "object":
        return {name: _right(schema["properties"][name]) for name in schema.get("required", ())}
    return {"string": "x", "integer": 1, "number": 1.0, "boolean": True, "array": [], "null": None}[schema["type"]]


def _named(schema: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    return named
