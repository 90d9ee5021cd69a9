"""What questions with one key to one address share, and what they do not."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import edenai_nb as eden
from edenai_nb import Sandbox, errors
from edenai_nb.api import account as accounts
from edenai_nb.api.account import account_of
from edenai_nb.api.client import Client
from edenai_nb.api.connection import IDLE_S, Connection
from edenai_nb.sandbox.script import Gate, Opening, Script
from edenai_nb.settings import Settings

from .. import tls
from .failing import NewChat, failure


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Every connection that is made, really made."""
    made: list[Connection] = []
    begin = Connection.__init__

    def counted(connection: Connection, *how: Any) -> None:
        made.append(connection)
        begin(connection, *how)

    monkeypatch.setattr(Connection, "__init__", counted)
    return made


def test_many_models_budgets_and_times_share_one_connection(
    sandbox: Sandbox, chat: NewChat, opened: list[Connection]
) -> None:
    models = [model.id for model in eden.models(base_url=sandbox.base_url, api_key=sandbox.key) if model.is_chat][:12]
    assert len(models) == 12
    for model in [*models, *models]:
        sandbox.enqueue("Hi")
        assert chat(model=model).ask("Hello") == "Hi"
    for cents in range(1, 13):
        chat(max_cost=cents, first_token_s=60 + cents, max_tokens=10).ask("Hello")
    assert len(opened) == 1


def test_turns_at_the_same_time_have_a_connection_each_and_leave_them_to_the_next(
    sandbox: Sandbox, chat: NewChat, opened: list[Connection]
) -> None:
    for _ in range(2):
        go = threading.Event()
        sandbox.enqueue(*[Script.raw(Opening(), "One", Gate(go), *Script.text(" two").steps[1:])] * 3)
        turns = [chat().send("Hello") for _ in range(3)]
        for turn in turns:
            assert next(reply for reply in turn.frames() if reply)
        go.set()
        assert [turn.wait(20) for turn in turns] == ["One two"] * 3
    assert len(opened) == 3


def test_the_times_of_a_question_are_its_own(sandbox: Sandbox, chat: NewChat) -> None:
    go = threading.Event()
    chat(first_token_s=60).ask("Hello")
    sandbox.enqueue(Script.raw(Opening(), Gate(go)))
    with pytest.raises(errors.TimedOut, match=r"0\.2 s"):
        chat(first_token_s=0.2).ask("Hello")
    go.set()


def test_a_connection_that_nobody_has_used_for_a_while_is_closed(
    sandbox: Sandbox, chat: NewChat, opened: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(accounts.time, "monotonic", lambda: now[0])
    chat().ask("Hello")
    now[0] += IDLE_S + 1
    chat().ask("Hello")
    assert len(opened) == 2
    assert opened[0]._http.is_closed
    assert not opened[1]._http.is_closed


def test_another_key_or_address_is_another_account() -> None:
    one = Settings(api_key="a", base_url="http://127.0.0.1:9/v3", max_cost=1)
    assert account_of(one) is account_of(Settings(api_key="a", base_url=one.base_url, model="x/y"))
    assert account_of(one) is not account_of(Settings(api_key="b", base_url=one.base_url))
    assert account_of(one) is not account_of(Settings(api_key="a", base_url="http://127.0.0.1:10/v3"))
    accounts.forget()


def test_the_catalogue_is_read_once_for_all_settings(sandbox: Sandbox, chat: NewChat) -> None:
    for cents in (1, 2, 3):
        chat(max_cost=cents, max_tokens=10).ask("Hello")
    assert [request.path for request in sandbox.requests].count("/v3/models") == 1


def test_a_client_holds_no_account_alive_after_it_is_forgotten(sandbox: Sandbox) -> None:
    settings = Settings(api_key=sandbox.key, base_url=sandbox.base_url)
    before = Client(settings).account
    accounts.forget()
    assert Client(settings).account is not before


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "what://ever", "http://[::1"])
def test_a_proxy_that_cannot_be_used_says_so(chat: NewChat, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    assert "ALL_PROXY" in str(failure(chat(base_url="https://api.edenai.run/v3"), errors.InvalidInput))


def test_the_certificates_that_the_user_names_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = tls.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with tls.serving(pem) as base_url:
        assert [model.id for model in eden.models(base_url=base_url)] == ["over/tls"]


def test_a_folder_of_certificates_counts_beside_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, other = tls.certificate(tmp_path), tls.certificate(tmp_path, host="10.1.2.3", owner="somebody else")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    monkeypatch.setenv("SSL_CERT_DIR", str(tls.folder_of(ours, tmp_path / "certificates")))
    with tls.serving(ours) as base_url:
        assert [model.id for model in eden.models(base_url=base_url)] == ["over/tls"]


def test_a_log_of_tls_secrets_that_cannot_be_written_is_named(chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)  # which leaves it aside
    monkeypatch.setenv("SSLKEYLOGFILE", "/no/such/keys.log")
    assert "SSLKEYLOGFILE" in str(failure(chat(base_url="https://unlogged.invalid/v3"), errors.InvalidInput))


def test_certificates_that_cannot_be_read_are_named(chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    assert "SSL_CERT_FILE" in str(failure(chat(base_url="https://unread.invalid/v3"), errors.InvalidInput))


def test_the_machines_own_certificates_are_trusted_where_truststore_is_installed() -> None:
    import truststore

    assert isinstance(account_of(Settings()).tls, truststore.SSLContext)
