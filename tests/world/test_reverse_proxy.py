"""Proxies between us and the server, as operators run them: compressing, buffering, cutting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from math import inf
from typing import Any

import pytest

from edenai_nb import Chat, EdenError, Sandbox, errors
from edenai_nb.chat.turn import Turn
from edenai_nb.sandbox.script import Bill, Done, Finish, Gate, Opening, Script

from .reverse_proxy import ReverseProxy, reverse_proxy

DEADLINE_S = 20.0
TEXT = "The first words, and then a few more of them, until the end."


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as sandbox:
        yield sandbox


def send(sandbox: Sandbox, proxy: ReverseProxy, prompt: str = "Hello", **options: Any) -> Turn:
    given = {"base_url": proxy.base_url, "api_key": sandbox.key, "model": "openai/gpt-5-mini"}
    return Chat(**given, **options).send(prompt)


def first_words(turn: Turn) -> str:
    return next(str(reply) for reply in turn.frames() if reply or turn.done)


def test_a_proxy_that_compresses_does_not_hold_the_first_words_back(sandbox: Sandbox) -> None:
    rest = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), "The first words", Gate(rest), ".", Finish(), Bill(), Done()))

    with reverse_proxy(sandbox.base_url, gzip=True) as proxy:
        turn = send(sandbox, proxy)
        try:
            assert first_words(turn)  # the server has not said the rest: it waits for this test
        finally:
            rest.set()
        assert turn.wait(DEADLINE_S) == "The first words."


@pytest.mark.parametrize("size", [100, 4096, inf])
def test_a_proxy_that_buffers_changes_nothing_of_the_answer(sandbox: Sandbox, size: float) -> None:
    sandbox.enqueue(Script.text(TEXT))

    with reverse_proxy(sandbox.base_url, buffer=size) as proxy:
        reply = send(sandbox, proxy).wait(DEADLINE_S)

    assert reply == TEXT
    assert reply.complete
    assert reply.cost is not None


def stream_length(sandbox: Sandbox) -> int:
    """Bytes of the scripted answer, as the proxy counts them."""
    import httpx

    sandbox.enqueue(Script.text(TEXT))
    body = {"model": "openai/gpt-5-mini", "stream": True, "stream_options": {"include_usage": True}}
    return len(
        httpx.post(
            f"{sandbox.base_url}/chat/completions",
            json={**body, "messages": [{"role": "user", "content": "Hello"}]},
            headers={"Authorization": f"Bearer {sandbox.key}"},
            trust_env=False,
        ).content
    )


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.5, 0.7])
def test_a_proxy_that_cuts_an_accepted_answer_is_asked_once(sandbox: Sandbox, share: float) -> None:
    cut_after = int(share * stream_length(sandbox))
    sandbox.enqueue(Script.text(TEXT))

    with reverse_proxy(sandbox.base_url, cut_after=cut_after) as proxy:
        turn = send(sandbox, proxy)
        with pytest.raises(EdenError) as caught:
            turn.wait(DEADLINE_S)

    assert isinstance(caught.value, errors.StreamInterrupted | errors.Unreachable)
    assert TEXT.startswith(turn.reply)
    assert not turn.reply.complete
    assert len(proxy.passages) == 1  # accepted: a second request would be a second bill


def test_a_request_that_is_too_large_for_the_proxy_says_so(sandbox: Sandbox) -> None:
    with (
        reverse_proxy(sandbox.base_url, largest_body=1000) as proxy,
        pytest.raises(EdenError, match=r"(?i)too large") as caught,
    ):
        send(sandbox, proxy, "word " * 1000).wait(DEADLINE_S)

    assert caught.value.status == 413
    assert len(proxy.passages) == 1


def test_a_proxy_sees_no_header_twice_and_what_a_strict_server_wants(sandbox: Sandbox) -> None:
    with reverse_proxy(sandbox.base_url) as proxy:
        send(sandbox, proxy).wait(DEADLINE_S)

    (passage,) = proxy.passages
    assert passage.headers["content-type"] == "application/json"
    assert passage.headers["accept"] == "text/event-stream"
    assert passage.headers["accept-encoding"] == "identity"
    assert passage.headers["user-agent"].startswith("edenai-nb/")
