"""The fields of dataclasses, TypedDicts, NamedTuples and msgspec Structs."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, NamedTuple, get_args, get_origin

import msgspec

from ..errors import InvalidInput


class Member(NamedTuple):
    """One field: what JSON calls it, what Python calls it, its type, and whether it has no default."""

    key: str
    name: str
    kind: Any
    required: bool


def members(kind: Any) -> list[Member] | None:
    """The fields of such a class; None for any other type. Raises InvalidInput if a type in it is not known yet."""
    if not isinstance(plain := get_origin(kind) or kind, type):
        return None
    if dataclasses.is_dataclass(plain):
        fields = [field for field in dataclasses.fields(plain) if field.init]
        return _with_types(kind, {field.name: (field.name, _needed(field)) for field in fields})
    if is_typed_dict(plain):
        return _typed_dict(kind)
    if issubclass(plain, tuple) and hasattr(plain, "_fields"):
        return _with_types(kind, {name: (name, name not in _defaults(plain)) for name in vars(plain)["_fields"]})
    if issubclass(plain, msgspec.Struct):
        known = msgspec.structs.fields(plain)
        return _with_types(kind, {field.name: (field.encode_name, field.required) for field in known})
    return None


def is_typed_dict(kind: Any) -> bool:
    """Whether it is a TypedDict, of typing or of typing_extensions."""
    return isinstance(kind, type) and hasattr(kind, "__required_keys__")


def tag(kind: Any) -> dict[str, Any]:
    """The field by which a tagged Struct is told from others, with its value; empty if it has none."""
    config = getattr(kind, "__struct_config__", None)
    return {config.tag_field: config.tag} if config is not None and config.tag is not None else {}


def words(kind: Any) -> str:
    """What the class says of itself in its docstring; "" where Python has written it."""
    plain = get_origin(kind) or kind
    said = str(plain.__dict__.get("__doc__") or "").strip()
    return "" if said.startswith(f"{plain.__name__}(") else " ".join(said.split())


def _defaults(kind: type) -> Any:
    return vars(kind)["_field_defaults"]


def _needed(field: Any) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _typed_dict(kind: Any) -> list[Member]:
    plain = get_origin(kind) or kind
    found = _with_types(kind, {name: (name, name in plain.__required_keys__) for name in plain.__annotations__})
    return [_unwrapped(member) for member in found]


def _unwrapped(member: Member) -> Member:
    """Without `Required[…]`, `NotRequired[…]` and `ReadOnly[…]`."""
    said = str(get_origin(member.kind)).rpartition(".")[2]
    if said not in ("Required", "NotRequired", "ReadOnly"):
        return member
    required = member.required if said == "ReadOnly" else said == "Required"
    return _unwrapped(member._replace(kind=get_args(member.kind)[0], required=required))


def _with_types(kind: Any, known: dict[str, tuple[str, bool]]) -> list[Member]:
    plain = get_origin(kind) or kind
    try:
        hints = typing.get_type_hints(plain, include_extras=True)
    except Exception as error:  # NameError, or whatever an annotation raises
        missing = f": {error.name} is not known where it is defined" if isinstance(error, NameError) else ""
        raise InvalidInput(f"The types of {plain.__name__} cannot be read{missing}; nothing was sent.") from None
    given = dict(zip(getattr(plain, "__parameters__", ()), get_args(kind), strict=False))
    kinds = {name: hints.get(name, Any) for name in known}
    kinds = {name: given.get(hint, Any) if isinstance(hint, typing.TypeVar) else hint for name, hint in kinds.items()}
    return [Member(key, name, kinds[name], needed) for name, (key, needed) in known.items()]
