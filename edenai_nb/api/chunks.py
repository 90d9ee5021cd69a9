"""One event of a chat completion into a Delta."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..errors import MalformedStream
from ..reply import Delta, Usage
from ..settings import Settings
from .failures import from_chunk
from .numbers import number

DONE = b"[DONE]"


class _Message(msgspec.Struct):
    # `Any` where a seller may send null, a string or a list of parts: a surprise must not lose the chunk.
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    refusal: Any = None
    tool_calls: Any = None


class _Choice(msgspec.Struct):
    index: Any = 0
    delta: _Message | None = None
    message: _Message | None = None  # in an answer that is not streamed
    finish_reason: Any = None
    error: Any = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    model: Any = None
    usage: Any = None
    cost: Any = None
    provider: Any = None
    edenai_metadata: Any = None
    error: Any = None
    # What an error consists of that has no `error` around it.
    detail: Any = None
    message: Any = None
    code: Any = None
    type: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode
_NOTHING = _Message()
_EMPTY, _SILENCE = _Chunk(), Delta()  # the cheapest thing to send must not be dear to read


def delta(data: bytes, settings: Settings) -> Delta:
    """The Delta in one JSON chunk (`chat.completion.chunk`, or a whole `chat.completion`).

    Raises the error that the chunk reports, without the key of these settings in it, or MalformedStream if it
    is not such an object.
    Unknown keys are left aside; of several choices the first is read.
    """
    chunk = _chunk(data, settings)
    return _SILENCE if chunk == _EMPTY else _delta(chunk, settings)


def whole(data: bytes, settings: Settings) -> Delta:
    """The Delta in an answer that is not streamed. Raises like `delta`, and MalformedStream if it has no choices."""
    chunk = _chunk(data, settings)
    if not chunk.choices:
        raise MalformedStream(_NOT_A_CHUNK)
    return _delta(chunk, settings)


def _chunk(data: bytes, settings: Settings) -> _Chunk:
    try:
        chunk = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        chunk = _second_look(data)
    if chunk.error or (chunk.choices is None and (chunk.detail or chunk.message)):
        raise from_chunk(msgspec.structs.asdict(chunk), settings)
    return chunk


def _delta(chunk: _Chunk, settings: Settings) -> Delta:
    message, finish_reason, error = _first_choice(chunk.choices)
    if error or finish_reason == "error":
        raise from_chunk({"error": error or _ENDED_BY_ERROR}, settings)
    return Delta(
        _text(message.content) + _text(message.refusal) if message.refusal else _text(message.content),
        _text(message.reasoning_content or message.reasoning),
        chunk.model if isinstance(chunk.model, str) else None,
        finish_reason if isinstance(finish_reason, str) else None,
        usage(chunk.usage) if chunk.usage else None,
        _cost(chunk) if chunk.cost is not None or chunk.usage else None,
        _tool_calls(message.tool_calls) if message.tool_calls else (),
        chunk.provider if isinstance(chunk.provider, str) else None,
        chunk.edenai_metadata if isinstance(chunk.edenai_metadata, dict) else None,
    )


_ENDED_BY_ERROR = "The provider ended its answer with an error"
_NOT_A_CHUNK = "The server sent something that is not a chat completion; the text so far is kept. Run it again."


def _second_look(data: bytes) -> _Chunk:
    # The standard decodes a stream with replacement, so bad UTF-8 costs a character, not the answer.
    try:
        return _decode(data.decode("utf-8", "replace").encode())
    except (msgspec.DecodeError, RecursionError):
        raise MalformedStream(_NOT_A_CHUNK) from None


def _first_choice(choices: list[_Choice] | None) -> tuple[_Message, Any, Any]:
    for choice in choices or ():
        if not choice.index:  # 0, or null
            return choice.delta or choice.message or _NOTHING, choice.finish_reason, choice.error
    return _NOTHING, None, None


def _text(content: Any) -> str:
    """A string, or the text of a list of parts (some sellers stream those); anything else is nothing."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return ""


def _tool_calls(calls: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(call for call in calls if isinstance(call, dict)) if isinstance(calls, list) else ()


def usage(counts: Any) -> Usage | None:
    """The `usage` object of the contract, section 3.2; None if it is not one."""
    if not isinstance(counts, dict):
        return None
    prompt, completion = _count(counts, "prompt_tokens"), _count(counts, "completion_tokens")
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=_count(counts, "total_tokens") or prompt + completion,
        reasoning_tokens=_count(counts.get("completion_tokens_details"), "reasoning_tokens"),
        cached_tokens=_count(counts.get("prompt_tokens_details"), "cached_tokens"),
    )


def _cost(chunk: _Chunk) -> float | None:
    """USD, as Eden AI says it; else as LiteLLM, OpenRouter and Perplexity do, inside of `usage`."""
    cost = number(chunk.cost)
    if cost is None and isinstance(chunk.usage, dict):
        inside = chunk.usage.get("cost")
        cost = number(inside.get("total_cost") if isinstance(inside, dict) else inside)
    return cost


def _count(counts: Any, name: str) -> int:
    value = number(counts.get(name)) if isinstance(counts, dict) else None
    return int(value) if value else 0
