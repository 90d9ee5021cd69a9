"""How an answer is read off its connection."""

from __future__ import annotations

from typing import Any

import pytest

from edenai_nb.api.client import Client
from edenai_nb.api.connection import Connection
from edenai_nb.sandbox import Sandbox, Script
from edenai_nb.settings import Settings

from ..asking import stream


def test_tokens_that_come_faster_than_anybody_reads_are_taken_in_bunches(monkeypatch: pytest.MonkeyPatch) -> None:
    reads, read = [], Connection._read

    def counted(connection: Connection, *how: Any, **more: Any) -> bytes:
        reads.append(connection)
        return read(connection, *how, **more)

    monkeypatch.setattr(Connection, "_read", counted)
    with Sandbox() as sandbox:
        sandbox.enqueue(Script.text("word " * 400, tokens_per_s=1000))
        client = Client(Settings(api_key="sandbox", base_url=sandbox.base_url))
        deltas = [delta for delta in stream(client) if delta.text]
        client.account.close()
    assert "".join(delta.text for delta in deltas) == "word " * 400
    assert len(deltas) >= 400
    assert len(reads) < 200  # one packet a token was sent
