"""Translates the options about routing into fields of a request (contract, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput
from ..settings import model_called

AUTO = "@edenai"  # Eden AI chooses the model
# Option -> the field within `routing`.
_WITHIN = {"quality_cost": "quality_cost", "sort": "sort", "providers": "allowed_providers"}
OPTIONS = frozenset({"candidates", "no_fallbacks", *_WITHIN})


def fold(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options, with those about routing replaced by the fields `router_candidates` and `routing`.

    `candidates` and `quality_cost` imply the model `@edenai`. Raises InvalidInput if another one is named.
    """
    rest = {name: value for name, value in options.items() if name not in OPTIONS and value is not None}
    given = {name: value for name, value in options.items() if name in OPTIONS and value is not None}
    for name in given.keys() & {"candidates", "quality_cost"}:
        if rest.setdefault("model", AUTO) != AUTO:
            raise InvalidInput(f"{name} needs the model {AUTO}, which chooses among them; nothing was sent.")
    within = {field: given[name] for name, field in _WITHIN.items() if name in given}
    if "providers" in given:
        within["allowed_providers"] = _names(given["providers"])
    if given.get("no_fallbacks"):
        within["allow_fallbacks"] = False
    if within:
        rest["routing"] = {**(rest.get("routing") or {}), **within}
    if "candidates" in given:
        rest["router_candidates"] = _called(_names(given["candidates"]))
    if "fallbacks" in rest:
        rest["fallbacks"] = _called(rest["fallbacks"])
    return rest


def _called(names: Any) -> Any:
    """The ids behind the user's names for models; a value that is not a list of names is refused later."""
    if not (isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)):
        return names
    return [model_called(name) for name in names]


def _names(value: Any) -> Any:
    """A list of names; a string is split at commas."""
    if not isinstance(value, str):
        return value
    return [word.strip() for word in value.split(",") if word.strip()]
