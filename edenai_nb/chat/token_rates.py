"""Bytes per token by kind of text, learnt from bills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..messages import Message, texts
from ..reply import Reply

LEAST_BYTES = 200  # in shorter texts the tokens of the message format weigh too much
_LOOKED_AT = 20_000  # characters
_MOST = 0.8  # share of a prompt's bytes from which on it counts as of one kind
_WIDE = re.compile(r"[\u2e80-\U0003ffff]")
_JSON = re.compile(r'["{}\[\]:,]')
_SIGNS = re.compile(r"[!-/:-@\[-`{-~]")
_GUESSES = (5.0, 4.0, 2.5)  # bytes per token before anything is learnt: for the low, expected and high count
_KNOWN = (1.1, 1.0, 0.9)  # the same, as multiples of a learnt rate


@dataclass(frozen=True)
class Sample:
    """A text of this kind and size (UTF-8 bytes), and the tokens that were billed for it."""

    kind: str
    bytes: int
    tokens: int


@dataclass(frozen=True)
class Range:
    """An estimate with its lower and upper bound."""

    low: float
    expected: float
    high: float


def kind(text: str) -> str:
    """`wide` (Chinese and the like), `json`, `code`, `foreign` (accents, other alphabets) or `plain`."""
    text = text[:_LOOKED_AT]
    size = max(len(text), 1)
    if len(_WIDE.findall(text)) > size * 0.2:
        return "wide"
    if len(_JSON.findall(text)) > size * 0.13:
        return "json"
    if len(_SIGNS.findall(text)) > size * 0.07:
        return "code"
    return "foreign" if len(text.encode("utf-8", "replace")) > size * 1.004 else "plain"


def samples(messages: Sequence[Message], reply: Reply) -> list[Sample]:
    """The Samples from a turn's usage; none where it counts more than text, or a mix of kinds."""
    if not reply.usage:
        return []
    found = []
    if not any(_has_more(message) for message in messages):
        found.append(_sample([text for message in messages for text in texts(message.get("content"))], reply))
    said = reply.usage.completion_tokens - reply.usage.reasoning_tokens
    if not (reply.tool_calls or reply.parts):
        found.append(Sample(kind(reply), _bytes(reply), said))
    return [sample for sample in found if sample and sample.bytes >= LEAST_BYTES and sample.tokens > 0]


def count(messages: Iterable[Message], rates: Mapping[str, float]) -> Range:
    """The tokens in these messages' texts; `rates`: learnt bytes per token by kind."""
    low = expected = high = 0.0
    for text in (text for message in messages for text in texts(message.get("content"))):
        size, rate = _bytes(text), rates.get(kind(text))
        most, usual, least = (rate * part for part in _KNOWN) if rate else _GUESSES
        low, expected, high = low + size / most, expected + size / usual, high + size / least
    return Range(low, expected, high)


def _sample(parts: Sequence[str], reply: Reply) -> Sample | None:
    sizes: dict[str, int] = {}
    for text in parts:
        sizes[kind(text)] = sizes.get(kind(text), 0) + _bytes(text)
    whole = sum(sizes.values())
    most = max(sizes, key=lambda name: sizes[name], default="")
    tokens = reply.usage.prompt_tokens if reply.usage else 0
    return Sample(most, whole, tokens) if whole and sizes[most] >= _MOST * whole else None


def _has_more(message: Message) -> bool:
    content = message.get("content")
    has_parts = isinstance(content, list) and any("text" not in part for part in content)
    return bool(has_parts or message.get("tool_calls"))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
