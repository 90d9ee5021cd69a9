"""The doctor finds what is wrong, says what to do, and spends nothing unasked."""

from __future__ import annotations

import email.utils
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edenai_nb import Sandbox, doctor, settings
from edenai_nb.doctor import examine
from edenai_nb.notebook import commands
from edenai_nb.notebook.session import Session
from edenai_nb.sandbox.script import Script

from . import tls

KEY = "sk-eden-4f1d0c9a7e52b8c3d6"

pytestmark = pytest.mark.usefixtures("no_proxy")


def findings(*, stream: bool = False, **given: object) -> dict[str, tuple[bool | None, str]]:
    found = list(examine(settings.resolve(**{"connect_s": 5, **given}), stream=stream))
    assert all("\n" not in str(finding) and KEY not in str(finding) for finding in found)
    return {finding.name: (finding.ok, finding.text) for finding in found}


def test_where_all_is_well_nothing_is_bad_and_nothing_is_billed(sandbox: Sandbox) -> None:
    found = findings(base_url=sandbox.base_url, api_key=KEY)
    assert [name for name, (ok, _) in found.items() if ok is False] == []
    assert found["account"] == (True, "the key is accepted")
    assert "openai/gpt-mini-latest among them" in found["models"][1]
    assert found["DNS"][0]
    assert found["TCP"][0]
    assert all(request.method == "GET" for request in sandbox.requests)


def test_every_setting_that_was_changed_says_where_it_came_from(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDENAI_API_KEY", KEY)
    said = [str(finding) for finding in examine(settings.resolve(base_url=sandbox.base_url))]
    assert said[0] == "✓ key       found (EDENAI_API_KEY)"
    assert not [line for line in said if "(default)" in line]
    assert "· setting   api_key found (EDENAI_API_KEY)" in said
    assert f"· setting   base_url {sandbox.base_url} (argument)" in said


def test_a_key_that_is_missing_or_refused_is_found() -> None:
    with Sandbox(keys=["another"]) as sandbox:
        assert findings(base_url=sandbox.base_url)["key"][0] is False
        ok, text = findings(base_url=sandbox.base_url, api_key=KEY)["account"]
    assert ok is False
    assert "Invalid token" in text


def test_an_unknown_model_is_found_with_the_nearest(sandbox: Sandbox) -> None:
    ok, text = findings(base_url=sandbox.base_url, api_key=KEY, model="openai/gpt-5-minni")["models"]
    assert ok is False
    assert "Did you mean openai/gpt-5-mini" in text


@pytest.mark.parametrize(
    ("base_url", "words"),
    [("https://no-such-host.invalid/v3", "DNS"), ("http://127.0.0.1:9/v3", "refuses the connection")],
)
def test_a_way_that_is_closed_is_found(base_url: str, words: str) -> None:
    found = findings(base_url=base_url, api_key=KEY)
    assert found["network"][0] is False
    assert words in found["network"][1]
    assert found["account"][0] is False


def test_a_server_that_says_nothing_is_given_up_in_time_and_with_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PROBE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = findings(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}/v3", api_key=KEY)
    for name in ("account", "models"):
        assert found[name] == (False, "127.0.0.1 did not answer within 0.2 s: check base_url and the network.")


def test_a_handshake_without_an_answer_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = findings(base_url=f"https://127.0.0.1:{listener.getsockname()[1]}/v3", api_key=KEY, connect_s=0.2)
    assert found["TCP"][0]
    assert "does not answer" in found["network"][1]


def test_an_address_of_this_machine_is_said_to_be_one(sandbox: Sandbox) -> None:
    assert "this machine" in findings(base_url=sandbox.base_url, api_key=KEY)["address"][1]


def test_an_address_that_the_key_must_not_go_to_is_found() -> None:
    assert "unencrypted" in findings(base_url="http://no-such-host.invalid/v3", api_key=KEY)["address"][1]


def test_a_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hush@127.0.0.1:9")
    found = findings(base_url="https://api.edenai.run/v3", api_key=KEY)
    assert found["proxy"] == (None, "127.0.0.1:9, which looks up and connects to api.edenai.run")
    assert "hush" not in str(found)


@pytest.mark.parametrize(("days", "ok"), [(0, True), (2, False)])
def test_tls_and_the_clock_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, ok: bool) -> None:
    pem = tls.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    date = email.utils.formatdate(time.time() + days * 86400, usegmt=True)
    with tls.serving(pem, date) as base_url:
        found = findings(base_url=base_url, api_key=KEY, model="over/tls")
    assert "signed by edenai_nb tests" in found["TLS"][1]
    assert found["clock"][0] is ok
    assert ("behind" in found["clock"][1]) is not ok


def test_an_untrusted_certificate_is_found(tmp_path: Path) -> None:
    with tls.serving(tls.certificate(tmp_path)) as base_url:
        assert "SSL_CERT_FILE" in findings(base_url=base_url, api_key=KEY)["network"][1]


@pytest.mark.parametrize(("script", "ok"), [({"tokens_per_s": 100}, True), ({"packets": "whole"}, False)])
def test_a_stream_that_is_held_back_is_found(sandbox: Sandbox, script: dict[str, object], ok: bool) -> None:
    sandbox.enqueue(Script.text("one two three four", cost=0.0001, **script))
    found = findings(base_url=sandbox.base_url, api_key=KEY, stream=True)
    assert found["stream"][0] is ok
    assert "$0.0001" in found["stream"][1]


def test_the_magic_prints_it(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    settings.configure(base_url=sandbox.base_url, api_key=KEY)
    try:
        commands.run(commands.NAMES["doctor"], "", Session({}))
    finally:
        settings.configure(base_url=None, api_key=None)
    said = capsys.readouterr().out
    assert "✓ account   the key is accepted" in said
    assert "ipywidgets" in said
    assert said.splitlines()[-1] == "✓ in all    nothing is in the way"


@pytest.mark.parametrize(("key", "code"), [(KEY, 0), ("", 1)])
def test_the_command_prints_it_and_its_status_tells(sandbox: Sandbox, key: str, code: int) -> None:
    surroundings = {"EDENAI_API_BASE": sandbox.base_url, "EDENAI_API_KEY": key, "PYTHONIOENCODING": "ascii"}
    surroundings |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    surroundings["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    run = subprocess.run(
        [sys.executable, "-m", "edenai_nb", "doctor"], capture_output=True, text=True, env=surroundings, check=False
    )
    assert (run.returncode, run.stderr) == (code, "")
    assert "models" in run.stdout
    assert run.stdout.splitlines()[-1].endswith("mend: key" if code else "nothing is in the way")


def test_the_package_by_itself_says_what_there_is() -> None:
    run = subprocess.run([sys.executable, "-m", "edenai_nb"], capture_output=True, text=True, check=True)
    assert "doctor" in run.stdout
    assert "%load_ext edenai_nb" in run.stdout
