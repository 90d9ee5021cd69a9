"""JSON Schemas without `$ref`, `allOf`, `oneOf` and `const`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from ..errors import InvalidInput

_BOTH = ("properties", "$defs", "definitions")


def flat(schema: Any, root: Any, inside: frozenset[str]) -> tuple[dict[str, Any], frozenset[str]]:
    """(the schema with these resolved at its top, the references that were followed to it).

    Raises InvalidInput for a schema that holds itself, and for what is no schema.
    """
    if schema is True:
        return {}, inside
    if not isinstance(schema, Mapping):
        raise InvalidInput("A part of the schema is no JSON Schema; nothing was sent.")
    whole = {name: value for name, value in schema.items() if name not in ("$ref", "allOf", "oneOf", "const")}
    if "const" in schema:
        whole["enum"] = [schema["const"]]
    if "oneOf" in schema:
        whole["anyOf"] = [*whole.get("anyOf", ()), *schema["oneOf"]]
    parts = list(schema.get("allOf") or ())
    if "$ref" in schema:
        target, inside = _followed(str(schema["$ref"]), root, inside)
        parts.insert(0, target)
    for part in parts:
        merged, inside = flat(part, root, inside)
        whole = _merged(merged, whole)
    return whole, inside


def inlined(schema: Any, root: Any = None, inside: frozenset[str] = frozenset()) -> Any:
    """The schema with every reference in it resolved. Raises InvalidInput as `flat` does."""
    whole, inside = flat(schema, schema if root is None else root, inside)
    root = schema if root is None else root
    made: dict[str, Any] = {name: value for name, value in whole.items() if name not in ("$defs", "definitions")}
    for name in ("items", "additionalProperties"):
        if isinstance(made.get(name), Mapping):
            made[name] = inlined(made[name], root, inside)
    for name in ("anyOf", "prefixItems"):
        if name in made:
            made[name] = [inlined(part, root, inside) for part in made[name]]
    for name in ("properties", "patternProperties"):
        if name in made:
            made[name] = {key: inlined(part, root, inside) for key, part in made[name].items()}
    return made


def _followed(reference: str, root: Any, inside: frozenset[str]) -> tuple[Any, frozenset[str]]:
    if reference in inside:
        name = reference.rsplit("/", 1)[-1]
        raise InvalidInput(
            f"{name} of the schema holds itself, which not every provider takes: give it as many levels as you need. "
            "Nothing was sent."
        )
    return _found(reference, root), inside | {reference}


def _found(reference: str, root: Any) -> Any:
    """What a reference within the document points to (RFC 6901)."""
    place = root
    if reference.startswith("#"):
        for step in unquote(reference[1:]).split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            place = place.get(step) if isinstance(place, Mapping) else None
        if place is not None:
            return place
    raise InvalidInput(f"The schema refers to {reference[:80]!r}, which is not in it; nothing was sent.")


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both schemas as one; where they differ, `other` counts."""
    whole = {**one, **other}
    for name in _BOTH:
        if name in one and name in other:
            whole[name] = {**one[name], **other[name]}
    if "required" in one and "required" in other:
        whole["required"] = list(dict.fromkeys([*one["required"], *other["required"]]))
    return whole
