"""The models of `GET /v3/models` as plain values."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import settings as _settings
from ..errors import EdenError
from .numbers import number

if TYPE_CHECKING:
    from .client import Client

KEPT_S = 600.0  # the list is 1.5 MB and moves slowly
OBJECTIVES = frozenset({"cost", "speed", "latency", "exact"})  # contract, section 4.1
_kept: dict[tuple[str, str], tuple[float, tuple[Model, ...]]] = {}  # by account: prices are after its discount


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


def models(**settings: Any) -> list[Model]:
    """Every model that Eden AI offers, read at most once in ten minutes. Takes settings such as `base_url`.

    The list is public: no key is needed. Raises EdenError.
    """
    from .client import connect  # the client explains its errors with this module

    return list(read(connect(_settings.resolve(**settings))))


def read(client: Client, *, within_s: float | None = None) -> tuple[Model, ...]:
    """The catalogue that this client sees. Raises EdenError, TimedOut if it takes longer than `within_s`."""
    account = client.settings.base_url, client.settings.api_key
    read_at, found = _kept.get(account, (0.0, ()))
    if not found or time.monotonic() - read_at > KEPT_S:
        found = parse(client.json("/models", within_s=within_s))
        _kept[account] = time.monotonic(), found
    return found


def kept(settings: _settings.Settings) -> tuple[Model, ...]:
    """The catalogue as it was last read with these settings, without asking anybody; () if it never was."""
    return _kept.get((settings.base_url, settings.api_key), (0.0, ()))[1]


def forget() -> None:
    """Read every catalogue anew the next time."""
    _kept.clear()


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


def suggestion(client: Client, name: str, within_s: float) -> str:
    """`Did you mean …?` for an unknown model; "" where the catalogue cannot be read in that time."""
    try:
        ids = nearest(name, read(client, within_s=within_s))
    except EdenError:
        return ""
    return f"Did you mean {' or '.join(filter(None, [', '.join(ids[:-1]), ids[-1]]))}?" if ids else ""


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
