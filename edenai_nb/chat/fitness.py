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
    parts = [part.get("type") for content in contents if isinstance(content, list) for part in content]
    form = params.get("response_format") or {}
    needs = {
        "vision": "image_url" in parts,
        "files": "file" in parts,
        "audio": "input_audio" in parts,
        "tools": bool(params.get("tools")),
        "schema": form.get("type") == "json_schema",
    }
    return {name for name, is_needed in needs.items() if is_needed}
