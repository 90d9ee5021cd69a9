"""Models as plain values, and how one is found by its name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .numbers import number

OBJECTIVES = frozenset({"cost", "speed", "latency", "exact"})  # contract, section 4.1


def _takes(kind: str) -> Callable[[Mapping[str, Any]], bool]:
    def can(capabilities: Mapping[str, Any]) -> bool:
        taken = capabilities.get("input_modalities")
        return isinstance(taken, list) and kind in taken

    return can


def _supports(what: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda capabilities: capabilities.get(f"supports_{what}") is True


# What a model can do, in a word -> how the catalogue says it. What it does not say, it cannot.
ABILITIES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "vision": _takes("image"),
    "files": _takes("file"),
    "audio": _takes("audio"),
    "video": _takes("video"),
    "tools": _supports("function_calling"),
    "schema": _supports("response_schema"),
    "reasoning": _supports("reasoning"),
    "web": _supports("web_search"),
    "caching": _supports("prompt_caching"),
}


@dataclass(frozen=True)
class Model:
    """One entry of the catalogue.

    provider: who sells it (what stands before the first `/`).    context_length: tokens, None where not told.
    input_price, output_price: USD per token after the account's discount, None where not told.
    alias_of: the id behind a `…-latest` name.                    capabilities: as listed; {} where not told.
    regions: codes such as `eu`, where it can be pinned to one.
    """

    id: str
    provider: str
    context_length: int | None = None
    input_price: float | None = None
    output_price: float | None = None
    capabilities: Mapping[str, Any] = field(default_factory=dict, hash=False)
    alias_of: str | None = None
    regions: tuple[str, ...] = ()

    @property
    def abilities(self) -> tuple[str, ...]:
        """What it can do, of `ABILITIES`."""
        return tuple(word for word, can in ABILITIES.items() if can(self.capabilities))

    def lacks(self, word: str) -> bool:
        """Whether the catalogue says that it cannot do this; False where it does not tell."""
        told = {"vision": "input_modalities", "tools": "supports_function_calling"}[word]
        return self.capabilities.get(told) is not None and word not in self.abilities

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
        regions=_codes(entry.get("regions")),
    )


def _codes(regions: Any) -> tuple[str, ...]:
    places = regions if isinstance(regions, list) else []
    return tuple(str(place["code"]) for place in places if isinstance(place, dict) and "code" in place)


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
