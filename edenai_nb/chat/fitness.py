"""Requests that a model cannot answer, as far as the list of models says; otherwise the server decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..api.models import Model, find
from ..messages import Message

_REGIONS = ("eu", "us")  # contract, section 4.1


def obstacles(
    messages: Sequence[Message], params: Mapping[str, Any], names: Sequence[str], models: Sequence[Model]
) -> Iterator[tuple[str, str]]:
    """(name, reason) of each of these models that cannot answer."""
    needs = _needs(messages, params)
    for name in names:
        plain, _, region = name.rpartition("@")
        pinned = region if plain and region in _REGIONS else ""
        model = find(name, models) or (find(plain, models) if pinned else None)
        if model is None:
            continue
        yield from ((name, f"cannot do {need}") for need in sorted(needs) if model.lacks(need))
        if pinned and model.regions and pinned not in model.regions:
            yield name, f"is not available in the region {pinned} (it is in {', '.join(model.regions)})"


def _needs(messages: Sequence[Message], params: Mapping[str, Any]) -> set[str]:
    contents = [message.get("content") for message in messages]
    needs = {_need(part) for content in contents if isinstance(content, list) for part in content}
    if params.get("tools"):
        needs.add("tools")
    if (params.get("response_format") or {}).get("type") == "json_schema":
        needs.add("schema")
    return needs - {""}


def _need(part: Mapping[str, Any]) -> str:
    """The ability that a content part needs, or ""."""
    if part.get("type") != "file":
        return {"image_url": "vision", "input_audio": "audio"}.get(str(part.get("type")), "")
    kind = str(getattr(part, "kind", "")).partition("/")[0]  # of a large file; of another, only the server knows
    return {"image": "vision", "audio": "audio", "text": ""}.get(kind, "files")
