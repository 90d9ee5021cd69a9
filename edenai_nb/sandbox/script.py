"""Scripts: what the server does for one HTTP response, as frozen values.

A script is a sequence of steps. The headers are sent with the first bytes, or alone by `Headers()`; so a fault
before any content happens before the headers. After the last step the HTTP body ends properly and the
connection is kept.

    Script.raw(Stall())                                 silent before the headers
    Script.raw(Headers(), Reset())                      reset after the headers
    Script.raw(Opening(), "Half an ans", HangUp())      cut in mid-text
    Script.raw(Opening(), "Hi", Finish(), Stall())      silent after the finish_reason
    Script.raw(Opening(), Call("f", '{"a": 1}'), Finish("tool_calls"), Done())  a call of a tool
    Script.raw(recording[:k], Close())                  a recording cut at any byte
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Headers:
    """Send the status and the headers now, alone."""


@dataclass(frozen=True)
class Opening:
    """The chunk with the role, and `edenai_metadata` where the request asked for it."""


@dataclass(frozen=True)
class Thinking:
    """Reasoning text, in many `delta.reasoning_content` chunks."""

    text: str


@dataclass(frozen=True)
class Call:
    """A tool call: id and name in one chunk, the arguments (JSON text) in many. Consecutive calls are parallel."""

    name: str
    arguments: str = "{}"
    id: str | None = None  # None: a unique one


@dataclass(frozen=True)
class Choice:
    """The following steps belong to the choice with this index, until the next such step. It begins with 0."""

    index: int


@dataclass(frozen=True)
class Finish:
    """The chunk with the `finish_reason`."""

    reason: str = "stop"


@dataclass(frozen=True)
class Bill:
    """The chunk with `usage` and `cost` (USD), sent only if the request has `include_usage`.

    None: counted from the text that was sent, and priced by the catalogue.
    """

    usage: Mapping[str, Any] | None = None
    cost: float | None = None


@dataclass(frozen=True)
class Done:
    """`data: [DONE]`; in an answer that is not streamed, the JSON body with the steps before it."""


@dataclass(frozen=True)
class Pause:
    """Silence."""

    seconds: float


@dataclass(frozen=True)
class Stall:
    """Silence until the client disconnects or the sandbox stops."""


@dataclass(frozen=True)
class Gate:
    """Silence until the event is set."""

    event: threading.Event


@dataclass(frozen=True)
class Close:
    """End the HTTP body properly, without [DONE], and close the connection. Before the headers: just close."""


@dataclass(frozen=True)
class HangUp:
    """Close the connection (FIN) without ending the HTTP body."""


@dataclass(frozen=True)
class Reset:
    """Reset the connection (RST)."""


# A dict is one SSE chunk as it is, a str is text tokenised into many delta chunks, bytes are written as they are.
Own: TypeAlias = (
    Headers | Opening | Thinking | Call | Choice | Finish | Bill | Done | Pause | Stall | Gate | Close | HangUp | Reset
)
Step: TypeAlias = dict[str, Any] | str | bytes | Own


@dataclass(frozen=True)
class Script:
    """What the server does for one HTTP response: status, headers and steps.

    tokens_per_s: the pace of text; None or 0 is as fast as possible.   model: reported instead of the one asked for.
    packets: "token" writes every event on its own, "whole" joins all that is ready, a number cuts everything
    into writes of that many bytes.
    The content type is that of a chat completion (SSE, or JSON if not streamed) unless `headers` names one.
    """

    steps: tuple[Step, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    tokens_per_s: float | None = None
    packets: str | int = "token"
    model: str | None = None

    def __post_init__(self) -> None:
        for step in self.steps:
            if not isinstance(step, dict | str | bytes | Own):
                raise TypeError(f"a script has no step of type {type(step).__name__}")
        if self.packets not in ("token", "whole") and not (isinstance(self.packets, int) and self.packets > 0):
            raise ValueError('packets is "token", "whole" or a number of bytes')

    @classmethod
    def text(
        cls,
        text: str,
        *,
        reasoning: str = "",
        finish_reason: str = "stop",
        usage: Mapping[str, Any] | None = None,
        cost: float | None = None,
        **how: Any,
    ) -> Script:
        """A complete chat completion without faults. `how`: `tokens_per_s`, `packets`, `model`, `headers`."""
        thinking = (Thinking(reasoning),) if reasoning else ()
        return cls((Opening(), *thinking, text, Finish(finish_reason), Bill(usage, cost), Done()), **how)

    @classmethod
    def chunks(cls, steps: Iterable[Step], **how: Any) -> Script:
        """These chunks (or any steps), then [DONE]."""
        return cls((*steps, Done()), **how)

    @classmethod
    def raw(cls, *steps: Step, **how: Any) -> Script:
        """These steps and nothing else."""
        return cls(steps, **how)

    @classmethod
    def json(cls, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Script:
        """One JSON value as the whole answer."""
        return cls._whole(json.dumps(value).encode(), "application/json", status, headers)

    @classmethod
    def error(
        cls, status: int, body: Mapping[str, Any] | str | bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> Script:
        """An error answer: a dict is sent as JSON, a str or bytes as the HTML page of a proxy."""
        if isinstance(body, Mapping):
            return cls.json(dict(body), status=status, headers=headers)
        data = body.encode() if isinstance(body, str) else body
        return cls._whole(data, "text/html; charset=utf-8", status, headers)

    @classmethod
    def _whole(cls, data: bytes, kind: str, status: int, headers: Mapping[str, str] | None) -> Script:
        given = {name.title(): value for name, value in (headers or {}).items()}
        return cls((data,), status, {"Content-Type": kind, "Content-Length": str(len(data)), **given})
