"""Dry run: a request, its estimated cost and the reasons why it would be refused; nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from math import inf
from typing import Any

from ..api import kept_models
from ..api.models import Model, find
from ..attachments import label
from ..errors import EdenError
from ..messages import Message
from ..money import dollars
from .estimate import ANSWER_TOKENS, PART_TOKENS
from .ledger import Ledger, ledger_of
from .request import Request
from .token_rates import Range, count

FOLDED = 600  # characters of a message that are shown in text
USUAL_ANSWER = 300  # tokens, if this account has no answer of the model yet


@dataclass(frozen=True)
class DryRun:
    """What would be sent (`request`) and what it may cost; displays itself in a notebook.

    prompt_tokens, answer_tokens, usd: low, expected and high; usd is None if the price is unknown.
    who: the models that may answer.    refused: reasons why it would not be sent, or be refused, one a line.
    note: how the expressions in the prompt were filled in.
    """

    request: Request
    prompt_tokens: Range
    answer_tokens: Range
    usd: Range | None
    who: tuple[str, ...]
    refused: tuple[str, ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        return f"<DryRun: {self._facts()[1]}>"

    def __str__(self) -> str:
        said = [f"── {role}\n{_folded(text)}" for role, text in self._messages()]
        return "\n".join([*self._facts(), *said])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        facts = "".join(f"<div>{escape(line)}</div>" for line in self._facts())
        return facts + "".join(_details(role, text) for role, text in self._messages())

    def _facts(self) -> list[str]:
        prompt, answer, usd = self.prompt_tokens, self.answer_tokens, self.usd
        cost = "?" if usd is None else f"~{dollars(usd.expected)} ({dollars(usd.low)} to {dollars(usd.high)})"
        tokens = f"~{prompt.expected:,.0f} tokens in, ~{answer.expected:,.0f} out (at most {answer.high:,.0f})"
        facts = [f"Nothing was sent. Would answer: {', '.join(self.who)}", f"{tokens}; cost {cost}"]
        unknown = "" if usd else "Prices are not known yet: %edenchat models reads them."
        others = {name: value for name, value in self.request.params.items() if value is not None}
        fields = f"With {json.dumps(others, ensure_ascii=False, default=str)}" if others else ""
        made_up = self.request.schema.musts if self.request.schema else []
        hint = f"Has to be in the text, or is made up: {', '.join(made_up)}. Write `… | None`." if made_up else ""
        return [*facts, *filter(None, [unknown, fields, self.note, hint]), *(f"Refused: {why}" for why in self.refused)]

    def _messages(self) -> list[tuple[str, str]]:
        return [(str(message.get("role")), _shown(message)) for message in self.request.messages]


def dry_run(request: Request) -> DryRun:
    """Estimate a request by the cached list of models and by the token rates learnt from this account's bills."""
    settings = request.settings
    ledger, models = ledger_of(settings), kept_models.kept(settings).models
    found = [(name, find(name, models)) for name in request.models]
    asked = found[0][1].id if found[0][1] else request.model
    learnt = ledger.rates(settings.fingerprint, asked)
    others = PART_TOKENS * sum(map(_others, request.messages))
    text = count(request.messages, learnt)
    prompt = Range(text.low, text.expected + others, text.high + 2 * others)
    answer = _answer(request, ledger.usual_answer(settings.fingerprint, asked))
    usd = _usd(prompt, answer, [model for _, model in found])
    who = tuple(name if model is None or model.id == name else f"{name} ({model.id})" for name, model in found)
    refused = tuple(_refusals(request, found if models else [], usd, ledger))
    return DryRun(request, prompt, answer, usd, who, refused)


def _answer(request: Request, usual: float | None) -> Range:
    limit = request.params.get("max_completion_tokens") or request.params.get("max_tokens")
    many = request.params.get("n") or 1
    expected = min(usual or USUAL_ANSWER, limit or inf)
    high = limit or max(ANSWER_TOKENS, 2 * expected)
    return Range(many * expected / 4, many * expected, many * high)


def _usd(prompt: Range, answer: Range, models: Iterable[Model | None]) -> Range | None:
    prices: list[tuple[float, float]] = []
    for model in models:
        if model is None or model.input_price is None or model.output_price is None:
            return None
        prices.append((model.input_price, model.output_price))
    low = min(prompt.low * into + answer.low * out for into, out in prices)
    high = max(prompt.high * into + answer.high * out for into, out in prices)
    return Range(low, prompt.expected * prices[0][0] + answer.expected * prices[0][1], high)


def _refusals(
    request: Request, found: Iterable[tuple[str, Model | None]], usd: Range | None, ledger: Ledger
) -> Iterable[str]:
    settings = request.settings
    try:
        request.check_content()
        limits = {"budget_day": settings.budget_day, "budget_month": settings.budget_month}
        if min(limits.values()) < inf:
            ledger.settle(ledger.reserve(settings.fingerprint, usd.high if usd else 0.0, limits), None)
    except EdenError as error:
        yield str(error)
    if settings.max_cost < inf and (usd is None or usd.high > settings.max_cost):
        yield f"it may cost {dollars(usd.high) if usd else '?'}, and max_cost is {dollars(settings.max_cost)}."
    for name, model in found:
        if model is None and not name.startswith("@"):
            yield f"the list of models has no {name}."
    yield from (f"{name} {why}." for name, why in request.obstacles())


def _others(message: Message) -> int:
    content = message.get("content")
    return sum("text" not in part for part in content) if isinstance(content, list) else 0


def _shown(message: Message) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] if "text" in part else f"[{label(part)}]" for part in content or ())


def _folded(text: str) -> str:
    left = len(text) - FOLDED
    return text if left <= 0 else f"{text[: FOLDED // 2]}\n… {left:,} characters …\n{text[-FOLDED // 2 :]}"


def _details(role: str, text: str) -> str:
    is_open = " open" if len(text) <= FOLDED else ""
    head = f"<summary>{escape(role)}, {len(text):,} characters</summary>"
    return f'<details{is_open}>{head}<pre style="white-space:pre-wrap;margin:4px 16px">{escape(text)}</pre></details>'
