"""The words after %edenchat that are no question: one table, from which dispatch, help, completion and README come."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from .. import settings, stand_in
from ..errors import InvalidInput
from . import config, money_commands, option_table, reports, usage_text
from .session import MAIN, Session


@dataclass(frozen=True)
class Command:
    """One command: its name, what the help calls its words, and what else it is called.

    also: other names that do the same.    meant: words that people try instead; they are told the name.
    values: what Tab offers after it: "chat", "setting", "pending", or the words themselves.
    """

    name: str
    run: Callable[..., None]
    words: str
    help: str
    also: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    values: str = ""

    @property
    def usage(self) -> str:
        """Its names and words, as the help shows them."""
        return f"{', '.join((self.name, *self.also))} {self.words}".rstrip()


def find(word: str) -> Command | None:
    """The command of this name."""
    return NAMES.get(word)


def run(command: Command, text: str, session: Session) -> None:
    """Run a command with the words behind it. Raises InvalidInput for words that it does not take."""
    words = _words(text)
    try:
        inspect.signature(command.run).bind(session, *words)
    except TypeError:
        raise InvalidInput(
            f"%edenchat {command.usage} does not take these words; to ask them, use %%edenchat."
        ) from None
    command.run(session, *words)


def usage() -> str:
    """The help: every option and every command."""
    shown = [(option.usage, option.help) for option in option_table.OPTIONS if option.help]
    return usage_text.write(shown, [(command.usage, command.help) for command in COMMANDS])


def _words(text: str) -> list[str]:
    """Words with quotes read as a shell does; a backslash is itself, for the paths of Windows."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        return list(lexer)
    except ValueError as problem:
        raise InvalidInput(f"%edenchat: {problem}: put what holds spaces or quotes in quotes.") from None


def _config(_: Session, *words: str) -> None:
    config.show_or_change(words)


def _chats(session: Session) -> None:
    print("\n".join(reports.chat(name, chat) for name, chat in session.chats.items()) or "No conversation yet.")


def _history(session: Session, name: str = MAIN) -> None:
    print(reports.history(session.chat(name)))


def _undo(session: Session, name: str = MAIN) -> None:
    chat = session.chat(name)
    number = len(chat.turns)
    if chat.undo() is None:
        print(f"{name} has no turn to take back.")
    else:
        print(f"Turn {number} of {name} is taken back; {reports.count(number - 1, 'turn')} left.")


def _pick(session: Session, model: str, name: str = MAIN) -> None:
    session.continue_with(model, name)
    print(f"{name} goes on after the answer of {model}.")


def _reset(session: Session, name: str = MAIN) -> None:
    print(f"{name} is forgotten ({reports.count(session.reset(name), 'turn')}).")


def _stop(session: Session, name: str | None = None) -> None:
    stopped = session.stop(name)
    print(f"Stopped {reports.count(stopped, 'answer')}; the text so far is kept." if stopped else "Nothing to stop.")


def _wait(session: Session, *names: str) -> None:
    for name in names:
        if not session.variables.knows(name):
            raise InvalidInput(f"Nothing called {name!r} is being answered.")
    waited = sorted(session.variables.pending().intersection(names or session.variables.pending()))
    session.variables.wait(names or waited)
    print(f"Complete: {', '.join(waited)}." if waited else "Nothing to wait for.")


def _widget(session: Session, option: str = "--chat", name: str = MAIN) -> None:
    from IPython.display import display

    from ..chat.conversation import Chat
    from ..views.window import ChatWidget

    if option not in ("-c", "--chat"):
        raise InvalidInput("%edenchat widget takes --chat NAME.")
    display(ChatWidget(session.chats.setdefault(name, Chat())))  # type: ignore[no-untyped-call]


def _sandbox(session: Session, switch: str = "on") -> None:
    if switch not in ("on", "off"):
        raise InvalidInput("%edenchat sandbox takes on or off.")
    if switch == "on":
        stand_in.start()
        print("Answers now come from a local sandbox: no model is called and nothing is billed.")
    elif stand_in.stop():
        now = settings.resolve()
        print(f"The sandbox is off: questions go to {now.host}{'' if now.api_key else ', and no key is found'}.")
    else:
        print("No sandbox was on.")


