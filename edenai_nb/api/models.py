"""Models as plain values, and finding one by name."""

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


# Our word for an ability -> its key in the catalogue. What an entry does not mention counts as missing.
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

    provider: the part of the id before the first `/`.    context_length: tokens, None if unknown.
    input_price, output_price: USD per token after the account's discount, None if unknown.
    alias_of: the id behind a `…-latest` name.            capabilities: as listed; {} if unknown.
    regions: codes such as `eu`, if requests can be pinned to a region.
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
        """Those of `ABILITIES` that the model has."""
        return tuple(word for word, can in ABILITIES.items() if can(self.capabilities))

    def lacks(self, word: str) -> bool:
        """Whether the catalogue says that the model lacks this ability; False if it lists no capabilities."""
        told = {"tools": "supports_function_calling", "schema": "supports_response_schema"}.get(
            word, "input_modalities"
        )
        return self.capabilities.get(told) is not None and word not in self.abilities

    @property
    def is_chat(self) -> bool:
        """False only if the catalogue says that the model's output is not text."""
        out = self.capabilities.get("output_modalities")
        return "text" in out if isinstance(out, list) else True


def parse(body: Any) -> tuple[Model, ...]:
    """The entries of the list (contract, section 1.6); malformed ones are left out."""
    entries = body.get("data") if isinstance(body, dict) else None
    return tuple(map(_model, filter(_is_entry, entries))) if isinstance(entries, list) else ()


def find(name: str, among: Iterable[Model]) -> Model | None:
    """The model that answers a request for this name; None if it is not in the list.

    The exact id is tried first, since ids contain `/`, `:` and `@` themselves (`amazon/amazon.nova-pro-v1:0`), then
    the first id that is this name after its provider; then both again without a routing objective at the end
    (`:cost`, see `OBJECTIVES`). An alias gives its target.
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
    """The ids of the chat models most similar to this name; one without a provider is compared without providers."""
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
