"""A sandbox that answers as fast as it can, and a client for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edenai_nb.sandbox import Sandbox

from .client import Client


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return Client(sandbox)
