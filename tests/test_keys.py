"""A key is never where others can read it, however a turn fails."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

import edenai_nb
from edenai_nb import Chat, Sandbox, errors, key_entry, settings, stand_in
from edenai_nb.notebook import commands
from edenai_nb.notebook.extension import notice_key
from edenai_nb.notebook.session import Session
from edenai_nb.sandbox.script import Close, HangUp, Opening, Reset, Script, Step

KEY = "sk-eden-4f1d0c9a7e52b8c3d6"
SAYS = f"Invalid token {KEY}, also known as Bearer {KEY}"
FAILURES: dict[str, tuple[Step, ...] | Script] = {
    "shape 1": Script.error(400, {"error": {"message": SAYS, "type": SAYS, "param": SAYS, "code": SAYS}}),
    "shape 2": Script.error(401, {"detail": SAYS}),
    "shape 3": Script.error(422, {"detail": [{"loc": ["body", KEY], "msg": SAYS, "type": SAYS}]}),
    "shape 4": Script.error(451, {"detail": {"error": SAYS, "message": SAYS}}),
    "shape 6": Script.error(402, {"error": SAYS}),
    "shape 9": Script.error(500, {"error": {"type": SAYS, "message": {KEY: [SAYS]}, "provider": KEY}}),
    "page": Script.error(502, f"<html>{SAYS}</html>"),
    "redirect": Script(status=302, headers={"Location": "https://elsewhere.example/"}),
    "in mid-stream": (Opening(), "Half", {"error": {"message": SAYS, "code": SAYS, "provider": KEY}}),
    "garbage": (Opening(), "Half", f"data: {KEY}\n\n".encode()),
    "cut": (Opening(), "Half", HangUp()),
    "reset": (Reset(),),
    "ended": (Opening(), Close()),
    "unknown model": Script.error(400, {"error": {"message": f"Model(s) not found or inactive: {KEY}"}}),
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that anybody logs."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDENAI_API_KEY", KEY)


def frames(error: BaseException) -> list[str]:
    """The package's own frames with their local variables, as crash reporters send them home."""
    stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    ours = traceback.StackSummary.from_list([frame for frame in stack if "edenai_nb" in frame.filename])
    assert ours
    return ours.format()


def seen(chat: Chat, error: BaseException) -> str:
    """All that a user, a log or a crash reporter may come to see of a failed turn."""
    turn = chat.turns[-1]
    values = [chat, turn, turn.reply, error, error.args, vars(error), chat.messages, settings.resolve()]
    return "\n".join(
        [
            *frames(error),
            *map(repr, values),
            *map(str, values),
            *error._render_traceback_(),
            str(pickle.dumps(error)),
            str(pickle.dumps(turn.reply)),
            str(pickle.dumps(settings.resolve())),
            settings.describe(settings.resolve()),
        ]
    )


@pytest.mark.parametrize("name", FAILURES)
def test_no_failure_shows_the_key(sandbox: Sandbox, with_key: None, log: io.StringIO, name: str) -> None:
    fault = FAILURES[name]
    sandbox.enqueue(fault if isinstance(fault, Script) else Script.raw(*fault))
    chat = Chat(base_url=sandbox.base_url, model="openai/gpt-5-mini", retry_s=1e-6)
    with pytest.raises(errors.EdenError) as caught:
        chat.ask("Hello")
    assert sandbox.requests[0].headers["authorization"] == f"Bearer {KEY}"  # it was there to be lost
    # Dask pickles (with tblib) what is behind an error, too; a foreign one holds the request, and with it the key.
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert KEY not in seen(chat, caught.value) + log.getvalue()


@pytest.mark.parametrize(
    "base_url", ["https://no-such-host.invalid/v3", "http://127.0.0.1:9/v3", "http://api.edenai.run/v3"]
)
def test_no_failure_to_connect_shows_the_key(with_key: None, log: io.StringIO, base_url: str) -> None:
    chat = Chat(base_url=base_url, retry_s=1e-6)
    with pytest.raises(errors.EdenError) as caught:
        chat.ask("Hello")
    assert KEY not in "".join(frames(caught.value)) + repr(chat) + log.getvalue()


