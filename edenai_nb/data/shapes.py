"""Python types as JSON Schemas, and as readers of JSON that name every place which does not fit."""

from __future__ import annotations

import collections.abc
import datetime
import enum
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin

import msgspec

from ..errors import InvalidInput
from . import members
from .problems import Problem

MISSING: Any = object()  # what does not fit
Read = Callable[[Any, str, list[Problem]], Any]  # (JSON value, its path, where problems are added) -> value or MISSING

_LISTS = {
    collections.abc.Sequence: list,
    collections.abc.MutableSequence: list,
    collections.abc.Collection: list,
    collections.abc.Iterable: list,
    collections.abc.Set: set,
    collections.abc.MutableSet: set,
}
_MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_FORMATS = {datetime.datetime: "date-time", datetime.time: "time"}  # msgspec names none where no time zone is needed
_NULL = "null is not allowed; where a text may not say it, make it `… | None`"


@dataclass(frozen=True)
class Shape:
    """A type: its JSON Schema, not closed yet, and its reader."""

    schema: dict[str, Any]
    read: Read


def shape(kind: Any, inside: tuple[Any, ...] = ()) -> Shape:
    """The Shape of a type: what msgspec knows, dataclasses, TypedDicts, NamedTuples, Structs, Enums, Literals, and
    lists, tuples, sets, dicts and unions of these. Raises InvalidInput for another one.
    """
    if any(kind is outer for outer in inside):
        raise InvalidInput(
            f"{_name(kind)} holds itself, which not every provider takes: give it as many levels as you need. "
            "Nothing was sent."
        )
    kind = _plain(kind)
    origin, arguments = get_origin(kind) or kind, get_args(kind)
    if origin is typing.Annotated:
        return _annotated(kind, inside)
    if origin in (Union, types.UnionType):
        return _union([shape(option, inside) for option in arguments], arguments)
    if origin is typing.Literal:
        return _one_of([(value.value if isinstance(value, enum.Enum) else value, value) for value in arguments])
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _one_of([(member.value, member) for member in kind])
    if (found := members.members(kind)) is not None:
        return _object(kind, found, (*inside, kind))
    if origin is tuple and arguments and arguments[-1] is not ...:
        return _tuple([shape(part, inside) for part in arguments])
    if (build := _LISTS.get(origin, origin)) in (list, tuple, set, frozenset):
        return _list(build, shape(arguments[0] if arguments else Any, inside))
    if origin in _MAPS:
        key, value = arguments or (str, Any)
        return _map(key, shape(value, inside))
    return _leaf(kind)


def _plain(kind: Any) -> Any:
    """The type behind a NewType or an alias."""
    while (behind := getattr(kind, "__supertype__", None) or getattr(kind, "__value__", None)) is not None:
        kind = behind
    return type(None) if kind is None else Any if kind is object else kind


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


def _leaf(kind: Any) -> Shape:
    form = _FORMATS.get(kind) if isinstance(kind, type) else None
    try:
        schema = {**msgspec.json.schema(kind), **({"format": form} if form else {})}
        msgspec.json.Decoder(kind)
    except (TypeError, NameError, RecursionError):
        raise InvalidInput(f"{_name(kind)[:60]} cannot be a schema, or a part of one; nothing was sent.") from None

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            problems.append(Problem(path, _NULL if value is None else _lower(str(error))))
        except ValueError:  # of a number that is too large for a float, for one
            problems.append(Problem(path, "cannot be read"))
        return MISSING

    return Shape(schema, read)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _annotated(kind: Any, inside: tuple[Any, ...]) -> Shape:
    inner = shape(get_args(kind)[0], inside)
    checks = tuple(meta for meta in get_args(kind)[1:] if isinstance(meta, msgspec.Meta))
    if not checks:
        return inner
    outline = {"array": list, "object": dict}.get(str(inner.schema.get("type")), get_args(kind)[0])
    checked = _leaf(typing.Annotated[(outline, *checks)])

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        made = inner.read(value, path, problems)
        return MISSING if made is MISSING or checked.read(value, path, problems) is MISSING else made

    return Shape({**checked.schema, **inner.schema}, read)


def _one_of(known: list[tuple[Any, Any]]) -> Shape:
    """One of some values; each is given as JSON has it, and as it is made."""
    words = f"expected one of {', '.join(repr(told) for told, _ in known)}"

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        made = next((made for told, made in known if type(told) is type(value) and told == value), MISSING)
        if made is MISSING:
            problems.append(Problem(path, _NULL if value is None else words))
        return made

    return Shape({"enum": [told for told, _ in known]}, read)


