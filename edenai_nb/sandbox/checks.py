"""The checks with which Eden AI refuses a request before any provider is called (contract, section 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import catalogue, dialogue, strict_schemas, tools
from .answers import asked_schema
from .bodies import COMPLETION
from .completion import message_text
from .fitting import json_text
from .record import Request
from .refusals import invalid, unprocessable
from .schemas import Unfit
from .script import Script
from .shapes import Problem, Record, Wrong

MAX_STOPS = 4
MAX_CHOICES = 128
_FORMATS = ("json_object", "json_schema", "text")


def completion(request: Request) -> dict[str, Any] | Script:
    """The validated body of a chat completion request, or the Script that refuses it."""
    body = read(COMPLETION, request)
    if isinstance(body, Script):
        return body
    for check in _CHECKS:
        if refused := check(body):
            return refused
    return body


def read(shape: Record, request: Request) -> dict[str, Any] | Script:
    """The body validated by this shape, or 422 with an entry for each invalid value."""
    if request.unread:
        return request.unread
    try:
        return shape.read(request.json, ())
    except Wrong as wrong:
        return unprocessable(wrong.problems)


def _models(body: Mapping[str, Any]) -> Script | None:
    """400 for a model that is unknown, not for chat, or lacks the tools that were sent; 422 for no candidate at all."""
    candidates = tuple(body.get("router_candidates") or ())
    if body["model"] == "@edenai" and candidates and not any(map(catalogue.choose, candidates)):
        words = f"None of the candidates can be routed to: {', '.join(candidates)}"
        return unprocessable([Problem(("router_candidates",), words, "value_error")])
    names = [body["model"], *(body.get("fallbacks") or ())]
    choices = {name: catalogue.choose(name, candidates) for name in names}
    if unknown := [name for name, choice in choices.items() if choice is None]:
        return invalid(f"Model(s) not found or inactive: {', '.join(unknown)}")
    found = [choice for choice in choices.values() if choice]
    if silent := [choice.id for choice in found if not choice.is_chat]:
        return invalid(f"Model(s) do not support /chat/completions: {', '.join(silent)}")
    if body.get("tools") and (without := sorted({choice.provider for choice in found if not choice.has_tools})):
        return invalid(
            f"Request included tools parameter, but providers {', '.join(without)} do not support function calling"
        )
    return None


def _stops(body: Mapping[str, Any]) -> Script | None:
    stop = body.get("stop")
    if not isinstance(stop, list) or len(stop) <= MAX_STOPS:
        return None
    lengths = f"maximum length {MAX_STOPS}, but got an array with length {len(stop)} instead"
    words = f"Invalid 'stop': array too long. Expected an array with {lengths}."
    return invalid(words, "stop", "array_above_max_length")


def _choices(body: Mapping[str, Any]) -> Script | None:
    if (asked := body.get("n") or 1) <= MAX_CHOICES:
        return None
    words = f"Invalid 'n': integer above maximum value. Expected a value <= {MAX_CHOICES}, but got {asked} instead."
    return invalid(words, "n", "integer_above_max_value")


def _format(body: Mapping[str, Any]) -> Script | None:
    format = body.get("response_format")
    type = None if format is None else format.get("type")
    if format is None or type in _FORMATS:
        return None
    if type is None:
        words = "Missing required parameter: 'response_format.type'."
        return invalid(words, "response_format.type", "missing_required_parameter")
    words = "Invalid value for 'response_format.type'. Supported values are: 'json_object', 'json_schema', and 'text'."
    return invalid(words, "response_format.type", "invalid_value")


def _schema(body: Mapping[str, Any]) -> Script | None:
    if (schema := asked_schema(body)) is None:
        return None
    try:
        json_text(schema)
        reason = strict_schemas.refused(body["response_format"]["json_schema"])
    except Unfit as unfit:
        reason = str(unfit)
    name = body["response_format"]["json_schema"].get("name")
    words = f"Invalid schema for response_format {name!r}: {reason}."
    return invalid(words, "response_format", None) if reason else None


def _json_is_named(body: Mapping[str, Any]) -> Script | None:
    if (body.get("response_format") or {}).get("type") != "json_object":
        return None
    if any("json" in message_text(message).lower() for message in body["messages"]):
        return None
    words = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    return invalid(words, "messages", None)


_CHECKS: tuple[Callable[[Mapping[str, Any]], Script | None], ...] = (
    _models,
    lambda body: dialogue.refused(body["messages"]),
    _stops,
    _choices,
    tools.refused,
    _format,
    _schema,
    _json_is_named,
)
