"""What a turn may cost, set aside before it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from ..api import catalogue
from ..api.client import Client
from ..api.models import Model
from ..errors import BudgetExceeded, EdenError
from ..money import dollars
from ..reply import Reply
from .estimate import Estimate
from .request import Request

CATALOGUE_S = 10.0  # how long the prices are waited for


class Reservation:
    """One turn's share of its account's budget, until `settle` puts what was billed in its place.

    Raises BudgetExceeded where the request may cost more than its `max_cost`, or than is left of `budget`.
    """

    def __init__(self, request: Request, client: Client) -> None:
        settings = request.settings
        self._budget = client.account.budget
        self._estimate: Estimate | None = None
        if min(settings.max_cost, settings.budget) < inf:
            self._estimate = request.estimate(_models(client, request.models))
            _check(self._estimate, request)
        self._usd = (self._estimate.usd if self._estimate else None) or 0.0
        self._budget.reserve(self._usd, settings.budget)

    def settle(self, reply: Reply) -> None:
        """Count what was billed; where that was not told, what the text so far is worth."""
        worth = self._estimate.so_far(reply + reply.reasoning) if self._estimate and reply else 0.0
        self._budget.settle(self._usd, (worth or 0.0) if reply.cost is None else reply.cost)


def _models(client: Client, names: Iterable[str]) -> tuple[Model, ...]:
    try:
        return catalogue.read(client, within_s=CATALOGUE_S, knowing=names)
    except EdenError:
        return ()


def _check(estimate: Estimate, request: Request) -> None:
    usd, most = estimate.usd, request.settings.max_cost
    if usd is None and most < inf:
        raise BudgetExceeded(
            f"Not sent: what {request.model} costs is not known. Take a model with a price, or no max_cost."
        )
    if usd is not None and usd > most:
        raise BudgetExceeded(
            f"Not sent: it may cost {dollars(usd)}, more than {dollars(most)}. "
            "Raise --max-cost, lower --max-tokens, or take another model."
        )
