"""The models the sandbox knows, in the shape of `GET /v3/models` (contract, section 1.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT = "openai/gpt-5-mini"  # the model that `@edenai` chooses without candidates
ECHO = "sandbox/echo"
LONG = "sandbox/long"
_CREATED = 1784646733
_EU = [{"code": "eu", "name": "Europe"}]
_CHAT = {
    "input_modalities": ["text", "image", "file"],
    "output_modalities": ["text"],
    "supports_reasoning": True,
    "supports_web_search": False,
    "supports_tool_choice": True,
    "supports_prompt_caching": True,
    "supports_response_schema": True,
    "supports_system_messages": True,
    "supports_function_calling": True,
    "supports_native_streaming": True,
    "supports_parallel_function_calling": True,
}
_PLAIN = {"input_modalities": ["text"], "output_modalities": ["text"], "supports_system_messages": True}
_IMAGE = {"input_modalities": ["text", "image"], "output_modalities": ["image"]}


def _entry(
    id: str,
    price: tuple[Any, Any] | None,  # USD per million tokens (input, output); a str is sent as a string
    context: int | None,
    capabilities: Mapping[str, Any] | None = _CHAT,
    regions: list[dict[str, str]] | None = None,
    alias_of: str | None = None,
) -> dict[str, Any]:
    costs = zip(("input_cost_per_token", "output_cost_per_token"), price or (), strict=False)
    return {
        "id": id,
        "object": "model",
        "created": _CREATED,
        "owned_by": id.partition("/")[0],
        "model_name": (alias_of or id).partition("/")[2].removesuffix("@eu"),
        "context_length": context,
        "description": "A stand-in: no model is called.",
        "source": None,
        "capabilities": capabilities,
        "pricing": {key: _per_token(cost) for key, cost in costs},
        "regions": regions or [],
        "alias_of": alias_of,
    }


def _per_token(cost: Any) -> Any:
    return f"{float(cost) / 1e6:.10f}".rstrip("0").rstrip(".") if isinstance(cost, str) else cost / 1e6


MODELS: tuple[dict[str, Any], ...] = (
    _entry("openai/gpt-5.6-sol", (5, 30), 1_050_000),
    _entry("azure/gpt-5.6-sol", (5, 30), 1_050_000, regions=_EU),
    _entry("openai/gpt-5.6-luna", (0.2, 1.2), 1_050_000),
    _entry("openai/gpt-5-mini", (0.25, 2), 272_000),
    _entry("openai/gpt-4o-mini", (0.15, 0.6), 128_000),
    _entry("openai/gpt-4", (30, 60), 8192),
    _entry("openai/gpt-4.1-nano", (0.1, 0.4), 1_047_576),
    _entry("openai/gpt-latest", (5, 30), 1_050_000, alias_of="openai/gpt-5.6-sol"),
    _entry("openai/gpt-mini-latest", (0.25, 2), 272_000, alias_of="openai/gpt-5-mini"),
    _entry("anthropic/claude-opus-5", (5, 25), 1_000_000),
    _entry("amazon/anthropic.claude-opus-5@eu", (5.5, 27.5), 1_000_000, regions=_EU),
    _entry("anthropic/claude-sonnet-4-6", (3, 15), 200_000),
    _entry("anthropic/claude-sonnet-latest", (3, 15), 200_000, alias_of="anthropic/claude-sonnet-4-6"),
    _entry("anthropic/claude-haiku-4-5", (1, 5), 200_000),
    _entry("anthropic/claude-3-5-sonnet-20241022", (3, 15), 200_000),
    _entry("amazon/amazon.nova-pro-v1:0", (0.8, 3.2), 300_000),
    _entry("amazon/amazon.nova-pro-v1:0@eu", (0.84, 3.36), 300_000, regions=_EU),
    _entry("google/gemini-3.6-flash", (1.5, 7.5), 1_048_576, regions=_EU),
    _entry("google/gemini-flash-latest", (1.5, 7.5), 1_048_576, regions=_EU, alias_of="google/gemini-3.6-flash"),
    _entry("mistral/mistral-large-latest", (2, 6), 262_144, regions=_EU),
    _entry("mistral/mistral-small-latest", ("0.06", "0.18"), 262_144, regions=_EU),
    _entry("fireworks_ai/accounts/fireworks/models/glm-5p3", (0.6, 2.2), 202_752, _PLAIN),
    _entry("cloudflare/@cf/qwen/qwen3.8-27b", ("0", "0"), None, None),
    _entry("openai/gpt-image-2", None, None, _IMAGE),
    _entry(ECHO, (0.1, 0.4), 1_000_000),
    _entry(LONG, (0.1, 0.4), 1_000_000),
)
_BY_ID = {entry["id"]: entry for entry in MODELS}
_OBJECTIVES = ("cost", "speed", "latency", "exact")
_REGIONS = ("eu", "us")


@dataclass(frozen=True)
class Choice:
    """The model that answers, and how it was chosen (`direct`, `alias`, `routed`, `auto`)."""

    requested: str
    strategy: str
    entry: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its id in the catalogue, `provider/model`."""
        return str(self.entry["id"])

    @property
    def provider(self) -> str:
        """The provider in its id."""
        return str(self.entry["owned_by"])

    @property
    def has_tools(self) -> bool:
        """Whether it can call functions."""
        return bool((self.entry["capabilities"] or {}).get("supports_function_calling"))

    @property
    def is_chat(self) -> bool:
        """Whether it answers with text; an image model does not."""
        return self.entry["capabilities"] is not _IMAGE

    def price(self, prompt: int, completion: int) -> float:
        """USD for these numbers of tokens."""
        pricing = self.entry["pricing"]
        into, out = (float(pricing.get(f"{way}_cost_per_token", 0)) for way in ("input", "output"))
        return round(prompt * into + completion * out, 12)


