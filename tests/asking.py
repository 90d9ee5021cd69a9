"""One question as a client sends it, below Chat and Turn."""

from __future__ import annotations

from typing import Any

from edenai_nb.api.client import Client
from edenai_nb.api.stream import DeltaStream
from edenai_nb.chat.request import Request

HELLO = ({"role": "user", "content": "Hello"},)


def stream(client: Client, **params: Any) -> DeltaStream:
    """The Deltas of the answer to a Hello."""
    return DeltaStream(client, Request(client.settings, HELLO, params).body)
