"""Looking up the name of a host obeys the limit for connecting."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from edenai_nb import Sandbox, errors

from .failing import DEADLINE_S, NewChat, failure


def test_looking_the_name_up_is_a_part_of_connecting(chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given name servers that do not answer
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(DEADLINE_S) and [])
    started = time.monotonic()
    error = failure(chat(base_url="https://slow.example/v3", connect_s=0.2), errors.TimedOut)
    assert time.monotonic() - started < DEADLINE_S / 4
    assert "connect_s" in str(error)
    answered.set()


def test_a_server_is_found_by_its_name(sandbox: Sandbox, chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    looked_up = []

    def getaddrinfo(host: str, *more: Any, **how: Any) -> Any:
        looked_up.append(host)
        return real("127.0.0.1", *more, **how)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    sandbox.enqueue("Hi")
    assert chat(base_url=f"http://api.localhost:{sandbox.port}/v3").ask("Hello") == "Hi"
    assert set(looked_up) == {"api.localhost"}


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "no-such-host.invalid", "x..example"])
def test_what_is_no_name_points_at_dns(chat: NewChat, name: str) -> None:
    assert "DNS" in str(failure(chat(base_url=f"https://{name}/v3"), errors.Unreachable))
