"""One chat completion as Eden AI sends it (contract, sections 3.2 and 3.3)."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .catalogue import Choice

_TOKEN = re.compile(r"\s*\w{1,6}|\s*[^\w\s]{1,3}|\s+")
_HOLE = "\0"  # placeholder for a token in a prepared chunk


def tokens(text: str) -> list[str]:
    """The text in pieces of about four characters, which stand for tokens."""
    return _TOKEN.findall(text)


def message_text(message: Mapping[str, Any]) -> str:
    """The text of a message whose content is a string or a list of parts (contract, section 5)."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def sse(value: Any) -> bytes:
    """One Server-Sent Event. A lone surrogate is sent as a JSON escape."""
    return b"data: " + _encode(value) + b"\n\n"


@dataclass
class _Said:
    """What was sent of one choice so far."""

    content: list[str] = field(default_factory=list)
    reasoning_content: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    finish_reason: str = "stop"

    def message(self) -> dict[str, Any]:
        content = "".join(self.content)
        return {
            "role": "assistant",
            "content": None if self.calls and not content else content,
            "tool_calls": self.calls or None,
            "refusal": None,
            "reasoning_content": "".join(self.reasoning_content) or None,
        }

    def tokens(self) -> int:
        called = (tokens(call["function"]["name"] + call["function"]["arguments"]) for call in self.calls)
        return len(self.content) + len(self.reasoning_content) + sum(map(len, called))


class Completion:
    """Makes the SSE frames of one answer, and collects its text for the usage and the whole body.

    For an answer that is not streamed all frames are empty, and `done()` is the whole JSON body.
    """

    def __init__(self, body: Mapping[str, Any], choice: Choice, metadata: Mapping[str, Any] | None = None) -> None:
        self.streamed = body.get("stream") is True
        self.model = choice.id
        self._choice = choice
        self._metadata = metadata
        self._with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        self._prompt = sum(len(tokens(message_text(message))) for message in body.get("messages", ()))
        self._id, self._created = f"chatcmpl-{uuid.uuid4().hex[:24]}", int(time.time())
        self._index = 0
        self._choices = {0: _Said()}
        self._bill: dict[str, Any] = {}

    def turn_to(self, index: int) -> bytes:
        """Switch to this choice; the frame is empty."""
        self._index = index
        self._choices.setdefault(index, _Said())
        return b""

    def opening(self) -> bytes:
        """The first chunk: the role, and `edenai_metadata`."""
        extra: dict[str, Any] = {"edenai_metadata": self._metadata} if self._metadata and not self._index else {}
        return self._frame({"role": "assistant", "content": ""}, **extra)

    def deltas(self, name: str, pieces: Iterable[str]) -> Iterable[bytes]:
        """A frame for each piece; `name` is `content` or `reasoning_content`."""
        said: list[str] = getattr(self._said, name)
        yield from self._fragments({name: _HOLE}, pieces, said.append)

    def call(self, name: str, arguments: Iterable[str], id: str | None) -> Iterable[bytes]:
        """A frame with the call's id and name, then one for each piece of its arguments."""
        function = {"name": name, "arguments": ""}
        call = {"id": id or f"call_{uuid.uuid4().hex[:24]}", "type": "function", "function": function}
        place = {"index": len(self._said.calls)}
        yield self._frame({"content": None, "tool_calls": [{**place, **call}]})
        self._said.calls.append(call)

        def keep(piece: str) -> None:
            function["arguments"] += piece

        yield from self._fragments({"tool_calls": [{**place, "function": {"arguments": _HOLE}}]}, arguments, keep)

    def _fragments(self, delta: dict[str, Any], pieces: Iterable[str], keep: Callable[[str], None]) -> Iterable[bytes]:
        before, after = self._frame(delta).split(_encode(_HOLE)) if self.streamed else (b"", b"")
        for piece in pieces:
            keep(piece)
            yield before + _encode(piece) + after if self.streamed else b""

    def finish(self, reason: str) -> bytes:
        """The chunk with the finish_reason."""
        self._said.finish_reason = reason
        return self._frame({"content": None}, finish_reason=reason)

    def bill(self, usage: Mapping[str, Any] | None, cost: float | None) -> bytes:
        """The chunk with usage and cost (USD), computed if None. Empty unless `include_usage` was asked for."""
        usage = dict(usage) if usage is not None else self._count()
        self._bill = {"usage": usage, "cost": self._price(usage) if cost is None else cost}
        return self._frame({"content": None, "role": None}, **self._bill) if self._with_usage else b""

    def done(self) -> bytes:
        """`[DONE]`, or the whole body of an answer that is not streamed."""
        return b"data: [DONE]\n\n" if self.streamed else _encode(self._whole())

    @property
    def _said(self) -> _Said:
        return self._choices[self._index]

    def _frame(self, delta: dict[str, Any], *, finish_reason: str | None = None, **extra: Any) -> bytes:
        if not self.streamed:
            return b""
        choice = {"index": self._index, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        return sse({**self._head("chat.completion.chunk", self.model), "choices": [choice], **extra})

    def _whole(self) -> dict[str, Any]:
        choices = [
            {"index": index, "finish_reason": said.finish_reason, "logprobs": None, "message": said.message()}
            for index, said in sorted(self._choices.items())
        ]
        return {
            # Whole answers name the model without its provider, streams with it (contract, section 3.2).
            **self._head("chat.completion", self.model.partition("/")[2] or self.model),
            "choices": choices,
            "system_fingerprint": None,
            "service_tier": "default",
            "status": "success",
            "provider": self._choice.provider,
            **self._bill,
            **({"edenai_metadata": self._metadata} if self._metadata else {}),
        }

    def _head(self, kind: str, model: str) -> dict[str, Any]:
        return {"id": self._id, "created": self._created, "model": model, "object": kind}

    def _count(self) -> dict[str, Any]:
        reasoning = sum(len(said.reasoning_content) for said in self._choices.values())
        completion = sum(said.tokens() for said in self._choices.values())
        return {
            "prompt_tokens": self._prompt,
            "completion_tokens": completion,
            "total_tokens": self._prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }

    def _price(self, usage: Mapping[str, Any]) -> float:
        return self._choice.price(int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))


def _encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
