"""Estimates the cost of a request before it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..api.models import Model, find
from ..messages import Message, texts

BYTES_PER_TOKEN = 3  # English has four; fewer make the estimate too high, which is the safe side
PART_TOKENS = 1000  # an image or a file
ANSWER_TOKENS = 1000  # where the request sets no limit


@dataclass(frozen=True)
class Price:
    """USD per token; None if the catalogue does not say."""

    prompt: float | None = None
    answer: float | None = None

    def of(self, prompt_tokens: float, answer_tokens: float) -> float | None:
        """USD for so many tokens."""
        if self.prompt is None or self.answer is None:
            return None
        return prompt_tokens * self.prompt + answer_tokens * self.answer


@dataclass(frozen=True)
class Estimate:
    """Tokens of the prompt, the maximum of the answer, and the highest price among the models that may answer."""

    prompt_tokens: int
    answer_tokens: int
    price: Price

    @property
    def usd(self) -> float | None:
        """The maximum cost in USD; None if the price is unknown."""
        return self.price.of(self.prompt_tokens, self.answer_tokens)

    def so_far(self, text: str) -> float | None:
        """USD for the prompt and this much of an answer."""
        return self.price.of(self.prompt_tokens, tokens(text))


def estimate(
    messages: Iterable[Message], params: Mapping[str, Any], names: Sequence[str], models: Sequence[Model]
) -> Estimate:
    """The Estimate of a request to the models of these names."""
    limit = params.get("max_completion_tokens") or params.get("max_tokens") or ANSWER_TOKENS
    return Estimate(sum(map(_message_tokens, messages)), limit * (params.get("n") or 1), _dearest(names, models))


def tokens(text: str) -> int:
    """The number of tokens in a text, estimated rather too high."""
    return len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN + 1


def _dearest(names: Iterable[str], models: Sequence[Model]) -> Price:
    found = [find(name, models) for name in names]
    known = [model for model in found if model]
    if len(known) < len(found):
        return Price()
    return Price(_highest(model.input_price for model in known), _highest(model.output_price for model in known))


def _highest(prices: Iterable[float | None]) -> float | None:
    known = list(prices)
    return None if None in known else max(price for price in known if price is not None)


def _message_tokens(message: Message) -> int:
    content = message.get("content")
    others = sum("text" not in part for part in content) if isinstance(content, list) else 0
    return sum(map(tokens, texts(content))) + PART_TOKENS * others
