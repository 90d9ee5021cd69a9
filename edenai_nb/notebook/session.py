"""What one kernel's magics remember: conversations, the cells' turns, pending names."""

from __future__ import annotations

from collections.abc import Hashable, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from ..chat.compare import Comparison, compare_in
from ..chat.conversation import Chat
from ..chat.running import stop_all
from ..chat.turn import Turn
from ..errors import InvalidInput
from ..messages import Prompt
from .variables import Variables

if TYPE_CHECKING:
    from ..chat.dry_run import DryRun

MAIN = "main"  # the conversation that a prompt continues when none is named


class Session:
    """The conversations by name, and which turn belongs to which cell."""

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self.variables = Variables(namespace)
        self.chats: dict[str, Chat] = {}
        self.used: set[str] = set()  # the models that have answered
        self._compared: dict[str, Comparison] = {}  # the last one of each conversation
        self._by_cell: dict[Hashable, tuple[Chat, tuple[Turn, ...]]] = {}

    def send(
        self,
        prompt: Prompt,
        *,
        cell: Hashable,
        chat: str | None,
        new: bool = False,
        models: Sequence[str] = (),
        **options: Any,
    ) -> Turn | Comparison:
        """Send a prompt to the conversation of this name, or to none; to several models for a Comparison.

        A cell that is run again replaces its own turns, wherever they were; `cell` is None where cells have no
        identity. `system` in `options` holds for the conversation from now on. Raises InvalidInput or MissingKey.
        """
        conversation = Chat() if chat is None or new else self.chats.get(chat, Chat())
        conversation.name = chat or ""
        earlier_in, earlier = self._by_cell.get(cell, (None, ()))
        if (system := options.pop("system", None)) is not None:
            conversation.system = system
        place = _place_of(earlier, conversation) if earlier_in is conversation else None
        sent: Turn | Comparison
        if len(models) > 1:
            sent = self._compared[chat or ""] = compare_in(conversation, prompt, models, replace=place, **options)
        else:
            sent = conversation.send(prompt, replace=place, **options)
        for old in earlier:
            if earlier_in is not None and old is not place:
                earlier_in.remove(old)
        self._remember(cell, conversation, tuple(sent.turns.values()) if isinstance(sent, Comparison) else (sent,))
        if chat is not None:
            self.chats[chat] = conversation
        return sent

    def continue_with(self, model: str, chat: str) -> None:
        """Let a conversation go on after the answer of this model to its last comparison. Raises InvalidInput."""
        if chat not in self._compared:
            raise InvalidInput(f"Nothing was compared in {chat!r}: ask with -m twice or more.")
        self._compared[chat].continue_with(model)

    def dry_run(self, prompt: Prompt, *, chat: str | None, new: bool = False, **options: Any) -> DryRun:
        """What `send` would send. Changes nothing. Raises InvalidInput."""
        conversation = (Chat() if chat is None or new else self.chats.get(chat, Chat())).fork()
        if (system := options.pop("system", None)) is not None:
            conversation.system = system
        return conversation.dry_run(prompt, **options)

    def _remember(self, cell: Hashable, chat: Chat, turns: tuple[Turn, ...]) -> None:
        for turn in turns:
            turn.on_end(lambda ended: self.used.add(ended.reply.model or ""))
        # Where cells have no identity, turns are their own: nobody asks for them by their cell once they have ended.
        self._by_cell = {
            key: (chat, old)
            for key, (chat, old) in self._by_cell.items()
            if key is not old or not all(turn.done for turn in old)
        }
        self._by_cell[turns if cell is None else cell] = chat, turns

    def position_of(self, turn: Turn) -> int | None:
        """The turn's place in its named conversation, counted from 1; None for a question outside of any."""
        return next((number for chat in self.chats.values() if (number := chat.position_of(turn))), None)

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
            chats = dict.fromkeys([*self.chats.values(), *(chat for chat, _ in self._by_cell.values())])
            return sum(map(_stop, chats)) + stop_all()
        if (pending := self.variables.waits_for(name)) is not None:
            stopped = not pending.done
            pending.stop()
            return int(stopped)
        if name in self.chats:
            return _stop(self.chats[name])
        raise InvalidInput(f"Nothing called {name!r} is being answered.")


def _place_of(turns: Sequence[Turn], chat: Chat) -> Turn | None:
    """The turn among these that is on the conversation's current path, or the first."""
    return next((turn for turn in turns if turn in chat.turns), turns[0] if turns else None)


def _stop(chat: Chat) -> int:
    running = sum(not turn.done for turn in chat.turns)
    chat.stop()
    return running
