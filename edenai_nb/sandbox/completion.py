"""One chat completion in Eden AI's wire form (contract, sections 3.2 and 3.3)."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from .catalogue import Choice

_TOKEN = re.compile(r"\s*\w{1,6}|\s*[^\w\s]{1,3}|\s+")
_HOLE = "\0"  # where a token goes in a chunk that is otherwise ready


def tokens(text: str) -> list[str]:
    """The text in pieces of about four characters, as models count them."""
    return _TOKEN.findall(text)


def message_text(message: Mapping[str, Any]) -> str:
    """The text of a message, whether a string or a list of parts (contract, section 5)."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def sse(value: Any) -> bytes:
    """One event. A lone surrogate is sent as the JSON escape that it is."""
    return b"data: " + _encode(value) + b"\n\n"


class Completion:
    """The frames of one answer, in the order they are asked for; it remembers the text to sum it up.

    An answer that is not streamed has no frames: they are empty, and `done()` is the whole JSON body.
    """

    def __init__(self, body: Mapping[str, Any], choice: Choice, metadata: Mapping[str, Any] | None = None) -> None:
        self.streamed = body.get("stream") is True
        self.model = choice.id
        self._choice = choice
        self._metadata = metadata
        self._with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        self._prompt = sum(len(tokens(message_text(message))) for message in body.get("messages", ()))
        self._id, self._created = f"chatcmpl-{uuid.uuid4().hex[:24]}", int(time.time())
        self._said: dict[str, list[str]] = {"content": [], "reasoning_content": []}
        self._finish_reason = "stop"
        self._bill: dict[str, Any] = {}

    def opening(self) -> bytes:
        extra: dict[str, Any] = {"edenai_metadata": self._metadata} if self._metadata else {}
        return self._frame({"role": "assistant", "content": ""}, **extra)

    def deltas(self, field: str, pieces: Iterable[str]) -> Iterable[bytes]:
        """A frame for each piece; `field` is `content` or `reasoning_content`."""
        before, after = self._frame({field: _HOLE}).split(_encode(_HOLE)) if self.streamed else (b"", b"")
        for piece in pieces:
            self._said[field].append(piece)
            yield before + _encode(piece) + after if self.streamed else b""

    def finish(self, reason: str) -> bytes:
        self._finish_reason = reason
        return self._frame({"content": None}, finish_reason=reason)

    def bill(self, usage: Mapping[str, Any] | None, cost: float | None) -> bytes:
        usage = dict(usage) if usage is not None else self._count()
        self._bill = {"usage": usage, "cost": self._price(usage) if cost is None else cost}
        return self._frame({"content": None, "role": None}, **self._bill) if self._with_usage else b""

    def done(self) -> bytes:
        return b"data: [DONE]\n\n" if self.streamed else _encode(self._whole())

    def _frame(self, delta: dict[str, Any], *, finish_reason: str | None = None, **extra: Any) -> bytes:
        if not self.streamed:
            return b""
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        return sse({**self._head("chat.completion.chunk", self.model), "choices": [choice], **extra})

    def _whole(self) -> dict[str, Any]:
        message = {
            "role": "assistant",
            "content": "".join(self._said["content"]),
            "tool_calls": None,
            "refusal": None,
            "reasoning_content": "".join(self._said["reasoning_content"]) or None,
        }
        choice = {"index": 0, "finish_reason": self._finish_reason, "logprobs": None, "message": message}
        return {
            # Live, a whole answer names the model without its seller, a stream with it (contract, section 3.2).
            **self._head("chat.completion", self.model.partition("/")[2] or self.model),
            "choices": [choice],
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
        reasoning = len(self._said["reasoning_content"])
        completion = len(self._said["content"]) + reasoning
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
