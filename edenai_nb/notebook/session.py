"""What one kernel's magics remember: conversations, the cells' turns, pending names."""

from __future__ import annotations

from collections.abc import Hashable, MutableMapping
from typing import Any

from IPython.core.getipython import get_ipython

from .. import settings
from ..chat import Chat
from ..errors import InvalidInput
from ..turn import Turn
from .variables import Variables

MAIN = "main"  # the conversation that a prompt continues when none is named


class Session:
    """The conversations by name, and which turn belongs to which cell."""

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self.variables = Variables(namespace)
        self.chats: dict[str, Chat] = {}
        self._sandbox: Any = None
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

    def reset(self, name: str) -> None:
        """Stop and forget a conversation."""
        if name not in self.chats:
            raise InvalidInput(f"There is no conversation {name!r}; %edenchat chats lists them.")
        self.chats.pop(name).reset()

    def stop(self, name: str | None = None) -> None:
        """Stop what answers a variable, what goes on in a conversation, or everything."""
        if name is None:
            for chat, _ in list(self._turns.values()):
                chat.stop()
        elif (pending := self.variables.waits_for(name)) is not None:
            pending.stop()
        elif name in self.chats:
            self.chats[name].stop()
        else:
            raise InvalidInput(f"Nothing called {name!r} is being answered.")

    def start_sandbox(self) -> None:
        """Point this process at a local stand-in for Eden AI. Starting it twice changes nothing."""
        if self._sandbox is None:
            from ..sandbox import Sandbox

            self._sandbox = Sandbox()
            self._sandbox.start()
        settings.configure(base_url=self._sandbox.base_url, key=self._sandbox.key)

    def stop_sandbox(self) -> None:
        """Point this process at Eden AI again."""
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox = None
            settings.configure(base_url=None, key=None)

    @property
    def in_sandbox(self) -> bool:
        """True while answers come from the stand-in."""
        return self._sandbox is not None and settings.resolve().base_url == self._sandbox.base_url


def in_sandbox() -> bool:
    """True while this kernel's magics have pointed it at the stand-in."""
    shell = get_ipython()
    magics = shell.magics_manager.registry.get("EdenMagics") if shell else None
    return bool(magics and magics.session.in_sandbox)