@pytest.mark.parametrize("host", ["example.com", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com"])
def test_a_key_never_travels_over_plain_http_to_another_machine(with_key: None, host: str) -> None:
    for send in (
        lambda: Chat(base_url=f"http://{host}/v3").send("Hello"),
        lambda: edenai_nb.models(base_url=f"http://{host}"),
    ):
        with pytest.raises(errors.InvalidInput, match="unencrypted"):
            send()


@pytest.mark.parametrize("key", ["sk-eden-with\nnewline", "sk-eden-ümlaut", "two words"])
def test_what_cannot_be_a_key_is_not_sent(sandbox: Sandbox, key: str) -> None:
    with pytest.raises(errors.InvalidInput, match="no key has") as caught:
        Chat(base_url=sandbox.base_url, api_key=key).send("Hello")
    assert key not in str(caught.value)


def test_settings_lose_the_key_when_they_are_pickled_and_keep_the_rest(with_key: None) -> None:
    ours = settings.resolve(model="a/b")
    assert ours.api_key == KEY
    again = pickle.loads(pickle.dumps(ours))
    assert (again.api_key, again.model) == ("", "a/b")
    assert copy.copy(ours).api_key == ""


def test_what_holds_a_key_that_was_given_by_hand_does_not_show_it() -> None:
    chat, ours = Chat(api_key=KEY), settings.resolve(api_key=KEY)
    settings.configure(api_key=KEY)
    try:
        held = [chat.options, chat.fork().options, vars(ours), dataclasses.asdict(ours), settings.__dict__]
        assert KEY not in repr(held)
        for each in (ours, chat.options, ours.api_key):
            assert KEY.encode() not in pickle.dumps(each)
        assert settings.resolve().api_key == KEY
    finally:
        settings.configure(api_key=None)


class Keyring:
    """Keeps passwords in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, *name: str) -> str | None:
        return self.kept.get(name)

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[service, name] = value

    def delete_password(self, *name: str) -> None:
        del self.kept[name]


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A user who types this key, and this answer, where a server knows KEY only."""

    def user(key: str, answer: str = "n") -> None:
        monkeypatch.setattr("getpass.getpass", lambda prompt: key)
        monkeypatch.setattr("builtins.input", lambda prompt: answer)

    with Sandbox(keys=[KEY]) as sandbox:
        settings.configure(base_url=sandbox.base_url)
        yield user
    settings.configure(base_url=None, api_key=None)


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    kept = Keyring()
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(f"keyring.{name}", getattr(kept, name))
    return kept


def run(word: str) -> None:
    commands.run(commands.NAMES[word], "", Session({}))


def test_a_typed_key_is_used_and_not_shown(
    typing: Callable[..., None], keyring: Keyring, capsys: pytest.CaptureFixture[str]
) -> None:
    typing(f" {KEY} ")
    run("login")
    assert settings.resolve().api_key == KEY
    assert keyring.kept == {}
    said = capsys.readouterr().out
    assert "accepts the key" in said
    assert KEY not in said


def test_a_key_that_is_refused_changes_nothing_and_one_that_cannot_be_tried_is_said(
    typing: Callable[..., None], keyring: Keyring, capsys: pytest.CaptureFixture[str]
) -> None:
    typing(f"{KEY}x", "y")
    with pytest.raises(errors.InvalidInput, match="does not accept this key"):
        run("login")
    assert (settings.resolve().api_key, keyring.kept) == ("", {})
    settings.configure(base_url="http://127.0.0.1:9/v3")
    run("login")
    assert settings.resolve().api_key == f"{KEY}x"
    assert "could not be tried" in capsys.readouterr().out


def test_a_login_in_the_sandbox_ends_it_and_a_refused_one_leaves_it(
    typing: Callable[..., None], keyring: Keyring, capsys: pytest.CaptureFixture[str]
) -> None:
    address = settings.resolve().base_url
    stand_in.start()
    typing("sk-eden-wrong")
    with pytest.raises(errors.InvalidInput):
        key_entry.login()
    assert stand_in.is_on()
    typing(KEY)
    key_entry.login()
    assert (stand_in.is_on(), settings.resolve().base_url, settings.resolve().api_key) == (False, address, KEY)
    assert "sandbox is off" in capsys.readouterr().out


def test_the_sandbox_gives_back_the_key_that_was_typed_before_it(typing: Callable[..., None]) -> None:
    typing(KEY)
    key_entry.login()
    stand_in.start()
    assert {stand_in.current_settings().origins[name] for name in ("api_key", "base_url")} == {"sandbox"}
    stand_in.stop()
    assert settings.resolve().api_key == KEY


def test_a_key_is_kept_in_the_keyring_if_wanted_and_forgotten_by_logout(
    typing: Callable[..., None], keyring: Keyring, capsys: pytest.CaptureFixture[str]
) -> None:
    typing(KEY, "y")
    run("login")
    assert list(keyring.kept.values()) == [KEY]
    settings.configure(api_key=None)  # the next kernel
    assert settings.resolve().api_key == KEY
    run("logout")
    assert (settings.resolve().api_key, keyring.kept) == ("", {})
    assert KEY not in capsys.readouterr().out


def test_a_keyring_that_keeps_nothing_is_said(typing: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    typing(KEY, "yes")
    run("login")  # the tests run with keyring's null backend
    assert "No keyring took it" in capsys.readouterr().out


def test_where_nobody_can_type_login_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(prompt: str) -> str:
        raise NotImplementedError

    monkeypatch.setattr("getpass.getpass", refuse)
    with pytest.raises(errors.InvalidInput, match="EDENAI_API_KEY"):
        run("login")


def test_no_key_changes_nothing(typing: Callable[..., None]) -> None:
    typing("")
    with pytest.raises(errors.MissingKey):
        run("login")


@pytest.mark.parametrize(
    ("cell", "warned"),
    [
        (f"os.environ['EDENAI_API_KEY'] = '{KEY}'", True),
        (f"%%edenchat\nis {KEY} a key?", True),
        ("key = 'sk-eden'", False),
    ],
)
def test_a_key_typed_into_a_cell_is_noticed(capsys: pytest.CaptureFixture[str], cell: str, warned: bool) -> None:
    notice_key(SimpleNamespace(raw_cell=cell))
    said = capsys.readouterr().err
    assert ("%edenchat login" in said) is warned
    assert KEY not in said


def test_no_setting_is_a_key_in_disguise(with_key: None) -> None:
    assert KEY not in json.dumps(settings.describe(settings.resolve()))
