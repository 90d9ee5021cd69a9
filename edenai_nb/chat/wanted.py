"""The options about the form of an answer: `schema` and `json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InvalidInput

if TYPE_CHECKING:
    from ..data.schema import Schema

OPTIONS = frozenset({"schema", "json"})


def split(options: Mapping[str, Any]) -> tuple[Schema | None, dict[str, Any]]:
    """(the Schema that is asked for, or None; the other options). Raises InvalidInput for two forms at once."""
    others = {name: value for name, value in options.items() if name not in OPTIONS}
    schema, json = options.get("schema"), options.get("json")
    if schema is None and not json:
        return None, others
    from ..data.schema import ANY_JSON, schema_of  # not with %load_ext

    if others.get("response_format") is not None or (json and schema is not None):
        raise InvalidInput(
            "schema, json and response_format are three ways to say one thing: take one of them. Nothing was sent."
        )
    return (ANY_JSON if schema is None else schema_of(schema)), others
