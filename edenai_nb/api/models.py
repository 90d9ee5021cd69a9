"""Models as plain values, and how one is found by its name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .numbers import number

OBJECTIVES = frozenset({"cost", "speed", "latency", "exact"})  # contract, section 4.1


@dataclass(frozen=True)
class Model:
    """One entry of the catalogue.

    provider: who sells it (what stands before the first `/`).    context_length: tokens, None where not told.
    input_price, output_price: USD per token after the account's discount, None where not told.
    alias_of: the id behind a `…-latest` name.                    capabilities: as listed; {} where not told.
    """

    id: str
    provider: str
    context_length: int | None = None
    input_price: float | None = None
    output_price: float | None = None
    capabilities: Mapping[str, Any] = field(default_factory=dict, hash=False)
    alias_of: str | None = None

    @property
    def is_chat(self) -> bool:
        """False only where the catalogue says that no text comes out."""
        out = self.capabilities.get("output_modalities")
        return "text" in out if isinstance(out, list) else True


def parse(body: Any) -> tuple[Model, ...]:
    """The entries of the list (contract, section 1.6). What is not an entry is left out."""
    entries = body.get("data") if isinstance(body, dict) else None
    return tuple(map(_model, filter(_is_entry, entries))) if isinstance(entries, list) else ()


def find(name: str, among: Iterable[Model]) -> Model | None:
    """The model that a request for this name is answered by; None if the list does not tell.

    The exact id comes first, since ids hold `/`, `:` and `@` themselves (`amazon/amazon.nova-pro-v1:0`), then the
    first that is sold under this bare name; then both without what only says how to choose a provider (`:cost`,
    see `OBJECTIVES`). An alias gives its target.
    """
    known = {model.id: model for model in reversed(tuple(among))}
    bare = {id.partition("/")[2]: model for id, model in known.items()}
    plain = without_objective(name)
    found = known.get(name) or bare.get(name) or known.get(plain) or bare.get(plain)
    return known.get(found.alias_of, found) if found and found.alias_of else found


def without_objective(name: str) -> str:
    """The name without `:cost`, `:speed`, `:latency` or `:exact` at its end; other colons are part of an id."""
    start, _, end = name.rpartition(":")
    return start if end in OBJECTIVES else name


def nearest(name: str, among: Iterable[Model], count: int = 3) -> list[str]:
    """The ids of chat models most like this name; a name without a provider is compared without providers."""
    name, ids = without_objective(name), [model.id for model in among if model.is_chat]
    texts = {(id if "/" in name else id.partition("/")[2]): id for id in reversed(ids)}
    return [texts[text] for text in difflib.get_close_matches(name, texts, count, cutoff=0.0)]


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str)


def _model(entry: Mapping[str, Any]) -> Model:
    pricing, capabilities = _dict(entry.get("pricing")), _dict(entry.get("capabilities"))
    length, target = entry.get("context_length"), entry.get("alias_of")
    return Model(
        id=entry["id"],
        provider=entry["id"].partition("/")[0],
        context_length=length if isinstance(length, int) else None,
        input_price=number(pricing.get("input_cost_per_token")),
        output_price=number(pricing.get("output_cost_per_token")),
        capabilities=capabilities,
        alias_of=target if isinstance(target, str) else None,
    )


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
