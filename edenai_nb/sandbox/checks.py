"""What Eden AI refuses before any provider is called, and the bodies it does it with (contract, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from . import catalogue
from .script import Script

_RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "max_tokens": (1, float("inf")),
    "max_completion_tokens": (1, float("inf")),
    "n": (1, float("inf")),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "top_logprobs": (0, 20),
}
_WHOLE_NUMBERS = ("max_tokens", "max_completion_tokens", "n", "top_logprobs")
_ROLES = ("user", "assistant", "system", "tool", "developer", "function")

Problem: TypeAlias = tuple[tuple[str | int, ...], str, str]  # where, message, type


def fields(body: Any) -> Script | None:
    """422 with a line for each field that is missing or out of range."""
    problems = list(_problems(body))
    return unprocessable(problems) if problems else None


def unprocessable(problems: Iterable[Problem]) -> Script:
    detail = [{"loc": ["body", *where], "msg": message, "type": kind} for where, message, kind in problems]
    return Script.json({"detail": detail}, status=422)


def _problems(body: Any) -> Iterator[Problem]:
    if not isinstance(body, dict):
        yield (), "Input should be a valid dictionary or object to extract fields from", "model_attributes_type"
        return
    yield from (((name,), "Field required", "missing") for name in ("model", "messages") if name not in body)
    if not isinstance(body.get("model", ""), str):
        yield ("model",), "Input should be a valid string", "string_type"
    yield from _message_problems(body.get("messages", []))
    yield from _range_problems(body)
    for name, most in (("fallbacks", 3), ("router_candidates", 64)):
        names = body.get(name) or []
        if not isinstance(names, list) or not all(isinstance(item, str) for item in names):
            yield (name,), "Input should be a valid list of strings", "list_type"
        elif len(names) > most:
            yield (name,), f"List should have at most {most} items after validation, not {len(names)}", "too_long"


def _message_problems(messages: Any) -> Iterator[Problem]:
    if not isinstance(messages, list):
        yield ("messages",), "Input should be a valid list", "list_type"
        return
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or "role" not in message:
            yield ("messages", number, "role"), "Field required", "missing"
        elif message["role"] not in _ROLES:
            yield ("messages", number, "role"), f"Input should be {' or '.join(map(repr, _ROLES))}", "literal_error"


def _range_problems(body: Mapping[str, Any]) -> Iterator[Problem]:
    for name, (least, most) in _RANGES.items():
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int if name in _WHOLE_NUMBERS else (int, float)):
            yield (name,), "Input should be a valid number", "float_type"
        elif value < least:
            yield (name,), f"Input should be greater than or equal to {least}", "greater_than_equal"
        elif value > most:
            yield (name,), f"Input should be less than or equal to {most}", "less_than_equal"


def models(body: Mapping[str, Any]) -> Script | None:
    """400 for a model that is unknown, not for chat, or lacks the tools that were sent."""
    names = [body["model"], *(body.get("fallbacks") or ())]
    choices = {name: catalogue.choose(name, tuple(body.get("router_candidates") or ())) for name in names}
    if unknown := [name for name, choice in choices.items() if choice is None]:
        return _refusal(f"Model(s) not found or inactive: {', '.join(unknown)}")
    found = [choice for choice in choices.values() if choice]
    if silent := [choice.id for choice in found if not choice.is_chat]:
        return _refusal(f"Model(s) do not support /chat/completions: {', '.join(silent)}")
    if body.get("tools") and (without := sorted({choice.provider for choice in found if not choice.has_tools})):
        return _refusal(
            f"Request included tools parameter, but providers {', '.join(without)} do not support function calling"
        )
    return None


def _refusal(message: str) -> Script:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": "invalid_parameter"}
    return Script.json({"error": error}, status=400)