def _union(options: list[Shape], kinds: tuple[Any, ...]) -> Shape:
    names = " or ".join(_name(kind) for kind in kinds)

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        attempts: list[list[Problem]] = []
        for option in options:
            found: list[Problem] = []
            made = option.read(value, path, found)
            if made is not MISSING:
                return made
            attempts.append(found)
        inner = [found for found in attempts if any(problem.path != path for problem in found)]
        if len(inner) == 1:
            problems.extend(inner[0])  # the only one that it could have been meant for
        elif len(options) == 2 and type(None) in kinds:
            problems.extend(attempts[kinds.index(type(None)) - 1])
        else:
            problems.append(Problem(path, f"expected {names}"))
        return MISSING

    return Shape({"anyOf": [option.schema for option in options]}, read)


def _list(build: Callable[[Any], Any], item: Shape) -> Shape:
    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if not isinstance(value, list):
            return _wrong(value, path, problems, "a list")
        made = [item.read(one, f"{path}[{place}]", problems) for place, one in enumerate(value)]
        if any(one is MISSING for one in made):
            return MISSING
        try:
            return build(made)
        except TypeError:  # a set of what has no hash
            return _wrong(value, path, problems, "values that can be in a set")

    return Shape({"type": "array", "items": item.schema}, read)


def _tuple(parts: list[Shape]) -> Shape:
    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if not isinstance(value, list) or len(value) != len(parts):
            return _wrong(value, path, problems, f"a list of {len(parts)} values")
        pairs = enumerate(zip(parts, value, strict=True))
        made = tuple(part.read(one, f"{path}[{place}]", problems) for place, (part, one) in pairs)
        return MISSING if any(one is MISSING for one in made) else made

    size = {"minItems": len(parts), "maxItems": len(parts)}
    return Shape({"type": "array", "prefixItems": [part.schema for part in parts], **size}, read)


def _map(key: Any, item: Shape) -> Shape:
    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if not isinstance(value, dict):
            return _wrong(value, path, problems, "an object")
        made = {}
        for name, one in value.items():
            try:  # the names of an object are texts in JSON, also where they mean numbers
                made[msgspec.convert(name, key, strict=False)] = item.read(one, f"{path}.*", problems)
            except msgspec.ValidationError:
                problems.append(Problem(f"{path}.*", f"its name is no {_name(key)}"))
        return MISSING if len(made) < len(value) or any(one is MISSING for one in made.values()) else made

    return Shape({"type": "object", "additionalProperties": item.schema}, read)


def _object(kind: Any, fields: list[members.Member], inside: tuple[Any, ...]) -> Shape:
    shapes = {field.key: shape(field.kind, inside) for field in fields}
    names = {field.key: field.name for field in fields}
    needed = [field.key for field in fields if field.required]
    tag = members.tag(kind)

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if not isinstance(value, dict):
            return _wrong(value, path, problems, "an object")
        known = len(problems)
        problems += [Problem(f"{path}.{key}", "is missing") for key in (*tag, *needed) if key not in value]
        if value.keys() - shapes.keys() - tag.keys():
            problems.append(Problem(path, "has a field that the schema has not"))
        problems += [Problem(f"{path}.{key}", f"expected {tag[key]!r}") for key in tag if value.get(key) != tag[key]]
        made = {names[k]: shapes[k].read(one, f"{path}.{k}", problems) for k, one in value.items() if k in shapes}
        return MISSING if len(problems) > known else _built(kind, made, path, problems)

    properties = {key: {"enum": [value]} for key, value in tag.items()} | {k: s.schema for k, s in shapes.items()}
    told = {"description": words} if (words := members.words(kind)) else {}
    closed = {"additionalProperties": False, **told}
    return Shape({"type": "object", "properties": properties, "required": [*tag, *needed], **closed}, read)


def _built(kind: Any, made: Mapping[str, Any], path: str, problems: list[Problem]) -> Any:
    if members.is_typed_dict(get_origin(kind) or kind):
        return dict(made)
    try:
        return kind(**made)
    except Exception as error:  # whatever the user's __post_init__ raises
        problems.append(Problem(path, f"{_name(kind)} refuses it ({type(error).__name__})", str(error)))
        return MISSING


def _wrong(value: Any, path: str, problems: list[Problem], expected: str) -> Any:
    problems.append(Problem(path, _NULL if value is None else f"expected {expected}"))
    return MISSING
