"""What one kernel's magics remember: conversations, the cells' turns, pending names."""

from __future__ import annotations

import threading
from collections.abc import Hashable, MutableMapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from IPython.core.getipython import get_ipython

from .. import settings
from ..chat import Chat
from ..errors import InvalidInput
from ..reply import Reply
from ..settings import Settings
from ..turn import Turn
from .variables import Variables

MAIN = "main"  # the conversation that a prompt continues when none is named
_SANDBOX_SETS = ("base_url", "api_key")


@dataclass(frozen=True)
class Use:
    """What one model has answered: how often, USD as billed, and tokens of prompts and answers."""

    answers: int = 0
    tokens: int = 0
    cost: float = 0.0

    def and_(self, reply: Reply) -> Use:
        tokens = reply.usage.total_tokens if reply.usage else 0
        return Use(self.answers + 1, self.tokens + tokens, self.cost + (reply.cost or 0.0))


class Session:
    """The conversations by name, and which turn belongs to which cell."""

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self.variables = Variables(namespace)
        self.chats: dict[str, Chat] = {}
        self.used: dict[tuple[str, bool], Use] = {}  # by model, and whether it was the sandbox's
        self._lock = threading.Lock()
        self._sandbox: Any = None
        self._before_sandbox: dict[str, Any] = {}  # what configure() had said
        self._turns: dict[Hashable, tuple[Chat, Turn]] = {}

    def send(self, prompt: str, *, cell: Hashable, chat: str | None, new: bool = False, **options: Any) -> Turn:
        """Send a prompt to the conversation of this name, or to none.

        A cell that is run again replaces its own turn, wherever that was; `cell` is None where cells have no
        identity. `system` in `options` holds for the conversation from now on. Raises InvalidInput or MissingKey.
        """
        conversation = Chat() if chat is None or new else self.chats.get(chat, Chat())
        earlier_in, earlier = self._turns.get(cell, (None, None))
        if (system := options.pop("system", None)) is not None:
            conversation.system = system
        turn = conversation.send(prompt, replace=earlier if earlier_in is conversation else None, **options)
        in_sandbox = self.in_sandbox
        turn.on_end(lambda ended: self._count(ended.reply, in_sandbox))
        if earlier and earlier_in is not None and earlier_in is not conversation:
            earlier_in.remove(earlier)
        if chat is not None:
            self.chats[chat] = conversation
        self._remember(turn if cell is None else cell, conversation, turn)
        return turn

    def _remember(self, cell: Hashable, chat: Chat, turn: Turn) -> None:
        # Where cells have no identity, a turn is its own: nobody will ask for it by its cell once it has ended.
        self._turns = {key: one for key, one in self._turns.items() if key is not one[1] or not one[1].done}
        self._turns[cell] = chat, turn

    def number(self, turn: Turn) -> int | None:
        """The turn's place in its named conversation, counted from 1; None for a question outside of any."""
        return next((number for chat in self.chats.values() if (number := chat.number(turn))), None)

    def _count(self, reply: Reply, in_sandbox: bool) -> None:
        with self._lock:  # turns end on their own threads
            key = reply.model or "unknown", in_sandbox
            self.used[key] = self.used.get(key, Use()).and_(reply)

    def chat(self, name: str) -> Chat:
        """The conversation of this name. Raises InvalidInput where there is none."""
        if name not in self.chats:
            raise InvalidInput(f"There is no conversation {name!r}; %edenchat chats lists them.")
        return self.chats[name]

    def reset(self, name: str) -> int:
        """Stop and forget a conversation; returns how many turns it had."""
        chat = self.chat(name)
        turns = len(chat.turns)
        self.chats.pop(name).reset()
        return turns

    def stop(self, name: str | None = None) -> int:
        """Stop what answers a variable, what goes on in a conversation, or everything; returns how many turns."""
        if name is None:
            return sum(map(_stop, dict.fromkeys([*self.chats.values(), *(chat for chat, _ in self._turns.values())])))
        if (pending := self.variables.waits_for(name)) is not None:
            stopped = not pending.done
            pending.stop()
            return int(stopped)
        if name in self.chats:
            return _stop(self.chats[name])
        raise InvalidInput(f"Nothing called {name!r} is being answered.")

    @property
    def settings(self) -> Settings:
        """The settings in force; what the sandbox has set says so."""
        now = settings.resolve()
        if not self.in_sandbox:
            return now
        return replace(now, origins={**now.origins, **dict.fromkeys(_SANDBOX_SETS, "sandbox")})

    def start_sandbox(self) -> None:
        """Point this process at a local stand-in for Eden AI. Starting it twice changes nothing."""
        if self._sandbox is None:
            from ..sandbox import Sandbox

            now = settings.resolve()
            self._before_sandbox = {
                name: getattr(now, name) for name in _SANDBOX_SETS if now.origins.get(name) == "configure()"
            }
            self._sandbox = Sandbox()
            self._sandbox.start()
        settings.configure(base_url=self._sandbox.base_url, api_key=self._sandbox.key)

    def stop_sandbox(self) -> bool:
        """Point this process again at what it asked before. False if no sandbox was on."""
        if self._sandbox is None:
            return False
        self._sandbox.stop()
        self._sandbox = None
        settings.configure(**{**dict.fromkeys(_SANDBOX_SETS), **self._before_sandbox})
        return True

    @property
    def in_sandbox(self) -> bool:
        """True while answers come from the stand-in."""
        return self._sandbox is not None and settings.resolve().base_url == self._sandbox.base_url


def _stop(chat: Chat) -> int:
    running = sum(not turn.done for turn in chat.turns)
    chat.stop()
    return running


@cache
def _without_magics() -> Session:
    return Session({})


def current() -> Session:
    """What this kernel's magics remember; where they are not loaded, what windows need of it."""
    shell = get_ipython()
    magics = shell.magics_manager.registry.get("EdenMagics") if shell else None
    return magics.session if magics else _without_magics()


def in_sandbox() -> bool:
    """True while this kernel is pointed at the stand-in by its magics or by a chat window."""
    return current().in_sandbox
