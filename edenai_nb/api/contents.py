"""Text, reasoning and other parts of a message's `content`, in whichever shape a provider sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 8  # nesting of lists and objects within which text is looked for
_THINKING = frozenset({"thinking", "reasoning", "redacted_thinking", "reasoning_text", "reasoning_content", "thought"})
_WHERE_TEXT_IS = ("text", "thinking", "summary", "reasoning", "refusal", "value", "content", "parts")

Part = Mapping[str, Any]


def read(content: Any) -> tuple[str, str, tuple[Part, ...]]:
    """(text, reasoning, other parts) of a `content`: a string, one part, or a list of strings and parts."""
    if isinstance(content, str):
        return content, "", ()
    text, thinking, others = [], [], []
    for part in listed(content):
        if isinstance(part, dict) and (part.get("type") in _THINKING or part.get("thought") is True):
            thinking.append(words(part))
        elif found := words(part if isinstance(part, str) else _own_text(part)):
            text.append(found)
        elif isinstance(part, dict) and part.get("type") not in (None, "text"):
            others.append(part)
    return "".join(text), "".join(thinking), tuple(others)


def words(value: Any, depth: int = MAX_DEPTH) -> str:
    """The text in a string, a part, or a list of them; "" for anything else."""
    if isinstance(value, str):
        return value
    if depth and isinstance(value, list):
        return "".join(words(one, depth - 1) for one in value)
    if depth and isinstance(value, dict):
        return next(filter(None, (words(value.get(name), depth - 1) for name in _WHERE_TEXT_IS)), "")
    return ""


def listed(value: Any) -> list[Any]:
    """A list as it is, a single value as a list of one, an empty one as []."""
    return value if isinstance(value, list) else [value] if value else []


def _own_text(part: Any) -> Any:
    return (part.get("text") or part.get("refusal")) if isinstance(part, dict) else ""
