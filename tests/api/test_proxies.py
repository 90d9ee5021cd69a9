"""The proxy is the one that the environment names, except where it names an exception."""

from __future__ import annotations

from typing import Any

import pytest

from edenai_nb import Sandbox, errors
from edenai_nb.api import proxies
from edenai_nb.settings import Settings

from .failing import NewChat, failure, free_port

HERE = "http://me:hush@proxy.example:3128"


@pytest.fixture(autouse=True)
def no_cgi(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUEST_METHOD", "request_method"):
        monkeypatch.delenv(name, raising=False)


def to(host: str, **settings: Any) -> Settings:
    return Settings(base_url=f"https://{host}/v3", **settings)


@pytest.mark.parametrize(
    ("variable", "value", "address"),
    [
        ("HTTPS_PROXY", HERE, HERE),
        ("https_proxy", HERE, HERE),
        ("ALL_PROXY", "socks5://proxy.example:1080", "socks5://proxy.example:1080"),
        ("HTTPS_PROXY", "proxy.example:3128", "http://proxy.example:3128"),
        ("HTTP_PROXY", HERE, ""),
        ("HTTPS_PROXY", "", ""),
    ],
)
def test_the_environment_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, address: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert proxies.address(to("api.edenai.run")) == address


def test_its_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", HERE)
    assert proxies.shown(to("api.edenai.run")) == "proxy.example:3128"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "a.localhost"])
def test_this_machine_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", HERE)
    assert proxies.address(to(host)) == ""


@pytest.mark.parametrize(
    ("entry", "host", "meant"),
    [
        ("*", "api.edenai.run", True),
        ("edenai.run", "api.edenai.run", True),
        (".edenai.run", "api.edenai.run", True),
        ("*.edenai.run", "api.edenai.run", True),
        ("API.EdenAI.run", "api.edenai.run", True),
        ("denai.run", "api.edenai.run", False),
        ("api.edenai.run:443", "api.edenai.run", True),
        ("api.edenai.run:8443", "api.edenai.run", False),
        ("https://api.edenai.run", "api.edenai.run", True),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3:443", "10.1.2.3:443", True),
        ("::1/128", "api.edenai.run", False),
        ("fd07:b51a::/64", "[fd07:b51a::5]", True),
        ("[fd07:b51a::]/64", "[fd07:b51a::5]", True),
        ("[fd07:b51a::5]", "[fd07:b51a::5]", True),
        ("[fd07:b51a::5]:443", "[fd07:b51a::5]", True),
        ("[fd07:b51a::5]:80", "[fd07:b51a::5]", False),
        ("fd07:b51a::5", "[fd07:b51a:0:0::5]", True),
        ("fe80::/10", "10.1.2.3", False),
        ("[::1", "api.edenai.run", False),
        (":::/x", "api.edenai.run", False),
        (".", "api.edenai.run", False),
        ("", "api.edenai.run", False),
    ],
)
@pytest.mark.parametrize("others", ["{}", "localhost,127.0.0.1,{}", "{} , ::1/128", "[::1];{}"])
def test_an_exception_is_a_name_an_address_or_a_network(
    monkeypatch: pytest.MonkeyPatch, entry: str, host: str, meant: bool, others: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", HERE)
    monkeypatch.setenv("NO_PROXY", others.format(entry))
    assert proxies.address(to(host)) == ("" if meant else HERE)


@pytest.mark.parametrize("exception", ["localhost,127.0.0.1,::1/128", "[::1]", "fd07:b51a::/64,*.example"])
def test_an_exception_that_httpx_cannot_read_stops_nothing(
    chat: NewChat, monkeypatch: pytest.MonkeyPatch, exception: str
) -> None:
    monkeypatch.setenv("NO_PROXY", exception)
    assert "DNS" in str(failure(chat(base_url="https://no-such-host.invalid/v3"), errors.Unreachable))


def test_a_local_address_never_goes_through_a_proxy(
    sandbox: Sandbox, chat: NewChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    sandbox.enqueue("Hi")
    assert chat().ask("Hello") == "Hi"
