"""A sandbox as fast as possible, and a conversation with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from edenai_nb import Chat, Sandbox
from edenai_nb.api import catalogue
from edenai_nb.api.client import connect


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as sandbox:
        yield sandbox
    connect.cache_clear()  # ports come again, and with them connections and catalogues of a sandbox that is gone
    catalogue.forget()


@pytest.fixture
def chat(sandbox: Sandbox) -> Callable[..., Chat]:
    """A new Chat with the sandbox; it gives up at once where it would try again."""

    def new(**options: object) -> Chat:
        given = {"base_url": sandbox.base_url, "api_key": sandbox.key, "model": "openai/gpt-5-mini", "retry_s": 0.001}
        return Chat(**{**given, "requests_per_s": 1e6, **options})

    return new
