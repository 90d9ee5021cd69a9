"""What the model has said so far, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from . import yaml_form
from .fences import fences
from .json_text import json_value


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

    @classmethod
    def read(cls, counts: Any) -> Usage | None:
        """What a file says of it, by the names that are known: it may be of another version. None where it is none."""
        if not isinstance(counts, dict):
            return None
        return cls(**{name: counts[name] for name in cls.__dataclass_fields__ if name in counts})


class Delta(NamedTuple):
    """What one server event adds to one choice of a reply (a NamedTuple: one is made for every token)."""

    text: str = ""  # may end in half a surrogate pair, which the next one completes
    reasoning: str = ""
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    cost: float | None = None  # USD
    provider: str | None = None
    metadata: Mapping[str, Any] | None = None  # `edenai_metadata`
    tool_calls: tuple[Mapping[str, Any], ...] = ()  # fragments, in the wire's own form
    parts: tuple[Mapping[str, Any], ...] = ()  # what is no text: pictures, audio in fragments
    citations: tuple[Any, ...] = ()
    choice: int = 0
    sandbox: bool | None = None  # said once, by a stand-in server
    kept: Mapping[str, Any] | None = None  # said once, by a file of kept answers


class CodeBlock(str):
    """The text of one fenced code block, with its `language` ("" where none was named)."""

    language: str

    def __new__(cls, source: str, language: str = "") -> CodeBlock:
        yaml_form.register(Reply, CodeBlock)
        block = super().__new__(cls, source)
        block.language = language
        return block

    def __reduce__(self) -> tuple[Any, ...]:
        return CodeBlock, (str(self), self.language)


class Reply(str):
    """A model's answer: a `str` that carries its facts.

    It compares and hashes as its text. A pickle or a copy keeps the facts, and reading a pickle needs this package;
    `text` is the bare `str`, for what takes nothing else. Frozen: a growing answer is a row of Reply values.

    model: the id that answered, where known.   finish_reason: `stop`, `length`, `tool_calls`, …
    usage: `Usage`.   cost: USD, as billed.      reasoning: the thinking text, never part of the answer.
    elapsed, time_to_first_token: seconds.       complete: False if stopped, failed or still growing.
    error: the `EdenError` that ended it.        tool_calls: whole calls in the wire's form.
    provider: who served it.                     metadata: Eden AI's routing report, if asked for.
    parts: what is no text, in the wire's form: pictures, audio, other choices (`{"type": "choice", …}`).
    citations: the sources that came with it, in the wire's form.
    kept: for an answer from a file, its day (`at`, ISO 8601) and its `cost` then; None for one that was asked now.
    sandbox: True where a Sandbox answered, with canned words that cost nothing.
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
    parts: tuple[Mapping[str, Any], ...]
    citations: tuple[Any, ...]
    sandbox: bool
    kept: Mapping[str, Any] | None

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
        "parts": (),
        "citations": (),
        "sandbox": False,
        "kept": None,
    }

    def __new__(cls, text: str = "", **facts: Any) -> Reply:
        unknown = facts.keys() - cls._DEFAULTS.keys()
        if unknown:
            raise TypeError(f"a Reply has no {', '.join(sorted(unknown))}")
        yaml_form.register(Reply, CodeBlock)
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
    def text(self) -> str:
        """The text as an exact `str`: some libraries (spaCy, msgspec, parts of pandas) take no subclass."""
        return str(self)

    @property
    def attempts(self) -> tuple[Mapping[str, Any], ...]:
        """Who was asked in turn, as Eden AI reports it (`provider`, `model`, `status`); the last one answered."""
        tried = (self.metadata or {}).get("attempts")
        return tuple(tried) if isinstance(tried, list) else ()

    @property
    def code(self) -> tuple[CodeBlock, ...]:
        """The fenced code blocks in the text, in order, as they are shown."""
        return tuple(CodeBlock(source, language) for language, source in fences(str(self)))

    def json(self) -> Any:
        """The JSON value in the text: bare, inside a code fence, or with words around it.

        Of several fences the first that holds JSON counts, those called `json` before others; of several values
        between words the first object, or else the first list. Raises ValueError if there is none.
        """
        try:
            return json_value(str(self), fences(str(self)))
        except ValueError:
            raise ValueError(_NO_JSON) from None


_NO_JSON = 'the reply holds no whole JSON; ask for it with -p response_format=\'{"type": "json_object"}\''


def _restore(text: str, facts: dict[str, Any]) -> Reply:
    return Reply(text, **facts)
