"""What several answers to one question have cost together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

from .values import Usage


def spent(bills: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """`usage` and `cost` of all; None where one is not known, but the last, which may be on its way."""
    *before, last = bills
    found: dict[str, Any] = {}
    adders: dict[str, Callable[[list[Any]], Any]] = {"usage": _tokens, "cost": sum}
    for name, add in adders.items():
        known = [bill.get(name) for bill in before] + [value for value in [last.get(name)] if value is not None]
        found[name] = None if None in known else add(known)
    return found


def _tokens(usages: list[Usage]) -> Usage:
    return Usage(**{field.name: sum(getattr(usage, field.name) for usage in usages) for field in fields(Usage)})
