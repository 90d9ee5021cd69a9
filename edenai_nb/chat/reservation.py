"""Reserves what a turn may cost in the budgets, before it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import inf

from .. import settings as _settings
from ..api import catalogue, kept_models
from ..api.client import Client
from ..api.models import Model
from ..errors import BudgetExceeded, EdenError
from ..money import dollars
from ..reply import Reply
from .estimate import Estimate
from .ledger import Entry, ledger_of
from .request import Request
from .token_rates import samples

CATALOGUE_S = 10.0  # how long to wait for the prices


class Reservation:
    """The amount that is reserved for one turn until `settle` replaces it by what was billed.

    Raises BudgetExceeded if the request may cost more than its `max_cost`, or than is left of `budget` (this process),
    `budget_day` or `budget_month` (this machine). `remark` is a note to the user, or "".
    """

    def __init__(self, request: Request, client: Client) -> None:
        settings = request.settings
        self._request = request
        self._budget, self._ledger = client.account.budget, ledger_of(settings)
        limits = {"budget_day": settings.budget_day, "budget_month": settings.budget_month}
        if is_limited := min(settings.max_cost, settings.budget, settings.warn, *limits.values()) < inf:
            models = prices(client, request.models)
        else:
            models = kept_models.kept(settings).models  # without a limit, prices are not worth waiting for
        self._estimate = request.estimate(models)
        if is_limited:
            _check(self._estimate, request)
        self._usd = self._estimate.usd or 0.0
        self._budget.reserve(self._usd, settings.budget)
        self._reserved: int | None = None
        # Reserved even without a limit here: another kernel of this machine may have one.
        if self._usd or min(limits.values()) < inf:
            try:
                self._reserved = self._ledger.reserve(settings.fingerprint, self._usd, limits)
            except BudgetExceeded:
                self._budget.settle(self._usd, 0.0)
                raise

    @property
    def remark(self) -> str:
        """A note if it may cost more than `warn`, or if the ledger cannot be written; else ""."""
        warn = self._request.settings.warn
        is_dear = f"may cost ~{dollars(self._usd)}, more than {dollars(warn)}" if self._usd > warn else ""
        return " · ".join(filter(None, [is_dear, self._ledger.problem]))

    def drop(self) -> None:
        """Give back what was reserved: the cost is settled with another reservation."""
        self._budget.settle(self._usd, 0.0)
        self._ledger.settle(self._reserved, None)

    def settle(self, reply: Reply) -> None:
        """Record what was billed; if the server did not say, an estimate from the text so far counts in the budgets."""
        worth = self._estimate.so_far(reply + reply.reasoning) if reply else None
        self._budget.settle(self._usd, (worth or 0.0) if reply.cost is None else reply.cost)
        came = reply.cost is not None or reply.usage or reply or reply.reasoning
        learnt = samples(self._request.messages, reply) if came else []
        self._ledger.settle(self._reserved, entry_of(self._request, reply, worth) if came else None, learnt)


def entry_of(request: Request, reply: Reply, worth: float | None) -> Entry:
    """The ledger's row for an answer; `worth`: what it may have cost, where the server did not say."""
    usage, tags = reply.usage, request.params.get("tags")
    return Entry(
        account=request.settings.fingerprint,
        model=reply.model or request.model,
        provider=reply.provider or "",
        prompt_tokens=usage.prompt_tokens if usage else 0,
        answer_tokens=usage.completion_tokens if usage else 0,
        cost=reply.cost,
        guess=worth,
        chat=request.chat,
        tags=json.dumps(tags, sort_keys=True) if tags else "",
        notebook=_settings.notebook(),
        sandbox=reply.sandbox,
    )


def prices(client: Client, names: Iterable[str]) -> tuple[Model, ...]:
    """The list of models, waiting for it a little; none where it does not come."""
    try:
        return catalogue.read(client, within_s=CATALOGUE_S, knowing=names)
    except EdenError:
        return ()


def _check(estimate: Estimate, request: Request) -> None:
    usd, most = estimate.usd, request.settings.max_cost
    if usd is None and most < inf:
        raise BudgetExceeded(
            f"Not sent: the price of {request.model} is unknown. Take a model with a price, or unset max_cost."
        )
    if usd is not None and usd > most:
        raise BudgetExceeded(
            f"Not sent: it may cost {dollars(usd)}, more than {dollars(most)}. "
            "Raise --max-cost, lower --max-tokens, or take another model."
        )