def _login(session: Session) -> None:
    from .. import key_entry

    key_entry.login()


def _logout(session: Session) -> None:
    from .. import key_entry

    key_entry.logout()


def _doctor(session: Session, stream: str = "") -> None:
    from ..doctor import examine, verdict

    if stream not in ("", "stream"):
        raise InvalidInput("%edenchat doctor takes nothing, or stream to ask a model as well.")
    findings = []
    for finding in examine(stand_in.current_settings(), stream=bool(stream)):
        print(finding, flush=True)
        findings.append(finding)
    print(verdict(findings))


def _fix(session: Session, *words: str) -> None:
    raise InvalidInput("%edenchat fix stands at the start of its line.")  # the magic asks the question itself


def _help(session: Session) -> None:
    print(usage())


def _version(session: Session) -> None:
    from .. import __version__

    print(f"edenai_nb {__version__}")


COMMANDS = (
    Command(
        "config",
        _config,
        "[name=value …]",
        "show or change the settings of this session",
        meant=("settings", "setting", "set", "options", "configure", "setup"),
        values="setting",
    ),
    Command(
        "models",
        money_commands.models,
        "[WORD …] [--provider P] [--max-price X] [--supports vision,tools] [--eu] [--for 'N x TOKENS']",
        "the models with their prices (USD per million tokens), and what a job of so many questions would cost",
        meant=("list",),
        values=" ".join(money_commands.MODELS),
    ),
    Command(
        "cost",
        money_commands.cost,
        "[--by model] [--since 7d]",
        "what was billed in this session, today and this month, by model, chat, day or notebook",
        ("usage",),
        ("costs", "price", "prices", "bill", "billing", "balance", "credits", "spent", "tokens"),
        " ".join(money_commands.COST),
    ),
    Command("chats", _chats, "", "the conversations so far", meant=("conversations",)),
    Command("history", _history, "[NAME]", "what was said in a conversation", (), ("log", "messages", "show"), "chat"),
    Command(
        "pick",
        _pick,
        "MODEL [NAME]",
        "let a conversation go on after this model's answer to its last comparison",
        (),
        ("choose", "select", "prefer"),
        "model chat",
    ),
    Command("undo", _undo, "[NAME]", "take back the last turn of a conversation", (), ("back",), "chat"),
    Command(
        "reset", _reset, "[NAME]", "forget a conversation", ("clear",), ("forget", "delete", "restart", "new"), "chat"
    ),
    Command(
        "stop",
        _stop,
        "[NAME]",
        "stop what is being answered: a variable, a conversation, or everything",
        (),
        ("abort", "cancel", "interrupt", "kill", "exit", "quit"),
        "pending chat",
    ),
    Command("wait", _wait, "[NAME …]", "wait for these variables, or for everything", values="pending"),
    Command(
        "fix",
        _fix,
        "[N] [options]",
        "say why the last cell that failed, or cell N, did, and put the corrected one below; it is not run",
        meant=("mend", "repair", "error"),
    ),
    Command(
        "widget",
        _widget,
        "[--chat NAME]",
        "open a conversation in a chat window",
        ("chat",),
        ("window", "gui"),
        "--chat",
    ),
    Command(
        "sandbox",
        _sandbox,
        "[off]",
        "answer from a local stand-in for Eden AI: no key, no costs, canned replies",
        (),
        ("demo",),
        "on off",
    ),
    Command("login", _login, "", "enter your key, hidden", meant=("key", "signin", "auth")),
    Command("logout", _logout, "", "forget the key", meant=("signout",)),
    Command(
        "doctor",
        _doctor,
        "[stream]",
        "look at what stands between you and an answer",
        (),
        ("status", "check", "diagnose", "debug", "info"),
        "stream",
    ),
    Command("help", _help, "", "show this text", meant=("?", "h", "man")),
    Command("version", _version, "", "say which version this is", meant=("v",)),
)
NAMES = {name: command for command in COMMANDS for name in (command.name, *command.also)}