def choose(model: str, candidates: tuple[str, ...] = ()) -> Choice | None:
    """The model for a name in any form of the contract (section 4.1); None if there is none."""
    return next(iter(choices(model, candidates)), None)


def choices(model: str, candidates: tuple[str, ...] = (), region: str = "") -> list[Choice]:
    """The model at each of its providers, in the order in which they are tried; only those in `region`, if given."""
    if model == "@edenai":
        found = [choice for name in candidates or (DEFAULT,) for choice in choices(name, region=region)[:1]]
        return [Choice(model, "auto", choice.entry) for choice in found]
    if entry := _BY_ID.get(model):
        return [Choice(model, "alias" if entry["alias_of"] else "direct", _target(entry))]
    name, pinned = _split(model, "@", _REGIONS)
    name, objective = _split(name, ":", _OBJECTIVES)
    if not (pinned or objective or "/" not in name):
        return []
    entries = [entry for entry in MODELS if _answers_to(entry, name, pinned or region)]
    return [Choice(model, "routed", _target(entry)) for entry in entries]


def in_region(model: str, region: str) -> bool:
    """Whether a provider offers the model in this region."""
    entry = _BY_ID.get(model)
    return bool(choices(model, region=region)) if entry is None else region in _codes(_target(entry))


def _target(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return _BY_ID[entry["alias_of"] or entry["id"]]


def _split(model: str, mark: str, words: tuple[str, ...]) -> tuple[str, str]:
    name, _, word = model.rpartition(mark)
    return (name, word) if name and word in words else (model, "")


def _codes(entry: Mapping[str, Any]) -> list[str]:
    return [place["code"] for place in entry["regions"]]


def _answers_to(entry: Mapping[str, Any], name: str, region: str) -> bool:
    if region and region not in _codes(entry):
        return False
    return bool(name == entry["id"] or name == entry["model_name"])


def listing(view: str) -> dict[str, Any]:
    """The body of `GET /models`."""
    return {"object": "list", "data": _by_name() if view == "models" else list(MODELS)}


def _by_name() -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in MODELS:
        groups.setdefault(entry["model_name"], []).append(entry)
    return [
        {
            "id": name,
            "object": "model",
            "created": _CREATED,
            "owned_by": endpoints[0]["owned_by"],
            "mode": "chat" if endpoints[0]["capabilities"] is not _IMAGE else "image_generation",
            "endpoint_count": len(endpoints),
            "endpoints": endpoints,
        }
        for name, endpoints in groups.items()
    ]
