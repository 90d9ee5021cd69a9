"""The sandbox allows an account so many requests a second."""

from __future__ import annotations

import time

import pytest

from edenai_nb.sandbox import Sandbox

from .client import Client


def test_more_than_the_rate_is_429_in_eden_ais_words_and_a_second_later_all_is_well():
    with Sandbox(tokens_per_s=None, rate=3) as sandbox:
        client = Client(sandbox)
        start = time.monotonic()
        answers = [client.refused("Hi") for _ in range(5)]
        assert time.monotonic() - start < 1, "the machine is too slow for this test"
        assert [status for status, _ in answers] == [200, 200, 200, 429, 429]
        assert answers[-1][1]["error"] == {
            "message": "Rate limit exceeded",
            "type": "rate_limit_error",
            "param": None,
            "code": "rate_limit_exceeded",
        }
        accepted = time.monotonic()  # or before
        sent = accepted
        while client.chat()[0] == 429:
            assert sent < accepted + 1
            sent = time.monotonic()
        assert time.monotonic() - start >= 1


def test_less_than_one_a_second_is_one_in_so_many_seconds():
    with Sandbox(tokens_per_s=None, rate=0.5) as sandbox:
        client = Client(sandbox)
        start = time.monotonic()
        assert client.chat()[0] == 200
        while client.chat()[0] == 429:
            assert time.monotonic() - start < 10
        assert time.monotonic() - start >= 2


@pytest.mark.parametrize(("value", "header"), [(None, None), (2, "2"), (0.5, "0.5"), ("soon", "soon")])
def test_a_429_has_the_retry_after_that_it_was_given(value, header):
    with Sandbox(tokens_per_s=None, rate=0, retry_after=value) as sandbox:
        status, headers, _ = Client(sandbox).chat()
        assert (status, headers["Retry-After"]) == (429, header)


def test_the_catalogue_is_not_limited_and_a_wrong_key_is_told_first():
    with Sandbox(tokens_per_s=None, rate=0) as sandbox:
        assert Client(sandbox).send("GET", "/v3/models")[0] == 200
        assert Client(sandbox).chat(key="nonsense")[0] == 401


def test_without_a_rate_nothing_is_limited(client):
    assert {client.chat("Hi", model="sandbox/echo")[0] for _ in range(50)} == {200}
