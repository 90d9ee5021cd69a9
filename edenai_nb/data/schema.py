"""What an answer is to be made of: the schema that is sent, and how an answer to it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from ..errors import InvalidInput
from ..messages import Message, texts
from . import checked, members, shapes
from .closed import Closed, Restore, close
from .problems import Problem
from .references import inlined

_NAME = re.compile(r"[^a-zA-Z0-9_-]+")  # what the name of a schema may not hold
_IN_JSON = "Answer in JSON, and with nothing else."
ROOT = "value"  # the property that holds an answer which is no object


@dataclass(frozen=True)
class Schema:
    """A schema as it is sent (`response_format`), and the reader of answers to it.

    `source` is the JSON Schema of the value itself: without references, neither closed nor wrapped; {} for any JSON.
    """

    name: str
    source: Mapping[str, Any]
    response_format: Mapping[str, Any]
    restore: Restore
    check: Callable[[Any], tuple[Any, list[Problem]]]

    def asked_for(self, messages: Sequence[Message]) -> list[Message]:
        """The messages, in which JSON must be asked for where no schema does it (contract, section 2)."""
        if self.source or any("json" in text.lower() for message in messages for text in texts(message.get("content"))):
            return list(messages)
        if messages and messages[0].get("role") == "system" and isinstance(said := messages[0].get("content"), str):
            return [{**messages[0], "content": f"{said}\n\n{_IN_JSON}"}, *messages[1:]]
        return [{"role": "system", "content": _IN_JSON}, *messages]

    @property
    def musts(self) -> list[str]:
        """The places that a model has to fill in, also where a text does not say it: neither null nor a default."""
        return list(_musts(self.source, ""))

    def read(self, answer: Any) -> tuple[Any, list[Problem]]:
        """(the value made of a decoded answer, nothing); or (None, all places that do not fit)."""
        return self.check(self.restore(answer))


def schema_of(wanted: Any) -> Schema:
    """The Schema for a type (dataclass, TypedDict, NamedTuple, Enum, Literal, msgspec Struct, pydantic model, a list of
    these, …), or for a JSON Schema as a dict. Raises InvalidInput for what cannot be one.
    """
    if isinstance(wanted, Schema):
        return wanted
    if isinstance(wanted, Mapping):
        name, wanted = _unpacked(wanted)
        return _schema(name, dict(wanted), checked.by_json_schema(wanted))
    if wanted is None or not isinstance(wanted, Hashable) or isinstance(wanted, (str, int, float, tuple)):
        raise InvalidInput(
            "schema takes a type (a dataclass, a TypedDict, list[…], Literal[…], …) or a JSON Schema as a dict, not "
            f"{type(wanted).__name__}; nothing was sent."
        )
    if _has_pydantic(wanted):
        source, check = checked.by_pydantic(wanted)
        return _schema(_name(wanted), source, check)
    shape = shapes.shape(wanted)
    return _schema(_name(wanted), shape.schema, _by_shape(shape))


def _unpacked(wanted: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The name and the JSON Schema in a dict, also where it is a `response_format` as it is sent (contract, section 2).

    To JSON Schema that is an object of unknown keywords, which any answer would fit.
    """
    if wanted.get("type") == "json_schema" and isinstance(inner := wanted.get("json_schema"), Mapping):
        wanted = inner
    if wanted.keys() <= {"name", "description", "strict", "schema"} and isinstance(wanted.get("schema"), Mapping):
        return str(wanted.get("name") or "answer"), wanted["schema"]
    return str(wanted.get("title") or "answer"), wanted


ANY_JSON = Schema("JSON", {}, {"type": "json_object"}, lambda value: value, lambda value: (value, []))


def _schema(name: str, source: dict[str, Any], check: Callable[[Any], tuple[Any, list[Problem]]]) -> Schema:
    source = inlined(source)
    closed = close(source)
    is_object = closed.schema.get("type") == "object"
    sent = closed if is_object else _wrapped(closed)
    described = {"name": _NAME.sub("_", name)[:64].strip("_") or "answer", "strict": True, "schema": sent.schema}
    return Schema(name, source, {"type": "json_schema", "json_schema": described}, sent.restore, check)


def _musts(schema: Mapping[str, Any], name: str) -> Iterator[str]:
    if isinstance(items := schema.get("items"), Mapping):
        yield from _musts(items, name)
    for field, inner in (schema.get("properties") or {}).items():
        if field in (schema.get("required") or ()):
            yield from _musts(inner, f"{name}.{field}" if name else field)
    if name and not schema.keys() & {"properties", "items", "enum"} and schema.get("type") not in (None, "null"):
        yield name


def _wrapped(closed: Closed) -> Closed:
    """The root of an answer must be an object, so that what is none is put into one."""

    def restore(value: Any) -> Any:
        is_wrapped = isinstance(value, dict) and value.keys() == {ROOT}
        return closed.restore(value[ROOT] if is_wrapped else value)

    properties = {"properties": {ROOT: closed.schema}, "required": [ROOT]}
    return Closed({"type": "object", **properties, "additionalProperties": False}, restore)


def _by_shape(shape: shapes.Shape) -> Callable[[Any], tuple[Any, list[Problem]]]:
    def check(value: Any) -> tuple[Any, list[Problem]]:
        problems: list[Problem] = []
        made = shape.read(value, "$", problems)
        return (None, problems) if problems else (made, [])

    return check


def _has_pydantic(kind: Any, inside: tuple[Any, ...] = ()) -> bool:
    """Whether a model, or a dataclass, of pydantic is in it."""
    if any(kind is outer for outer in inside):
        return False
    if hasattr(kind, "__pydantic_validator__"):
        return True
    parts = get_args(kind)
    with suppress(InvalidInput):  # the reader of types says it
        parts += tuple(member.kind for member in members.members(kind) or ())
    return any(_has_pydantic(part, (*inside, kind)) for part in parts)


def _name(kind: Any) -> str:
    """`Label`, `list_Label`."""
    parts = [str(getattr(get_origin(kind) or kind, "__name__", kind))]
    return "_".join([*parts, *(_name(part) for part in get_args(kind) if isinstance(part, type))])
