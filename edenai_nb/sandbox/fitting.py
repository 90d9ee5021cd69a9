"""Generates a small value that fits a JSON Schema, as a model would.

`not`, `if` and `unevaluated…` are ignored, and references outside of the schema are not followed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count, islice
from typing import Any

from . import schemas
from .pattern import matches
from .scalars import numbers, texts
from .schemas import Unfit

MOST_NODES = 5_000  # schema nodes visited, so that a small schema cannot produce a huge value
MOST_ITEMS = 1000
_SIGNS = {  # keywords that tell the type of a schema without `type`
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
# Providers take few keywords in a strict schema, so that clients put the others into the description.
_IN_WORDS = re.compile(
    r"(?:^|; )(format|pattern|multipleOf|uniqueItems|(?:exclusiveM|m)(?:in|ax)imum|(?:min|max)(?:Length|Items)): "
    r'("(?:[^"\\]|\\.)*"|[-+.\w]+)(?=;|$)'
)
_MISSING = object()


def fit(schema: Any) -> Any:
    """A value that fits. Raises Unfit, with the reason, if none is found or the schema is invalid."""
    try:
        return next(_Fitter(schema).values(schema))
    except Unfit:
        raise
    except (TypeError, AttributeError, LookupError, ValueError, ArithmeticError, RecursionError):
        raise Unfit("it is not a valid JSON Schema") from None


def json_text(schema: Any) -> str:
    """A value that fits, as JSON. Raises Unfit."""
    try:
        return json.dumps(fit(schema), ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, Unfit) else Unfit("its values are not JSON") from None


class _Fitter:
    """Generates distinct values for the parts of one schema, the simplest first. Raises Unfit if there are none."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._nodes = count(1)

    def values(self, schema: Any, inside: frozenset[str] = frozenset()) -> Iterator[Any]:
        """Values for a schema. `inside`: the references being followed; one inside itself is not followed again."""
        if next(self._nodes) > MOST_NODES:
            raise Unfit("its values are too large")
        flat, inside = schemas.flat(schema, self._root, inside)
        if "const" in flat:
            yield flat["const"]
        elif "enum" in flat:
            if not flat["enum"]:
                raise Unfit("an enum is empty")
            yield from flat["enum"]
        elif options := schemas.options(flat):
            yield from self._any(options, inside)
        elif told := _told(flat):
            plain = {**flat, "description": ""}
            yield from self._any([{**told, **plain}, plain], inside)
        else:
            yield from self._typed(flat, inside)

    def _any(self, options: Iterable[Any], inside: frozenset[str]) -> Iterator[Any]:
        reason, found = Unfit("none of its alternatives has a value"), False
        for option in options:
            try:
                for value in self.values(option, inside):
                    found = True
                    yield value
            except Unfit as unfit:
                reason = unfit
        if not found:
            raise reason

    def _typed(self, flat: Mapping[str, Any], inside: frozenset[str]) -> Iterator[Any]:
        type = flat.get("type") or next((t for t, signs in _SIGNS.items() if any(s in flat for s in signs)), "string")
        if isinstance(type, list):
            yield from self._any(({**flat, "type": one} for one in sorted(type, key="null".__eq__)), inside)
        elif type == "object":
            yield from self._objects(flat, inside)
        elif type == "array":
            yield from self._arrays(flat, inside)
        elif type in ("integer", "number"):
            yield from numbers(flat, whole=type == "integer")
        elif type == "string":
            yield from texts(flat)
        elif type in ("boolean", "null"):
            yield from (True, False) if type == "boolean" else (None,)
        else:
            raise Unfit(f"it has a type that there is not: {str(type)[:40]!r}")

    def _objects(self, flat: Mapping[str, Any], inside: frozenset[str]) -> Iterator[dict[str, Any]]:
        """Objects with all properties for which a value is found, not only the required ones."""
        members: dict[str, Iterator[Any]] = {}
        value: dict[str, Any] = {}
        required = self._required(flat)
        for name in (*required, *(name for name in flat.get("properties") or () if name not in required)):
            if name not in required and len(value) >= flat.get("maxProperties", MOST_ITEMS):
                break
            try:
                members[name] = self.values(self._member(flat, name), inside)
                value[name] = next(members[name])
            except Unfit:
                if name in required:
                    raise
        order = [*(flat.get("properties") or ()), *required]
        value = dict(sorted(value.items(), key=lambda item: order.index(item[0])))
        for name in self._more_names(flat, value):
            members[name] = self.values(self._member(flat, name), inside)
            value[name] = next(members[name])
        yield dict(value)
        while advanced := {name: next(member, _MISSING) for name, member in members.items() if name in value}:
            new = {name: item for name, item in advanced.items() if item is not _MISSING}
            if not new:
                return
            value.update(new)
            yield dict(value)

    def _required(self, flat: Mapping[str, Any]) -> list[str]:
        names = list(flat.get("required") or ())
        dependent = flat.get("dependentRequired") or {}
        for name in names:  # the list grows during the loop
            names += (other for other in dependent.get(name, ()) if other not in names)
        wanted = (name for name in flat.get("properties") or () if name in dependent)
        return list(dict.fromkeys((*names, *(other for name in wanted for other in dependent[name]))))

    def _member(self, flat: Mapping[str, Any], name: str) -> Any:
        """The schema of a property, declared or not."""
        patterns = flat.get("patternProperties") or {}
        found = [schema for pattern, schema in patterns.items() if re.search(pattern, name)]
        if name in (flat.get("properties") or {}):
            found.append(flat["properties"][name])
        return {"allOf": found} if found else flat.get("additionalProperties", True)

    def _more_names(self, flat: Mapping[str, Any], value: Mapping[str, Any]) -> Iterator[str]:
        """Made-up names, if `minProperties` asks for more than are declared."""
        missing = min(flat.get("minProperties", 0), MOST_ITEMS) - len(value)
        if missing <= 0:
            return
        pattern = next(iter(flat.get("patternProperties") or ()), None)
        if pattern is not None:
            names: Iterator[Any] = matches(pattern)
        else:
            names = self.values(flat.get("propertyNames", {"type": "string"}))
        yield from islice((name for name in names if name not in value), missing)

    def _arrays(self, flat: Mapping[str, Any], inside: frozenset[str]) -> Iterator[list[Any]]:
        least, most = flat.get("minItems", 0), flat.get("maxItems", MOST_ITEMS)
        if least > min(most, MOST_ITEMS):
            raise Unfit("it wants too many items")
        parts = list(flat.get("prefixItems") or ())
        parts += [flat["contains"]] * flat.get("minContains", 1) if "contains" in flat else []
        unique = flat.get("uniqueItems") is True
        start = self._distinct([self.values(part, inside) for part in parts[:most]], unique)
        missing = max(least, min(1, most)) - len(start)
        if missing <= 0:
            yield start
            return
        yield from self._filled(start, missing, self.values(flat.get("items", True), inside), unique, bool(least))

    def _distinct(self, members: list[Iterator[Any]], unique: bool) -> list[Any]:
        found: list[Any] = []
        for member in members:
            seen = {_key(item) for item in found} if unique else ()
            item = next((item for item in islice(member, MOST_ITEMS) if _key(item) not in seen), _MISSING)
            if item is _MISSING:
                raise Unfit("it wants more different items than there are")
            found.append(item)
        return found

    def _filled(
        self, start: list[Any], missing: int, items: Iterator[Any], unique: bool, needed: bool
    ) -> Iterator[list[Any]]:
        """Arrays of `start` and `missing` more items; only `start` if there are none and none are needed."""
        seen = {_key(item) for item in start}
        rest: list[Any] = []
        found = False
        try:
            for item in islice(items, MOST_ITEMS * 2):
                if unique and _key(item) in seen:
                    continue
                seen.add(_key(item))
                rest = [*rest, item] if unique else [item] * missing
                if len(rest) == missing:
                    found = True
                    yield [*start, *rest]
                    rest = []
        except Unfit:
            if needed:
                raise
        if not found:
            if needed:
                raise Unfit("it wants more different items than there are")
            yield start


def _told(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords in the words of a description, which a model reads, too."""
    found = {}
    for name, value in _IN_WORDS.findall(str(flat.get("description") or "")):
        with suppress(ValueError):
            found[name] = json.loads(value)
    return found


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
