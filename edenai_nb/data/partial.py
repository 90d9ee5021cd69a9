"""The JSON value in a text that is still growing: for display only, as it takes what is not JSON yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .schema import ROOT

NOTHING: Any = object()  # there is no value yet
_BEFORE = re.compile(r"\A\ufeff?\s*(?:```\w*[ \t]*\n)?\s*")


def partial(text: str, schema: Mapping[str, Any]) -> Any:
    """The value as far as it has come, by the schema that it is to fit; NOTHING before its first sign.

    Of texts the last one may be cut; what is not begun is not there. Never raises.
    """
    import jiter  # not with %load_ext

    begun = text[_BEFORE.match(text).end() :]  # type: ignore[union-attr]
    try:
        value = jiter.from_json(begun.encode("utf-8", "replace"), partial_mode="trailing-strings")
    except (ValueError, RecursionError):
        return NOTHING
    return unwrapped(value, schema)


def unwrapped(value: Any, schema: Mapping[str, Any]) -> Any:
    """The value without the object that was put around it for the providers."""
    is_wrapped = isinstance(value, dict) and bool(schema) and schema.get("type") != "object" and value.keys() == {ROOT}
    return value[ROOT] if is_wrapped and ROOT not in schema.get("properties", ()) else value
