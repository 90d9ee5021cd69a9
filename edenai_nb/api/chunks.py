"""Decodes one event of a chat completion into Deltas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ..errors import MalformedStream
from ..reply import Delta, Usage
from ..reply.pieces import whole_letters
from ..settings import Settings
from . import contents
from .failures import from_chunk
from .finish_reasons import meaning
from .numbers import number

DONE = b"[DONE]"
_Rows = tuple[Mapping[str, Any], ...]


class _Message(msgspec.Struct):
    # `Any` where a provider may send null, a string or a list of parts: a surprise must not lose the chunk.
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    thinking: Any = None
    reasoning_text: Any = None
    thinking_blocks: Any = None
    reasoning_details: Any = None
    refusal: Any = None
    tool_calls: Any = None
    function_call: Any = None  # the older form of a tool call
    images: Any = None
    audio: Any = None
    annotations: Any = None
    citations: Any = None
    provider_specific_fields: Any = None  # LiteLLM keeps Anthropic's citations there


class _Choice(msgspec.Struct):
    index: Any = None
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
    citations: Any = None
    search_results: Any = None
    error: Any = None
    # The fields of an error that is not nested in `error`.
    detail: Any = None
    message: Any = None
    code: Any = None
    type: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode
_NO_MORE: tuple[_Rows, _Rows, tuple[Any, ...]] = ((), (), ())
_NOTHING, _NO_CHOICE = _Message(), _Choice()
_EMPTY, _SILENCE = _Chunk(), Delta()  # compared with, to skip empty events cheaply

_ENDED_BY_ERROR = "The provider ended its answer with an error"
_NOT_A_CHUNK = "The server sent something that is not a chat completion; the text so far is kept. Run it again."


def deltas(data: bytes, settings: Settings, *, named: bool = False) -> Iterator[Delta]:
    """The Deltas in one JSON chunk (`chat.completion.chunk`, or a whole `chat.completion`): one for each choice.

    An empty or null event gives none; neither does an event with a type (`named`) that holds no chunk: servers send
    those to keep the connection alive. Unknown keys are ignored. Raises the error that the chunk reports, after its
    text has been yielded and with the API key redacted; MalformedStream for data that is no such object.
    """
    chunk = _chunk(data, settings, named)
    if chunk is None or chunk == _EMPTY:
        return iter(())
    if chunk.choices and len(chunk.choices) == 1 and not (choice := chunk.choices[0]).error:
        delta = _delta(chunk, choice, 0)  # the common case, without the cost of a generator
        if delta.finish_reason != "error":
            return iter((delta,))
    return _read(chunk, settings)


def whole(data: bytes, settings: Settings) -> Iterator[Delta]:
    """The Deltas in an answer that is not streamed. Raises like `deltas`, and MalformedStream if it has no choices."""
    chunk = _chunk(data, settings)
    if chunk is None or not chunk.choices:
        raise MalformedStream(_NOT_A_CHUNK)
    return _read(chunk, settings)


def _chunk(data: bytes, settings: Settings, named: bool = False) -> _Chunk | None:
    try:
        chunk: _Chunk | None = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        chunk = _second_look(data, named)
    if chunk is not None and (chunk.error or (chunk.choices is None and not named and (chunk.detail or chunk.message))):
        raise from_chunk(msgspec.structs.asdict(chunk), settings)
    return chunk


def _second_look(data: bytes, named: bool) -> _Chunk | None:
    """Decode leniently what the strict decoder refuses: half surrogate pairs, NaN, [] in place of {}."""
    try:
        value = json.loads(_decoded(data)) if data.strip() else None
        return None if value in (None, "", []) else msgspec.convert(_tidied(value), _Chunk)
    except (ValueError, TypeError, msgspec.ValidationError, RecursionError):
        if named:
            return None
        raise MalformedStream(_NOT_A_CHUNK) from None


def _decoded(data: bytes) -> str:
    # The SSE standard decodes with replacement, so bad UTF-8 costs a character, not the answer. Half surrogate
    # pairs may be encoded in the bytes: they pass here and are joined later (reply/pieces.py).
    try:
        return data.decode("utf-8", "surrogatepass").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return data.decode("utf-8-sig", "replace")


def _tidied(chunk: Any) -> Any:
    """Without the [] and "" that PHP writes for empty objects; half surrogate pairs stay in `choices` only."""
    if not isinstance(chunk, dict):
        return chunk
    rest = {name: value for name, value in chunk.items() if name != "choices"}
    tidy = json.loads(whole_letters(json.dumps(rest, ensure_ascii=False)))
    if isinstance(choices := chunk.get("choices"), list):
        tidy["choices"] = [_without_empty(choice) for choice in choices if choice]
    elif choices:
        tidy["choices"] = choices
    return tidy


def _without_empty(choice: Any) -> Any:
    return (
        {name: value for name, value in choice.items() if value not in ("", [])} if isinstance(choice, dict) else choice
    )


def _read(chunk: _Chunk, settings: Settings) -> Iterator[Delta]:
    for position, choice in enumerate(chunk.choices or (_NO_CHOICE,)):
        delta, error = _delta(chunk if not position else _EMPTY, choice, position), choice.error
        if delta.finish_reason == "error":
            error = error or _ended_by(choice.finish_reason)
            delta = delta._replace(finish_reason=None)
        if delta != _SILENCE:
            yield delta
        if error:
            raise from_chunk({"error": error}, settings)


def _ended_by(reason: str) -> str:
    return _ENDED_BY_ERROR if reason == "error" else f"{_ENDED_BY_ERROR} ({reason[:100]})"


def _delta(chunk: _Chunk, choice: _Choice, position: int) -> Delta:
    message, reason, index = choice.delta or choice.message or _NOTHING, choice.finish_reason, choice.index
    if message.refusal and message is choice.message:
        reason = "refusal"  # OpenAI says "stop"
    if (content := message.content).__class__ is str and not _has_more(message):
        text, thinking, calls, parts, cited = content, "", *_NO_MORE  # the common case
    else:
        text, thinking, calls, parts, cited = _everything(message)
    if chunk.citations or chunk.search_results:
        cited = (*_listed(chunk.citations, chunk.search_results), *cited)
    return Delta(
        text,
        thinking,
        chunk.model if chunk.model.__class__ is str else None,
        meaning(reason) if reason else None,
        usage(chunk.usage) if chunk.usage else None,
        _cost(chunk) if chunk.cost is not None or chunk.usage else None,
        chunk.provider if chunk.provider.__class__ is str else None,
        chunk.edenai_metadata if chunk.edenai_metadata.__class__ is dict else None,
        calls,
        parts,
        cited,
        index if index.__class__ is int and index >= 0 else _index(index, position),
    )


def _has_more(message: _Message) -> bool:
    """Whether there is anything besides `content`."""
    return bool(
        message.reasoning_content
        or message.reasoning
        or message.thinking
        or message.reasoning_text
        or message.thinking_blocks
        or message.reasoning_details
        or message.refusal
        or message.tool_calls
        or message.function_call
        or message.images
        or message.audio
        or message.annotations
        or message.citations
        or message.provider_specific_fields
    )


def _everything(message: _Message) -> tuple[str, str, _Rows, _Rows, tuple[Any, ...]]:
    """(text, reasoning, fragments of tool calls, parts, citations) of a message."""
    text, thinking, parts = contents.read(message.content)
    more = message.provider_specific_fields if isinstance(message.provider_specific_fields, dict) else {}
    return (
        text + contents.words(message.refusal),
        _reasoning(message) or thinking,
        tuple(_tool_calls(message)),
        (*parts, *_pictures(message), *_audio(message)),
        _listed(message.citations, message.annotations, more.get("citations"), more.get("citation")),
    )


def _listed(*found: Any) -> tuple[Any, ...]:
    return tuple(one for many in found if many for one in contents.listed(many) if one)


def _index(index: Any, position: int) -> int:
    value = number(index)
    return position if value is None else int(value)


def _reasoning(message: _Message) -> str:
    """The first field that is not empty: some servers send the same reasoning under several names."""
    return (
        contents.words(message.reasoning_content)
        or contents.words(message.reasoning)
        or contents.words(message.thinking)
        or contents.words(message.reasoning_text)
        or contents.words(message.thinking_blocks)
        or contents.words(message.reasoning_details)
    )


def _tool_calls(message: _Message) -> Iterator[Mapping[str, Any]]:
    for call in contents.listed(message.tool_calls):
        if isinstance(call, dict):
            yield call
    if isinstance(message.function_call, dict):
        yield {"function": message.function_call}


def _pictures(message: _Message) -> Iterator[contents.Part]:
    for image in contents.listed(message.images):
        if isinstance(image, (dict, str)):
            yield image if isinstance(image, dict) else {"type": "image_url", "image_url": {"url": image}}


def _audio(message: _Message) -> Iterator[contents.Part]:
    if isinstance(message.audio, dict):
        yield {**message.audio, "type": "audio"}


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
    """USD: Eden AI's `cost`, else the cost inside `usage`, as LiteLLM, OpenRouter and Perplexity send it."""
    cost = number(chunk.cost)
    if cost is None and isinstance(chunk.usage, dict):
        inside = chunk.usage.get("cost")
        cost = number(inside.get("total_cost") if isinstance(inside, dict) else inside)
    return cost


def _count(counts: Any, name: str) -> int:
    value = number(counts.get(name)) if isinstance(counts, dict) else None
    return int(value) if value else 0
