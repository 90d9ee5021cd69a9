"""What a request says about itself, and who shares a connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from edenai_nb import Sandbox, errors
from edenai_nb.api.client import Client
from edenai_nb.settings import Settings

from ..asking import stream
from .counting import saying

NewClient = Callable[..., Client]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[NewClient]:
    made: list[Client] = []

    def new(**settings: object) -> Client:
        given = {
            "api_key": sandbox.key,
            "base_url": sandbox.base_url,
            "model": "openai/gpt-5-mini",
            "requests_per_s": 1e6,
        }
        made.append(Client(Settings(**{**given, **settings})))  # type: ignore[arg-type]
        return made[-1]

    yield new
    for one in made:
        one.account.close()


def test_a_question_says_what_it_is_and_what_it_wants_back(sandbox: Sandbox, client: NewClient) -> None:
    list(stream(client()))
    headers = sandbox.requests[-1].headers
    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "text/event-stream"
    assert headers["accept-encoding"] == "identity"


def test_other_requests_want_json_and_name_no_type_without_a_body(sandbox: Sandbox, client: NewClient) -> None:
    client().json("/models")
    headers = sandbox.requests[-1].headers
    assert headers["accept"] == "application/json"
    assert "gzip" in headers["accept-encoding"]  # the catalogue is 1.5 MB
    assert "content-type" not in headers


def test_every_request_says_who_asks(sandbox: Sandbox, client: NewClient) -> None:
    one = client()
    list(stream(one))
    one.json("/models")
    for request in sandbox.requests:
        assert re.fullmatch(r"edenai-nb/\S+ \(python 3\.\d+\.\S+; httpx [\d.]+\)", request.headers["user-agent"])


def test_nothing_of_a_request_is_said_twice(client: NewClient) -> None:
    with saying(b"HTTP/1.1 400 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n") as server:
        one = client(base_url=server.base_url)
        for ask in (lambda: list(stream(one)), lambda: one.json("/x"), lambda: one.json("/x", "POST", {})):
            with pytest.raises(errors.RequestRefused):
                ask()
    assert len(server.requests) == 3
    for request in server.requests:
        lines = request.partition(b"\r\n\r\n")[0].decode().lower().splitlines()[1:]
        names = [line.partition(":")[0] for line in lines]
        assert sorted(names) == sorted(set(names))
        assert ("content-type" in names) == request.startswith(b"POST")
