"""What an account has spent in this process, and what a turn may still cost."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any

from .. import forks
from ..api import catalogue
from ..api.catalogue import Model
from ..api.client import Client
from ..errors import BudgetExceeded, EdenError
from ..messages import texts
from ..money import dollars
from ..reply import Reply
from ..settings import Settings

BYTES_PER_TOKEN = 3  # English has four; a guess that is too high is the safe one
PART_TOKENS = 1000  # an image or a file
CATALOGUE_S = 10.0  # how long the prices are waited for
ANSWER_TOKENS = 1000  # where the request sets no limit


@dataclass(frozen=True)
class Price:
    """USD per token; None where the catalogue does not tell."""

    prompt: float | None = None
    answer: float | None = None

    def of(self, prompt_tokens: float, answer_tokens: float) -> float | None:
        if self.prompt is None or self.answer is None:
            return None
        return prompt_tokens * self.prompt + answer_tokens * self.answer


class Budget:
    """USD that were billed, and USD that running turns may still cost. Any thread may use it."""

    def __init__(self) -> None:
        self.spent = 0.0
        self._reserved = 0.0
        self._lock = threading.Lock()
        forks.remember(self)

    def after_fork(self) -> None:
        # The turns that the promises are for go on in the other process.
        self._reserved, self._lock = 0.0, threading.Lock()

    def reserve(self, usd: float, budget: float) -> None:
        """Set so much aside. Raises BudgetExceeded if it is not left."""
        with self._lock:
            left = budget - self.spent - self._reserved
            if left <= 0 or usd > left:
                raise BudgetExceeded(
                    f"Not sent: it may cost {dollars(usd)}, and {dollars(max(left, 0))} of the budget is left. "
                    "Raise it with %edenchat config budget=USD."
                )
            self._reserved += usd

    def settle(self, reserved: float, billed: float) -> None:
        """Replace a promise by what was billed."""
        with self._lock:
            self._reserved -= reserved
            self.spent += billed


class Reservation:
    """One turn's place in the budget: `open` before it is sent, `close` when it has ended."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._budget = budget_of(settings.base_url, settings.api_key)
        self._price = Price()
        self._prompt_tokens = 0
        self._reserved = 0.0
        self._is_open = False

    def open(self, client: Client, messages: Sequence[Mapping[str, Any]], params: Mapping[str, Any]) -> None:
        """Raises BudgetExceeded if the turn would cost more than `max_cost`, or than what is left of `budget`."""
        settings, estimate = self._settings, 0.0
        if min(settings.max_cost, settings.budget) < inf:
            estimate = self._estimate(client, messages, params)
        self._budget.reserve(estimate, settings.budget)
        self._reserved, self._is_open = estimate, True

    def close(self, reply: Reply) -> None:
        """Count what was billed; where that was not told, what the text so far is worth."""
        if self._is_open:
            worth = self._price.of(self._prompt_tokens, _tokens(reply + reply.reasoning)) if reply else 0.0
            self._budget.settle(self._reserved, (worth or 0.0) if reply.cost is None else reply.cost)

    def _estimate(self, client: Client, messages: Sequence[Mapping[str, Any]], params: Mapping[str, Any]) -> float:
        names = [params.get("model") or self._settings.model, *(params.get("fallbacks") or ())]
        self._price = _highest(names, client)
        self._prompt_tokens = sum(_message_tokens(message) for message in messages)
        limit = params.get("max_completion_tokens") or params.get("max_tokens") or ANSWER_TOKENS
        estimate = self._price.of(self._prompt_tokens, limit * (params.get("n") or 1))
        most = self._settings.max_cost
        if estimate is None and most < inf:
            raise BudgetExceeded(
                f"Not sent: what {names[0]} costs is not known. Take a model with a price, or no max_cost."
            )
        if estimate is not None and estimate > most:
            raise BudgetExceeded(
                f"Not sent: it may cost {dollars(estimate)}, more than {dollars(most)}. "
                "Raise --max-cost, lower --max-tokens, or take another model."
            )
        return estimate or 0.0


@lru_cache(maxsize=64)
def budget_of(base_url: str, key: str) -> Budget:
    """The budget that all turns with this key to this address share."""
    return Budget()


def _highest(names: Iterable[str], client: Client) -> Price:
    try:
        models = catalogue.read(client, within_s=CATALOGUE_S)
    except EdenError:
        return Price()
    found = [catalogue.find(name, models) for name in names]
    known = [model for model in found if model]
    if len(known) < len(found):
        return Price()
    return Price(_dearest(known, "input_price"), _dearest(known, "output_price"))


def _dearest(models: Sequence[Model], price: str) -> float | None:
    prices = [getattr(model, price) for model in models]
    return None if None in prices else max(prices)


def _message_tokens(message: Mapping[str, Any]) -> int:
    content = message.get("content")
    others = sum("text" not in part for part in content) if isinstance(content, list) else 0
    return sum(map(_tokens, texts(content))) + PART_TOKENS * others


def _tokens(text: str) -> int:
    return len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN + 1
