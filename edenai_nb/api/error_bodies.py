"""Reads error bodies, whose shapes differ from provider to provider, into one record."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from . import validation
from .numbers import number

MAX_BODY = 64 * 1024  # bytes of an error body that are read
MAX_START, MAX_NAME = 5000, 100  # characters of a message and of a code that are looked at
MAX_DEPTH = 5  # errors within errors
# (key, type) under which the message may be, the likeliest first: objects, then strings, then lists.
_WITHIN: tuple[tuple[str, type], ...] = (
    *(("error", dict), ("detail", dict), ("detail", list), ("message", dict)),
    *((name, str) for name in ("message", "Message", "msg", "error_message", "error_description")),
    *((name, str) for name in ("detail", "error", "details", "title", "reason")),
    *((name, list) for name in ("errors", "error", "message", "details")),
    *(("errors", dict), ("details", dict)),
)
_FACTS: Mapping[str, tuple[str, ...]] = {
    "type": ("type",),
    "code": ("code", "error_code"),
    "param": ("param",),
    "provider": ("provider", "llm_provider", "provider_name"),
    "status": ("status_code", "status"),
}
_NO_FACTS = {"error", "fail", "failed", "none", "null"}
_HTTP_STATUS = re.compile(r"[345]\d\d")
_SAYS_NOTHING = {"{}", "[]", "None", "null", "b''", 'b""'}
# `litellm.AuthenticationError: OpenAIException - …`: names of Python classes, with the provider in them.
_CLASS = re.compile(
    r"\s*(?:(?:[a-z_]+\.)*(?P<who>[A-Z]\w*?)(?:Exception|Error)|(?:[a-z_]+\.)+Timeout)"
    r"(?: [A-Z]\w+(?:Exception|Error)| Timeout)?\s*(?:[:-]\s*|\Z)"
)
_STATUS = re.compile(r"\s*(?:Error code|Status code|HTTP(?: error| status)?):? *(?P<code>\d{3})\s*[:-]\s*", re.I)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+")
_NO_PROVIDER = frozenset(
    re.findall(
        r"\w+",
        """API Api HTTP Http Status Bad Request Authentication Permission Denied Access Not Found Rate Limit Timeout
        Internal Server Service Unavailable Overloaded Context Window Content Policy Violation Unprocessable Gateway
        Invalid Unsupported Params Budget Exceeded Rejected Connection Connect Read Write Value Type Key Runtime
        Validation Throttling Response JSON Schema Attribute Index Lookup Assertion Base Router Proxy Unknown Client
        Model Network Quota Resource Unexpected Stream""",
    )
)
# What LiteLLM and its proxy append for their operators.
_TAIL = re.compile(
    r"[\s.,]*(?:Handle with [`'\"]?litellm|LiteLLM: |LiteLLM Retried:|Received Model Group=|Available Model Group "
    r"|Error_str: |No fallback model group|Error doing the fallback|Traceback \(most recent call last\)"
    r"|model=\S+ (?:context_window|content_policy)_fallback|For more information check: https://httpstatuses)",
    re.I,
)
_LITERAL = re.compile(r"""(?<!\w)b['"]|\[?\{""")
_INSIDE = re.compile(r"""["'](?:message|detail|error)["']\s*:\s*(?:"((?:[^"\\]|\\.)*)|'((?:[^'\\]|\\.)*))""")


class Said(msgspec.Struct, frozen=True):
    """The facts in an error body; "" for each that it does not give."""

    message: str = ""
    type: str = ""
    code: str = ""
    param: str = ""
    provider: str = ""  # set if the error comes from the provider behind Eden AI: its account, its key, its limits
    status: str = ""
    retry_after: float | None = None
    is_page: bool = False  # an HTML page, as proxies send
    is_text: bool = False  # not JSON


def read(body: bytes) -> Said:
    """The facts in the bytes of an error body: JSON of any shape, HTML, or text."""
    if body.lstrip()[:1] == b"<":
        return Said(is_page=True)
    try:
        return understand(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.structs.replace(understand(body.decode("utf-8", "ignore")), is_text=True)


def understand(body: Any) -> Said:
    """The facts in a decoded body: nested in `error` or `detail`, flat, in a list, or as JSON within a message."""
    facts: dict[str, str] = {}
    message = _message(body, facts, MAX_DEPTH)
    wait = number(body.get("retry_after")) if isinstance(body, dict) else None
    return msgspec.structs.replace(Said(_start(message), retry_after=wait), **facts)


def _message(value: Any, facts: dict[str, str], depth: int) -> str:
    """The innermost message. Fills `facts` on the way; values of outer levels win over those of inner ones."""
    if not depth:
        return ""
    if isinstance(value, str):
        return _spoken(value, facts, depth)
    if validation.is_list(value):
        facts.setdefault("code", "validation_error")
        return validation.line(value)
    if isinstance(value, list):
        return "; ".join(filter(None, (_message(one, facts, depth - 1) for one in value[:3])))
    return _within_object(value, facts, depth) if isinstance(value, dict) else ""


def _within_object(error: Mapping[str, Any], facts: dict[str, str], depth: int) -> str:
    metadata = error.get("metadata")  # OpenRouter's: the provider's own error
    metadata = metadata if isinstance(metadata, dict) else {}
    _take(error, facts)
    _take(metadata, facts)
    places = [metadata.get("raw"), *(error[name] for name, kind in _WITHIN if isinstance(error.get(name), kind))]
    found = filter(None, (_message(place, facts, depth - 1) for place in places))
    return next(found, "") or _by_field(error)


def _take(error: Mapping[str, Any], facts: dict[str, str]) -> None:
    for fact, names in _FACTS.items():
        word = next(filter(None, (_name(error.get(name)) for name in names)), "")
        if word and word.lower() not in _NO_FACTS:
            facts.setdefault("status" if fact == "code" and _HTTP_STATUS.fullmatch(word) else fact, word)


def _by_field(problems: Mapping[str, Any]) -> str:
    """`{"providers": ["This field is required."]}`: what is wrong with each field."""
    first = {field: told[0] if isinstance(told, list) and told else told for field, told in problems.items()}
    if not any(isinstance(told, list) and isinstance(first[field], str) for field, told in problems.items()):
        return ""
    told = (words if isinstance(words, str) else msgspec.json.encode(words).decode() for words in first.values())
    return "; ".join(f"{field}: {words}" for field, words in zip(first, told, strict=True))


def _spoken(text: str, facts: dict[str, str], depth: int) -> str:
    """A message without Python class names, Python literals and what is meant for the gateway's operators."""
    tail = _TAIL.search(text, 0, MAX_BODY)
    text = text[: tail.start() if tail else MAX_BODY]
    while match := _CLASS.match(text) or _STATUS.match(text):
        found = match.groupdict()
        if found.get("code"):
            facts.setdefault("status", found["code"])
        elif (who := found.get("who")) and _NO_PROVIDER.isdisjoint(_WORDS.findall(who)):
            facts.setdefault("provider", who.replace("_", " "))
        text = text[match.end() :]
    inner = filter(None, (_message(literal, facts, depth - 1) for literal in _literals(text)))
    plain = text.strip()
    return next(inner, "" if plain[:1] == "<" or plain in _SAYS_NOTHING else plain)


def _literals(text: str) -> Iterator[Any]:
    """The JSON or Python literals (bytes, dict, list) in the text; of a truncated one the message in it."""
    start = _LITERAL.search(text)
    if not start:
        return
    with suppress(ValueError, RecursionError):
        yield json.JSONDecoder().raw_decode(text, start.start())[0]
    end = max(text.rfind(mark) for mark in "}]'\"") + 1
    with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
        found = ast.literal_eval(text[start.start() : end])
        yield found.decode("utf-8", "replace") if isinstance(found, bytes) else found
    if cut := _INSIDE.search(text, start.start()):
        yield re.sub(r"\\+(.)", r"\1", cut[1] or cut[2] or "")


def _start(text: str) -> str:
    """The first MAX_START characters, on one line. Far more than is shown: cut shorter before redaction, half a key
    could remain, which the redaction would not recognise."""
    visible = "".join(letter if letter.isprintable() else " " for letter in text[:MAX_BODY])
    return " ".join(visible.split())[:MAX_START]


def _name(value: Any) -> str:
    """An identifier such as an error code; "" for anything too long to be one."""
    name = str(value or "") if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return name if len(name) <= MAX_NAME and name.isprintable() else ""
