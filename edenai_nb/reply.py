"""What the model has said so far, as plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

_FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)\n(?P<body>.*?)"
    r"(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Usage:
    """Tokens, as the provider counted them.

    The reasoning is part of the completion, and what the provider had cached is part of the prompt.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0


class Delta(NamedTuple):
    """What one server event adds to a reply (a NamedTuple: one is made for every token)."""

    text: str = ""
    reasoning: str = ""
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    cost: float | None = None  # USD
    tool_calls: tuple[Mapping[str, Any], ...] = ()  # fragments, in the wire's own form
    provider: str | None = None
    metadata: Mapping[str, Any] | None = None  # `edenai_metadata`
    note: str | None = None  # what the client is doing meanwhile, such as waiting to try again


class CodeBlock(str):
    """The text of one fenced code block, with its `language` ("" where none was named)."""

    language: str

    def __new__(cls, source: str, language: str = "") -> CodeBlock:
        block = super().__new__(cls, source)
        block.language = language
        return block

    def __reduce__(self) -> tuple[Any, ...]:
        return CodeBlock, (str(self), self.language)


class Reply(str):
    """A model's answer: a `str` that carries its facts.

    It compares, hashes, copies and pickles as its text. Frozen: a growing answer is a row of Reply values.

    model: the id that answered, where known.   finish_reason: `stop`, `length`, `tool_calls`, …
    usage: `Usage`.   cost: USD, as billed.      reasoning: the thinking text, never part of the answer.
    elapsed, time_to_first_token: seconds.       complete: False if stopped, failed or still growing.
    error: the `EdenError` that ended it.        tool_calls: whole calls in the wire's form.
    provider: who served it.                     metadata: Eden AI's routing report, if asked for.
    """

    model: str | None
    finish_reason: str | None
    usage: Usage | None
    cost: float | None
    reasoning: str
    elapsed: float
    time_to_first_token: float | None
    complete: bool
    error: Exception | None
    tool_calls: tuple[Mapping[str, Any], ...]
    provider: str | None
    metadata: Mapping[str, Any] | None

    _DEFAULTS: Mapping[str, Any] = {
        "model": None,
        "finish_reason": None,
        "usage": None,
        "cost": None,
        "reasoning": "",
        "elapsed": 0.0,
        "time_to_first_token": None,
        "complete": False,
        "error": None,
        "tool_calls": (),
        "provider": None,
        "metadata": None,
    }

    def __new__(cls, text: str = "", **facts: Any) -> Reply:
        unknown = facts.keys() - cls._DEFAULTS.keys()
        if unknown:
            raise TypeError(f"a Reply has no {', '.join(sorted(unknown))}")
        reply = super().__new__(cls, text)
        vars(reply).update(cls._DEFAULTS, **facts)
        return reply

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError("a Reply is frozen")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Reply is frozen")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (str(self), dict(vars(self)))

    @property
    def code(self) -> tuple[CodeBlock, ...]:
        """The fenced code blocks in the text, in order."""
        return tuple(_code_block(match) for match in _FENCE.finditer(self))

    def json(self) -> Any:
        """The JSON value in the text, whether bare or inside a code fence.

        Models wrap JSON in a fence even in `json_object` mode, so the fence is looked into first.
        Raises ValueError if there is none.
        """
        for candidate in (*self.code, str(self)):
            try:
                return json.loads(candidate)
            except ValueError:
                continue
        raise ValueError('the reply holds no JSON; ask for it with -p response_format=\'{"type": "json_object"}\'')


def _restore(text: str, facts: dict[str, Any]) -> Reply:
    return Reply(text, **facts)


def _code_block(match: re.Match[str]) -> CodeBlock:
    indent, body = match["indent"], match["body"]
    lines = [line.removeprefix(indent) for line in body.splitlines(keepends=True)]
    return CodeBlock("".join(lines), (match["info"].split() or [""])[0])
