"""Everything that is sent for one turn, as a value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .. import secret_scan
from ..api.models import Model
from ..errors import InvalidInput, SecretsFound
from ..messages import Message, texts
from ..settings import Settings
from .estimate import Estimate, estimate
from .fitness import obstacles
from .routing import AUTO

# What cannot change the answer: how it is carried, and what it is booked under.
_CARRIED = frozenset(
    {"stream", "stream_options", "tags", "session_id", "prompt_cache_key", "prompt_cache_retention", "user"}
)


@dataclass(frozen=True)
class Request:
    """One question with all that is told before it: settings, messages and the other fields of the request.

    It exists before anything is sent, so that a budget, a dry run, a kept answer and a batch look at the same thing.
    Its repr shows neither key nor messages.
    """

    settings: Settings
    messages: tuple[Message, ...]
    params: Mapping[str, Any]
    session: str = ""  # the conversation that it belongs to
    chat: str = ""  # what the user calls it

    def __repr__(self) -> str:
        return f"<Request to {self.model}, {len(self.messages)} messages>"

    @property
    def model(self) -> str:
        """The model that is asked."""
        return self.settings.model

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that may answer: the one that is asked, or the candidates for `@edenai`; then the fallbacks."""
        candidates = self.params.get("router_candidates") if self.model == AUTO else None
        return (*(candidates or (self.model,)), *(self.params.get("fallbacks") or ()))

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The fields of `POST /chat/completions` (contract, section 2)."""
        # Without include_usage Eden AI does not tell what a streamed answer cost (contract, section 3.3).
        usage = {**(self.params.get("stream_options") or {}), "include_usage": True}
        known = {"model": self.model, "messages": list(self.messages), "stream": True, "stream_options": usage}
        return {**{name: value for name, value in self.params.items() if value is not None}, **known}

    @property
    def headers(self) -> Mapping[str, str]:
        """What Eden AI reads besides the body, and other servers leave unread: they may refuse unknown fields."""
        # A conversation stays where its beginning is cached (contract, section 4.2).
        return {"x-edenai-metadata": "enabled", **({"x-session-id": self.session} if self.session else {})}

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of all that could change the answer: model, messages with their files, parameters.

        Address, key, time limits, budgets and what only books or carries the answer (`_CARRIED`) are not in it.
        """
        telling = {name: value for name, value in self.body.items() if name not in _CARRIED}
        plain = json.dumps(telling, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=repr)
        return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()

    def check(self) -> None:
        """Raise MissingKey, InvalidInput or SecretsFound for what must not be sent, or cannot be answered."""
        self.check_content()
        found = self.obstacles()
        if not set(self.models) - {name for name, _ in found}:
            name, why = found[0]
            raise InvalidInput(
                f"Not sent: {name} {why}, says the list of models. Take another; %edenchat models lists them."
            )

    def obstacles(self) -> list[tuple[str, str]]:
        """Which of its models cannot answer, and why, by the list of models that was read last."""
        from ..api import kept_models  # not with %load_ext

        return list(obstacles(self.messages, self.params, self.models, kept_models.kept(self.settings).models))

    def check_content(self) -> None:
        """Raise MissingKey, InvalidInput or SecretsFound for what must not be sent."""
        from ..api.client import Client  # not with %load_ext: HTTP is most of what there is to import

        if not self.settings.keep:  # a kept answer needs no key
            Client(self.settings).check()
        if not self.settings.allow_secrets:
            _hold_back_secrets(self.messages)

    def estimate(self, models: Sequence[Model]) -> Estimate:
        """What it may cost by the prices of this catalogue."""
        return estimate(self.messages, self.params, self.models, models)


def _hold_back_secrets(messages: Sequence[Message]) -> None:
    # Not what a model has said: it has been there already.
    asked = [message.get("content") for message in messages if message.get("role") != "assistant"]
    for text in (text for content in asked for text in texts(content)):
        for name, line in secret_scan.scan(text):
            raise SecretsFound(
                f"Not sent: line {line} seems to hold {name}. Take it out, or send it anyway with --allow-secrets "
                "(allow_secrets=True)."
            )
