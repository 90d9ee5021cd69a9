"""The models that can be asked, as a list that shows as a table."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .. import settings as _settings
from ..api.models import ABILITIES, Model
from ..errors import InvalidInput
from ..money import dollars
from ..settings import EU_BASE_URL
from .table import Table

MOST_ROWS = 60  # in text: what can still be looked through
_HEADS = ("model", "provider", "can", "alias of", "context", "$/M in", "$/M out")


class Job(NamedTuple):
    """So many questions of so many tokens, with answers of so many."""

    questions: int
    prompt_tokens: int
    answer_tokens: int

    def usd(self, model: Model) -> float | None:
        """What it would cost; None where the price is not known."""
        if model.input_price is None or model.output_price is None:
            return None
        each = self.prompt_tokens * model.input_price + self.answer_tokens * model.output_price
        return self.questions * each


class Models(list[Model]):
    """Models with their prices after this account's discount; it shows as a table, by id or by what a job costs."""

    def __init__(self, models: Iterable[Model] = (), job: Job | None = None) -> None:
        super().__init__(models)
        self.job = job

    def __repr__(self) -> str:
        more = len(self) - MOST_ROWS
        left = f"\n… and {more:,} more: add a word, as in %edenchat models claude" if more > 0 else ""
        return self._table().text(MOST_ROWS) + left if self else "No model is like this."

    def _repr_html_(self) -> str:
        return self._table().html() if self else "<p>No model is like this.</p>"

    def frame(self) -> Any:
        """The table as a pandas DataFrame, a model a row; prices in USD per million tokens, None where not known."""
        import pandas as pd  # type: ignore[import-untyped]

        return pd.DataFrame.from_records([self._record(model) for model in self])

    def _record(self, model: Model) -> dict[str, Any]:
        return {
            "id": model.id,
            "provider": model.provider,
            "context": model.context_length,
            "usd_per_million_in": _million(model.input_price),
            "usd_per_million_out": _million(model.output_price),
            "can": model.abilities,
            "alias_of": model.alias_of,
            **({"job_usd": self.job.usd(model)} if self.job else {}),
        }

    def _table(self) -> Table:
        heads, note = list(_HEADS), f"{len(self):,} models"
        if job := self.job:
            heads.append("the job")
            note = f"The job: {job.questions:,} × ({job.prompt_tokens:,} tokens in, {job.answer_tokens:,} out)"
        return Table(heads, [self._row(model) for model in self], left=4, note=note)

    def _row(self, model: Model) -> list[str]:
        context = "?" if model.context_length is None else f"{model.context_length:,}"
        prices = ["?" if price is None else f"{price:,.2f}" for price in map(_million, _prices(model))]
        row = [model.id, model.provider, " ".join(model.abilities), model.alias_of or "", context, *prices]
        return [*row, _about(self.job.usd(model))] if self.job else row


def models(
    words: str | Sequence[str] = (),
    *,
    provider: str | None = None,
    max_price: float | None = None,
    supports: str | Sequence[str] = (),
    eu: bool = False,
    job: str | None = None,
    **settings: Any,
) -> Models:
    """The models of this account's catalogue that fit: a list that shows as a table.

    words: all of them are in the id.    max_price: USD per million tokens, in and out, that none costs more than.
    supports: words of `ABILITIES`, such as "vision,tools".    eu: those that can be asked in the EU.
    job: "1000 x 300" adds what 1,000 questions of 300 tokens would cost, with answers as long; "1000 x 300 x 50" says
    how long the answers are.

    The list is public, and kept on disk for a day. Takes settings such as `base_url`. Raises EdenError.
    """
    from ..api import catalogue  # HTTP is most of what there is to import
    from ..api.client import Client

    wanted, needed = _words(words), _abilities(supports)
    size = read_job(job) if job else None
    now = _settings.resolve(**settings, **({"eu": True} if eu else {}))
    found = [
        model
        for model in catalogue.read(Client(now))
        if all(word.lower() in model.id.lower() for word in wanted)
        and (provider is None or model.provider == provider)
        and (max_price is None or _costs_at_most(model, max_price))
        and needed <= set(model.abilities)
        and (not eu or now.base_url == EU_BASE_URL or "eu" in model.regions)
    ]
    return Models(sorted(found, key=lambda model: _order(model, size)), size)


def read_job(text: str) -> Job:
    """The job in words such as `1000 x 300` or `1000 rows of 300 tokens`. Raises InvalidInput."""
    numbers = [int(number.replace(",", "").replace("_", "")) for number in re.findall(r"\d[\d,_]*", text)]
    if not 2 <= len(numbers) <= 3:
        raise InvalidInput('A job is so many questions of so many tokens, such as "1000 x 300", or "1000 x 300 x 50".')
    return Job(numbers[0], numbers[1], numbers[-1])


def _order(model: Model, job: Job | None) -> tuple[float, str]:
    usd = job.usd(model) if job else 0.0
    return (float("inf") if usd is None else usd), model.id


def _words(text: str | Sequence[str]) -> list[str]:
    return re.split(r"[\s,]+", text.strip()) if isinstance(text, str) else list(text)


def _abilities(text: str | Sequence[str]) -> set[str]:
    needed = set(filter(None, _words(text)))
    for word in needed - ABILITIES.keys():
        near = difflib.get_close_matches(word, ABILITIES, 1)
        told = f": did you mean {near[0]}?" if near else f"; there are: {', '.join(ABILITIES)}."
        raise InvalidInput(f"supports knows no {word!r}{told}")
    return needed


def _costs_at_most(model: Model, usd_per_million: float) -> bool:
    prices = [_million(price) for price in _prices(model)]
    return all(price is not None and price <= usd_per_million for price in prices)


def _prices(model: Model) -> tuple[float | None, float | None]:
    return model.input_price, model.output_price


def _million(price: float | None) -> float | None:
    return None if price is None else round(price * 1e6, 6)


def _about(usd: float | None) -> str:
    return "?" if usd is None else f"~{dollars(usd)}"
