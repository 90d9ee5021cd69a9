"""What the rows of a batch may still cost, and what they were billed."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from math import inf

from ..api import kept_models
from ..api.client import Client
from ..errors import BudgetExceeded
from ..messages import texts
from ..money import dollars
from ..reply import Reply
from .estimate import Estimate
from .forecast import Costs, Forecast
from .ledger import Entry, ledger_of
from .request import Request
from .reservation import entry_of, prices
from .token_rates import Sample, samples

FLUSH_S = 1.0  # bills are written into the ledger together: a transaction a row takes as long as asking it
FLUSH_ROWS = 500
LEARNT_ROWS = 50  # token rates are learnt from so many rows; more of the same kind teach nothing
FORMAT_TOKENS = 64  # what the message format may add to a prompt


class Spending:
    """Reserves the most that each request may cost, then replaces it by its bill. Any thread may use it.

    `base` is a request without a row's text. `spent`: USD billed for these rows.
    """

    def __init__(self, base: Request, client: Client) -> None:
        settings = base.settings
        self.spent = 0.0
        self._most = settings.max_cost
        self._budget, self._account_budget = client.account.budget, settings.budget
        self._ledger, self._account = ledger_of(settings), settings.fingerprint
        self._limits = {"budget_day": settings.budget_day, "budget_month": settings.budget_month}
        self._is_daily = min(self._limits.values()) < inf
        is_limited = min(self._most, settings.budget) < inf or self._is_daily
        self._models = prices(client, base.models) if is_limited else kept_models.kept(settings).models
        if self._most < inf and base.estimate(self._models).usd is None:
            raise BudgetExceeded(
                f"Not sent: the price of {base.model} is unknown. Take a model with a price, or leave max_cost out."
            )
        self._lock = threading.Lock()
        self._committed = 0.0  # USD reserved, or billed, or perhaps billed
        self._costs = Costs()
        self._learnt = 0
        self._unwritten: list[tuple[Entry, list[Sample]]] = []
        self._released: list[int] = []
        self._written_at = time.monotonic()

    def reserve(self, request: Request) -> Held:
        """Hold back what this request may cost. Raises BudgetExceeded if it is more than is left of any limit.

        More may be left when rows that are being asked have been billed.
        """
        estimate = request.estimate(self._models)
        usd = (_worst(request, estimate) if self._most < inf else estimate.usd) or 0.0
        with self._lock:
            if self._committed + usd > self._most:
                raise BudgetExceeded(
                    f"The next request may cost {dollars(usd)}, and "
                    f"{dollars(max(0.0, self._most - self._committed))} of max_cost is left."
                )
            self._budget.reserve(usd, self._account_budget)
            try:
                number = self._ledger.reserve(self._account, usd, self._limits) if self._is_daily else None
            except BudgetExceeded:
                self._budget.settle(usd, 0.0)
                raise
            self._committed += usd
        return Held(usd, [] if number is None else [number], estimate)

    def settle(
        self, request: Request, held: Held, reply: Reply, *, perhaps_billed: bool, is_rest: bool = False
    ) -> None:
        """Replace what was held back by the bill; `perhaps_billed`: the server did not say, but had accepted it.

        is_rest: whether it belongs to a request that was billed before, and makes that dearer for the forecast.
        """
        worth = held.estimate.so_far(reply + reply.reasoning) if reply else None
        came = bool(reply.cost is not None or reply.usage or reply)
        with self._lock:
            known = reply.cost if reply.cost is not None else worth
            self._committed += (known or (held.usd if perhaps_billed else 0.0)) - held.usd
            self._budget.settle(held.usd, known or 0.0)
            self._released += held.numbers
            if came:
                self._bill(request, reply, worth, is_rest=is_rest)
            is_due = len(self._unwritten) >= FLUSH_ROWS or time.monotonic() > self._written_at + FLUSH_S
        if is_due:
            self.flush()

    def forecast(self, left: int) -> Forecast | None:
        """What all rows will cost when `left` are not billed yet; None while too few are."""
        with self._lock:
            return self._costs.forecast(left)

    def flush(self) -> None:
        """Write what was billed into the ledger."""
        with self._lock:
            turns, self._unwritten = self._unwritten, []
            released, self._released = self._released, []
            self._written_at = time.monotonic()
        self._ledger.settle_many(released, turns)

    def _bill(self, request: Request, reply: Reply, worth: float | None, *, is_rest: bool) -> None:
        self.spent += reply.cost or 0.0
        if reply.cost is not None:
            self._costs.add(reply.cost, is_rest=is_rest)
        self._learnt += 1
        learnt = samples(request.messages, reply) if self._learnt <= LEARNT_ROWS else []
        self._unwritten.append((entry_of(request, reply, worth), learnt))


@dataclass
class Held:
    """An amount that is held back for one request, and the numbers of the ledger's reservations."""

    usd: float
    numbers: list[int]
    estimate: Estimate

    def add(self, other: Held) -> None:
        """Hold back another amount for the same request."""
        self.usd += other.usd
        self.numbers += other.numbers


def _worst(request: Request, estimate: Estimate) -> float | None:
    """The most it can cost: no tokenizer makes more tokens than there are bytes."""
    size = sum(len(text.encode("utf-8", "replace")) for one in request.messages for text in texts(one.get("content")))
    return estimate.price.of(size + FORMAT_TOKENS, estimate.answer_tokens)
