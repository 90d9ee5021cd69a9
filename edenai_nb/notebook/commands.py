"""The words after %edenchat that are not a question."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from .. import settings
from ..doctor import examine
from ..errors import InvalidInput
from . import login, options
from .session import MAIN, Session
from .status import money


def run(word: str, words: list[str], session: Session) -> None:
    """Run one command. Raises InvalidInput for words that it does not take."""
    command = COMMANDS[word]
    try:
        inspect.signature(command).bind(session, *words)
    except TypeError:
        raise InvalidInput(f"%edenchat {word} does not take these words; to ask them, use %%edenchat.") from None
    command(session, *words)


def _config(session: Session, *changes: str) -> None:
    settings.configure(**dict(options.setting(change) for change in changes))
    print(settings.describe(settings.resolve()))


def _chats(session: Session) -> None:
    for name, chat in session.chats.items():
        print(f"{name}: {len(chat.turns)} turns, {money(chat.cost)}")
    if not session.chats:
        print("No conversation yet.")


def _reset(session: Session, name: str = MAIN) -> None:
    session.reset(name)


def _stop(session: Session, name: str | None = None) -> None:
    session.stop(name)


def _widget(session: Session, option: str = "--chat", name: str = MAIN) -> None:
    from IPython.display import display

    from ..chat import Chat
    from .widget import ChatWidget

    if option not in ("-c", "--chat"):
        raise InvalidInput("%edenchat widget takes --chat NAME.")
    display(ChatWidget(session.chats.setdefault(name, Chat())))  # type: ignore[no-untyped-call]


def _wait(session: Session, *names: str) -> None:
    for name in names:
        if not session.variables.knows(name):
            raise InvalidInput(f"Nothing called {name!r} is being answered.")
    session.variables.wait(names or session.variables.pending())


def _sandbox(session: Session, switch: str = "on") -> None:
    if switch not in ("on", "off"):
        raise InvalidInput("%edenchat sandbox takes on or off.")
    if switch == "off":
        session.stop_sandbox()
        return
    session.start_sandbox()
    print("Answers now come from a local sandbox: no model is called and nothing is billed.")


def _login(session: Session) -> None:
    login.login()


def _logout(session: Session) -> None:
    login.logout()


def _doctor(session: Session, stream: str = "") -> None:
    if stream not in ("", "stream"):
        raise InvalidInput("%edenchat doctor takes nothing, or stream to ask a model as well.")
    for finding in examine(settings.resolve(), stream=bool(stream)):
        print(finding)


def _help(session: Session) -> None:
    from .magic import EdenMagics

    print(inspect.getdoc(EdenMagics.edenchat))


def _version(session: Session) -> None:
    from .. import __version__

    print(f"edenai_nb {__version__}")


COMMANDS: dict[str, Callable[..., None]] = {
    "config": _config,
    "chats": _chats,
    "reset": _reset,
    "stop": _stop,
    "wait": _wait,
    "widget": _widget,
    "sandbox": _sandbox,
    "doctor": _doctor,
    "login": _login,
    "logout": _logout,
    "help": _help,
    "version": _version,
}
