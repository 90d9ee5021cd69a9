"""A connection that cannot be made is one clear line that says what to set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edenai_nb import Sandbox, errors
from edenai_nb.api import retry

from .. import tls
from .counting import saying
from .failing import DEADLINE_S, NewChat, failure, free_port


def test_an_unknown_name_points_at_dns(chat: NewChat) -> None:
    assert "DNS" in str(failure(chat(base_url="https://no-such-host.invalid/v3"), errors.Unreachable))


def test_a_refused_connection_points_at_the_port(chat: NewChat) -> None:
    error = failure(chat(base_url=f"http://127.0.0.1:{free_port()}/v3"), errors.Unreachable)
    assert "refuses the connection: check the port" in str(error)


def test_a_proxy_that_is_not_there_is_named_without_its_password(
    chat: NewChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hush@127.0.0.1:{port}")
    error = failure(chat(base_url="https://api.edenai.run/v3"), errors.Unreachable)
    assert f"The proxy 127.0.0.1:{port} cannot be reached" in str(error)
    assert "hush" not in str(error)


def test_a_proxy_that_refuses_is_named(sandbox: Sandbox, chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", sandbox.base_url)  # which answers CONNECT with 404
    assert "refuses to connect to api.edenai.run" in str(
        failure(chat(base_url="https://api.edenai.run/v3"), errors.Unreachable)
    )


@pytest.mark.parametrize(
    ("status", "words", "requests"),
    [
        (407, "does not accept the user name and password", 1),
        (403, "refuses to connect to api.edenai.run", 1),
        (404, "refuses to connect to api.edenai.run", 1),
        (502, "cannot connect to api.edenai.run", 4),
        (503, "cannot connect to api.edenai.run", 4),
    ],
)
def test_only_407_is_about_the_proxys_password(
    chat: NewChat, monkeypatch: pytest.MonkeyPatch, status: int, words: str, requests: int
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_S", 0.001)
    with saying(b"HTTP/1.1 %d Sorry\r\nContent-Length: 0\r\n\r\n" % status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.base_url.replace("//", "//me:hush@"))
        said = str(failure(chat(base_url="https://api.edenai.run/v3", retry_s=DEADLINE_S), errors.Unreachable))
    assert words in said
    assert ("password" in said) == (status == 407)
    assert "hush" not in said
    assert len(proxy.requests) == requests


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ({}, "an authority that is not trusted here"),
        ({"expired": True}, "clock"),
        ({"host": "10.1.2.3"}, "for another name than 127.0.0.1"),
    ],
)
def test_a_bad_certificate_says_what_to_set(
    chat: NewChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: dict[str, Any], words: str
) -> None:
    pem = tls.certificate(tmp_path, **certificate)
    if certificate:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with tls.serving(pem) as base_url:
        assert words in str(failure(chat(base_url=base_url), errors.Unreachable))


def test_what_is_no_tls_says_so(chat: NewChat) -> None:
    with tls.serving(None) as base_url:
        assert "does not speak TLS" in str(failure(chat(base_url=base_url), errors.Unreachable))
