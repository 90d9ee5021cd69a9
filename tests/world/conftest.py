"""Servers and clients that others wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edenai_nb.sandbox import Sandbox

from . import strict_server
from .strict_server import StrictServer


@pytest.fixture
def strict() -> Iterator[StrictServer]:
    """A server made from the published OpenAPI document, which has not been asked anything yet."""
    yield from strict_server.serve()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as running:
        yield running
