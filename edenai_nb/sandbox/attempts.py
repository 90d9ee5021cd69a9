"""The providers that are tried for an answer: first the model's own, then others that have it, then the fallbacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from . import catalogue
from .catalogue import Choice
from .refusals import openai
from .script import Script


@dataclass(frozen=True)
class Attempt:
    """One provider that was tried, and the status of its answer."""

    choice: Choice
    status: int

    def to_json(self, region: str) -> dict[str, Any]:
        """Its entry in `edenai_metadata.attempts` (contract, section 3.4)."""
        choice = self.choice
        return {"provider": choice.provider, "model": choice.id, "status": self.status, "region": region}


def attempts(body: Mapping[str, Any], down: Collection[str], *, eu: bool = False) -> list[Attempt]:
    """The attempts at this request while the providers in `down` fail; only the last one can have succeeded."""
    made: list[Attempt] = []
    for name in (body["model"], *(body.get("fallbacks") or ())):
        for choice in _choices(name, body, eu):
            made.append(Attempt(choice, 503 if choice.provider in down else 200))
            if made[-1].status == 200:
                return made
    return made


def refused(body: Mapping[str, Any], *, eu: bool) -> Script | None:
    """451 for a model that the EU address does not offer; 400 if no allowed provider has the model."""
    names = (body["model"], *(body.get("router_candidates") or ()), *(body.get("fallbacks") or ()))
    if eu and (far := [name for name in names if name != "@edenai" and not catalogue.in_region(name, "eu")]):
        words = f"Provider(s)/model(s) {', '.join(far)} are not available on the EU endpoint."
        return openai(451, words, "request_forbidden", "region_not_allowed")
    if not _choices(body["model"], body, eu):
        return openai(400, "No allowed provider serves this model.", "invalid_request_error", "invalid_parameter")
    return None


def nobody(made: list[Attempt]) -> Script:
    """The error if every attempt has failed."""
    names = ", ".join(attempt.choice.provider for attempt in made)
    return openai(503, f"All providers failed: {names}", "server_error", "service_unavailable")


def _choices(name: str, body: Mapping[str, Any], eu: bool) -> list[Choice]:
    routing = body.get("routing") or {}
    found = catalogue.choices(name, tuple(body.get("router_candidates") or ()), region="eu" if eu else "")
    if (allowed := routing.get("allowed_providers")) and found and found[0].strategy == "routed":
        found = [choice for choice in found if choice.provider in allowed]
    return found[:1] if routing.get("allow_fallbacks") is False else found
