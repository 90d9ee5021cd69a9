"""Refuses messages in an impossible order, with the error messages of OpenAI, which gateways pass on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .refusals import invalid
from .script import Script

_BEFORE_A_RESULT = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
_UNANSWERED = (
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
    "The following tool_call_ids did not have response messages: "
)
_INSTEAD_OF_CONTENT = ("tool_calls", "function_call", "refusal", "audio")


def refused(messages: list[dict[str, Any]]) -> Script | None:
    """400 for the first message that cannot follow those before it."""
    if not messages:
        words = (
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."
        )
        return invalid(words, "messages", "empty_array")
    asked: set[str] | None = None  # call ids of the last assistant message, while only tool results have followed
    unanswered: set[str] = set()
    for number, message in enumerate(messages):
        at = f"messages.[{number}]"
        if message["role"] == "tool":
            if problem := _result_problem(message, asked, at):
                return problem
            unanswered.discard(message["tool_call_id"])
            continue
        if unanswered:
            return invalid(_UNANSWERED + ", ".join(sorted(unanswered)), f"{at}.role", None)
        if problem := _content_problem(message, at) or _calls_problem(message, at):
            return problem
        asked = _ids(message.get("tool_calls") or ()) if message["role"] == "assistant" else None
        unanswered = set(asked or ())
    return invalid(_UNANSWERED + ", ".join(sorted(unanswered)), f"{at}.role", None) if unanswered else None


def _result_problem(message: Mapping[str, Any], asked: set[str] | None, at: str) -> Script | None:
    id = message.get("tool_call_id")
    if not isinstance(id, str):
        words = "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'."
        return invalid(words, f"{at}.tool_call_id", "missing_required_parameter")
    if not asked:
        return invalid(f"Invalid parameter: {_BEFORE_A_RESULT}", f"{at}.role", None)
    if id not in asked:
        words = f"Invalid parameter: 'tool_call_id' of '{id}' not found in 'tool_calls' of previous message."
        return invalid(words, f"{at}.tool_call_id", None)
    return _content_problem(message, at)


def _content_problem(message: Mapping[str, Any], at: str) -> Script | None:
    is_assistant = message["role"] == "assistant"
    if message.get("content") is not None or (is_assistant and any(message.get(name) for name in _INSTEAD_OF_CONTENT)):
        return None
    return invalid("Invalid value for 'content': expected a string, got null.", f"{at}.content", None)


def _calls_problem(message: Mapping[str, Any], at: str) -> Script | None:
    calls = message.get("tool_calls") if message["role"] == "assistant" else None
    if calls is None:
        return None
    if not isinstance(calls, list) or not all(isinstance(c, dict) and isinstance(c.get("id"), str) for c in calls):
        words = f"Invalid type for '{at}.tool_calls': expected an array of objects that each have an 'id'."
        return invalid(words, f"{at}.tool_calls", "invalid_type")
    if not calls:
        words = f"Invalid '{at}.tool_calls': empty array. Expected an array with minimum length 1."
        return invalid(words, f"{at}.tool_calls", "empty_array")
    return None


def _ids(calls: Iterable[Mapping[str, Any]]) -> set[str]:
    return {call["id"] for call in calls}
