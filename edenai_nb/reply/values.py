"""Reply, Usage, Delta and CodeBlock: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from . import yaml_form
from .fences import fences
from .frames import frame
from .json_text import json_value
from .tables import tables


@dataclass(frozen=True)
class Usage:
    """Numbers of tokens, as the provider counted them.

    `completion_tokens` include `reasoning_tokens`, and `prompt_tokens` include `cached_tokens`.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0

    @classmethod
    def read(cls, counts: Any) -> Usage | None:
        """The Usage in a dict from a file; unknown keys, of other versions, are ignored. None if it is no dict."""
        if not isinstance(counts, dict):
            return None
        return cls(**{name: counts[name] for name in cls.__dataclass_fields__ if name in counts})


class Delta(NamedTuple):
    """What one server event adds to one choice of a reply (a NamedTuple: one is made for every token)."""

    text: str = ""  # may end in half a surrogate pair, which the next Delta completes
    reasoning: str = ""
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    cost: float | None = None  # USD
    provider: str | None = None
    metadata: Mapping[str, Any] | None = None  # `edenai_metadata`
    tool_calls: tuple[Mapping[str, Any], ...] = ()  # fragments, as received
    parts: tuple[Mapping[str, Any], ...] = ()  # other than text: images, fragments of audio
    citations: tuple[Any, ...] = ()
    choice: int = 0
    sandbox: bool | None = None  # True in one Delta, if a Sandbox answers
    kept: Mapping[str, Any] | None = None  # set in one Delta, if the answer comes from a file
    schema: Mapping[str, Any] | None = None  # set in one Delta, if the answer is to fit this JSON Schema
    decoded: tuple[Any] | None = None  # set in one Delta, at the end of an answer that fits it: the value
    again: bool = False  # the answer begins anew: what came before counts for the bill only


class CodeBlock(str):
    """The source of one fenced code block, with its `language` ("" if none is named)."""

    language: str

    def __new__(cls, source: str, language: str = "") -> CodeBlock:
        yaml_form.register(Reply, CodeBlock)
        block = super().__new__(cls, source)
        block.language = language
        return block

    def __reduce__(self) -> tuple[Any, ...]:
        return CodeBlock, (str(self), self.language)


class Reply(str):
    """A model's answer: a `str` with facts about it as attributes.

    It compares and hashes as its text. Pickles and copies keep the facts, and unpickling needs this package;
    `text` is the plain `str`. Frozen: a growing answer is a series of Reply values. Unknown facts are None.

    model: the id that answered.                 finish_reason: `stop`, `length`, `tool_calls`, …
    usage: `Usage`.   cost: USD, as billed.      reasoning: the model's thinking, never part of the text.
    elapsed, time_to_first_token: seconds.       complete: False if stopped, failed or still growing.
    reasoning_time: seconds from the first thought to the first word of the text; None if it did not think.
    error: the `EdenError` that ended it.        tool_calls: complete calls, as OpenAI's API has them.
    provider: the company that ran the model.    metadata: Eden AI's routing report, if asked for.
    parts: images, audio and other choices (`{"type": "choice", …}`), as received.
    citations: sources, as received.
    kept: for an answer from a file, its day (`at`, ISO 8601) and its `cost` then; else None.
    sandbox: True if a Sandbox answered: the text is canned and cost nothing.
    schema: the JSON Schema that the answer was asked to fit, {} for any JSON; else None.
    """

    model: str | None
    finish_reason: str | None
    usage: Usage | None
    cost: float | None
    reasoning: str
    elapsed: float
    time_to_first_token: float | None
    reasoning_time: float | None
    complete: bool
    error: Exception | None
    tool_calls: tuple[Mapping[str, Any], ...]
    provider: str | None
    metadata: Mapping[str, Any] | None
    parts: tuple[Mapping[str, Any], ...]
    citations: tuple[Any, ...]
    sandbox: bool
    kept: Mapping[str, Any] | None
    schema: Mapping[str, Any] | None
    decoded: tuple[Any] | None

    _DEFAULTS: Mapping[str, Any] = {
        "model": None,
        "finish_reason": None,
        "usage": None,
        "cost": None,
        "reasoning": "",
        "elapsed": 0.0,
        "time_to_first_token": None,
        "reasoning_time": None,
        "complete": False,
        "error": None,
        "tool_calls": (),
        "provider": None,
        "metadata": None,
        "parts": (),
        "citations": (),
        "sandbox": False,
        "kept": None,
        "schema": None,
        "decoded": None,
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
        """The text as a plain `str`: some libraries (spaCy, msgspec, parts of pandas) accept no subclass."""
        return str(self)

    @property
    def value(self) -> Any:
        """The object that was asked for with `schema=` or `json=True`; None without one, and before its end."""
        return self.decoded[0] if self.decoded else None

    @property
    def attempts(self) -> tuple[Mapping[str, Any], ...]:
        """The providers tried in order, as Eden AI reports (`provider`, `model`, `status`); the last one answered."""
        tried = (self.metadata or {}).get("attempts")
        return tuple(tried) if isinstance(tried, list) else ()

    @property
    def code(self) -> tuple[CodeBlock, ...]:
        """The fenced code blocks in the text, in order."""
        return tuple(CodeBlock(source, language) for language, source in fences(str(self)))

    @property
    def tables(self) -> tuple[list[dict[str, Any]], ...]:
        """The tables in the text, in order, as lists of records: markdown tables, CSV fences, JSON lists of records."""
        return tuple(tables(str(self)))

    def frame(self, library: str = "") -> Any:
        """The first table as a DataFrame of `pandas` or `polars`, by default of the one that is loaded.

        Its columns have the types of the schema, if one was asked for; a list that was asked for and is empty is a
        table without rows. Raises ValueError if there is no table.
        """
        if not (found := self.tables or (([],) if isinstance(self.value, list) and not self.value else ())):
            raise ValueError("the reply holds no table; ask for one, or for a list of records with schema=list[…]")
        return frame(found[0], self.schema or {}, library)

    def json(self) -> Any:
        """The decoded JSON value in the text: bare, in a code fence, or between words.

        Of several fences, the first that holds JSON counts, those named `json` before others; of several values
        between words, the first object, or else the first list. Raises ValueError if there is none.
        """
        try:
            return json_value(str(self), fences(str(self)))
        except ValueError:
            raise ValueError(_NO_JSON) from None


_NO_JSON = 'the reply holds no whole JSON; ask for it with -p response_format=\'{"type": "json_object"}\''


def _restore(text: str, facts: dict[str, Any]) -> Reply:
    return Reply(text, **facts)
