"""Everything that is sent for one turn, as a frozen value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import secret_scan
from ..api.models import Model
from ..errors import InvalidInput, SecretsFound
from ..messages import Message, texts
from ..settings import Settings
from .estimate import Estimate, estimate
from .fitness import obstacles
from .routing import AUTO

if TYPE_CHECKING:
    from ..data.schema import Schema

# Fields that cannot change the answer: they are about its transport and bookkeeping.
_CARRIED = frozenset(
    {"stream", "stream_options", "tags", "session_id", "prompt_cache_key", "prompt_cache_retention", "user"}
)


@dataclass(frozen=True)
class Request:
    """A question with the messages before it, the settings and the other fields of the request.

    It exists before anything is sent: budgets, dry runs and kept answers all work on it. Its repr shows neither the
    API key nor messages.
    """

    settings: Settings
    messages: tuple[Message, ...]
    params: Mapping[str, Any]
    session: str = ""  # id of its conversation
    chat: str = ""  # the user's name for that
    schema: Schema | None = None  # what the answer is to fit

    def __repr__(self) -> str:
        return f"<Request to {self.model}, {len(self.messages)} messages>"

    @property
    def model(self) -> str:
        """The model that the request names."""
        return self.settings.model

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that may answer: the one named, or the candidates of `@edenai`; then the fallbacks."""
        candidates = self.params.get("router_candidates") if self.model == AUTO else None
        return (*(candidates or (self.model,)), *(self.params.get("fallbacks") or ()))

    def after(self, answer: str, words: str) -> Request:
        """The request that says these words to the model after an answer of its own."""
        said = ({"role": "assistant", "content": answer or "(nothing)"}, {"role": "user", "content": words})
        return replace(self, messages=(*self.messages, *said))

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The fields of `POST /chat/completions` (contract, section 2)."""
        # Without include_usage Eden AI does not send the cost of a streamed answer (contract, section 3.3).
        usage = {**(self.params.get("stream_options") or {}), "include_usage": True}
        known = {"model": self.model, "messages": list(self.messages), "stream": True, "stream_options": usage}
        if self.schema:
            known |= {"response_format": self.schema.response_format, "messages": self.schema.asked_for(self.messages)}
        return {**{name: value for name, value in self.params.items() if value is not None}, **known}

    @property
    def headers(self) -> Mapping[str, str]:
        """Eden AI's own options, in headers, as other servers may refuse unknown fields in the body."""
        # The session id keeps a conversation with the provider that has cached its beginning (contract, section 4.2).
        return {"x-edenai-metadata": "enabled", **({"x-session-id": self.session} if self.session else {})}

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of all that could change the answer: model, messages with their files, parameters.

        Without address, key, timeouts, budgets and the fields in `_CARRIED`.
        """
        telling = {name: value for name, value in self.body.items() if name not in _CARRIED}
        plain = json.dumps(telling, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=repr)
        return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()

    def check(self) -> None:
        """Raise MissingKey, InvalidInput or SecretsFound if it must not be sent, or if no model of it can answer."""
        self.check_content()
        found = self.obstacles()
        if not set(self.models) - {name for name, _ in found}:
            name, why = found[0]
            raise InvalidInput(
                f"Not sent: {name} {why}, says the list of models. Take another; %edenchat models lists them."
            )

    def obstacles(self) -> list[tuple[str, str]]:
        """(name, reason) of its models that cannot answer, by the cached list of models."""
        from ..api import kept_models  # not with %load_ext

        return list(obstacles(self.messages, self.body, self.models, kept_models.kept(self.settings).models))

    def check_content(self) -> None:
        """Raise MissingKey, InvalidInput or SecretsFound if it must not be sent, whichever model it names."""
        from ..api.client import Client  # not with %load_ext: HTTP takes most of the import time

        if not self.settings.keep:  # a kept answer needs no key
            Client(self.settings).check()
        self.check_secrets()

    def check_secrets(self) -> None:
        """Raise SecretsFound if a message seems to hold a key or a password, unless the user allows it."""
        if not self.settings.allow_secrets:
            _hold_back_secrets(self.messages)

    def estimate(self, models: Sequence[Model]) -> Estimate:
        """The estimated cost by the prices in this list."""
        return estimate(self.messages, self.params, self.models, models)


def _hold_back_secrets(messages: Sequence[Message]) -> None:
    # Answers are not scanned: they come from the provider.
    asked = [message.get("content") for message in messages if message.get("role") != "assistant"]
    for text in (text for content in asked for text in texts(content)):
        hold_back(text)


def hold_back(text: str, where: str = "", line_before: int = 0) -> None:
    """Raise SecretsFound for a text that seems to hold a key or a password. `where` names its file."""
    for name, line in secret_scan.scan(text):
        raise SecretsFound(
            f"Not sent: line {line_before + line}{where} seems to hold {name}. Take it out, or send it anyway with "
            "--allow-secrets (allow_secrets=True)."
        )
