"""A conversation: settings and turns."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from . import credentials, forks, journal
from . import settings as _settings
from .api.client import connect
from .branches import Branches
from .errors import InvalidInput, SecretsFound
from .reply import Reply
from .spending import Bill
from .turn import Stream, Turn

Message = dict[str, Any]  # {"role": …, "content": …}, as on the wire


class Chat:
    """A conversation with a model.

    `options` are settings (`api_key`, `base_url`, `model`, `connect_s`, …) and fields of the request
    (`temperature`, `max_tokens`, `fallbacks`, …); what is not given is resolved anew for every turn, so
    `%edenchat config` reaches conversations that are under way. Any thread may use it.
    """

    def __init__(self, system: str | None = None, **options: Any) -> None:
        self.system = system
        self.options = _settings.hidden(options)
        self._tree = Branches()
        self._lock = threading.RLock()
        forks.remember(self)
        self._watchers: list[Callable[[], None]] = []

    def after_fork(self) -> None:
        # Who watches is a window of the other process, and its lines to the front end are not ours.
        self._lock, self._watchers = threading.RLock(), []

    def __repr__(self) -> str:
        return f"<Chat, {len(self.turns)} turns, ${self.cost:.4f}>"

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Every turn of the conversation as it stands, also those that stopped or failed."""
        with self._lock:
            return self._tree.path

    @property
    def messages(self) -> list[Message]:
        """What the model will be told next time: failed turns left out, stopped ones with the text shown."""
        return self._messages(self.turns)

    @property
    def cost(self) -> float:
        """USD, as billed for the turns so far. A turn whose cost is not known counts as 0."""
        return sum(turn.reply.cost or 0.0 for turn in self.turns)

    @property
    def busy(self) -> bool:
        """True while a turn is being answered, in whatever branch."""
        return any(not turn.done for turn in self._everywhere())

    def ask(self, prompt: str | list[dict[str, Any]], **options: Any) -> Reply:
        """Send, wait, and return the Reply. Raises the EdenError that ended it."""
        return self.send(prompt, **options).wait()

    def send(
        self,
        prompt: str | list[dict[str, Any]],
        *,
        replace: Turn | None = None,
        beside: Turn | None = None,
        **options: Any,
    ) -> Turn:
        """Send a prompt (text, or the contract's list of content parts) and return its Turn at once.

        It is sent when the turn before it has ended. `replace` is an earlier turn whose place it takes:
        that one is stopped and forgotten, and the later ones stay. `beside` is an earlier turn that is asked
        again: that one and the later ones stay as a branch (see `branches`). Raises InvalidInput or SecretsFound before
        anything is sent; a turn that may cost too much fails with BudgetExceeded, and sends nothing.
        """
        if not prompt or (isinstance(prompt, str) and not prompt.strip()):
            raise InvalidInput("The prompt is empty: nothing was sent.")
        chosen, params = _settings.split({**self.options, **options})
        settings = _settings.resolve(**chosen)
        client = connect(settings)
        client.check()
        if not settings.allow_secrets:
            _hold_back_secrets(prompt, self.system)

        def open_stream(turn: Turn) -> Stream:
            messages = [*self._before(turn), {"role": "user", "content": prompt}]
            bill = Bill(settings)
            bill.open(client, messages, params)
            turn.on_end(lambda ended: bill.close(ended.reply))
            stream = client.stream(messages, **params)
            return journal.keep(stream, turn, settings.journal, **self._asked(turn)) if settings.journal else stream

        with self._lock:
            path = self._tree.path
            at = next((turn for turn in (replace, beside) if turn in path), None)
            place = path.index(at) if at else len(path)
            turn = Turn(prompt, open_stream, after=path[place - 1] if place else None)
            if at is not None and at is replace:
                self._tree.replace(at, turn)
            else:
                self._tree.add(turn, place)
        if replace is not None:
            replace.stop()
        self._changed()
        return turn

    def stop(self) -> None:
        """Stop every turn that is being answered or waits for its place."""
        # The last first: a waiting one must not start when its forerunner ends.
        for turn in reversed(self._everywhere()):
            turn.stop()

    def remove(self, turn: Turn) -> None:
        """Stop this turn and forget it; the others stay."""
        with self._lock:
            self._tree.remove(turn)
        turn.stop()
        self._changed()

    def branches(self, turn: Turn | None = None) -> tuple[Turn, ...]:
        """The turns that were asked in this one's place, itself among them; without a turn, those that begin."""
        with self._lock:
            return self._tree.beside(turn)

    def walk(self, turn: Turn | None) -> None:
        """Continue in the branch of this turn; None begins an empty one. Nothing is forgotten, nothing stops."""
        with self._lock:
            self._tree.walk(turn)
        self._changed()

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback()`, on whichever thread, after turns have come or gone. Returns what takes it back."""
        self._watchers.append(callback)
        return partial(self._watchers.remove, callback)

    def undo(self) -> Turn | None:
        """Forget the last turn, and return it."""
        last = self.turns[-1:]
        for turn in last:
            self.remove(turn)
        return last[0] if last else None

    def reset(self) -> None:
        """Stop and forget every turn of every branch; system prompt and options stay."""
        for turn in reversed(self._everywhere()):
            self.remove(turn)

    def fork(self) -> Chat:
        """Another Chat that begins with the same turns and goes its own way."""
        other = Chat(self.system, **self.options)
        other._tree = Branches(self.turns)
        return other

    def save(self, path: str) -> None:
        """Write the conversation as it stands to a file of JSON Lines, without settings. One that is there is replaced.

        Raises InvalidInput if the file cannot be written.
        """
        journal.write(path, self.turns, system=self.system)

    @classmethod
    def load(cls, path: str, **options: Any) -> Chat:
        """The conversation in a file of `save`, or the last one in a journal, with these options.

        What was still being answered when its kernel ended has failed, with the text that had arrived. Raises
        InvalidInput if there is no such file, or no conversation in it.
        """
        entries = journal.last_conversation(journal.read(path))
        chat = cls(entries[-1].asked.get("system"), **options)
        chat._tree = Branches(tuple(entry.turn for entry in entries))
        return chat

    def number(self, turn: Turn) -> int | None:
        """The place of this turn, counted from 1; None if it is not in this conversation."""
        turns = self.turns
        return turns.index(turn) + 1 if turn in turns else None

    def _before(self, turn: Turn) -> list[Message]:
        with self._lock:
            return self._messages(self._tree.leading_to(turn))

    def _asked(self, turn: Turn) -> dict[str, Any]:
        """What a journal tells about the question besides its words."""
        with self._lock:
            before = self._tree.leading_to(turn)
        return {"after": before[-1].id if before else None, "system": self.system}

    def _everywhere(self) -> tuple[Turn, ...]:
        with self._lock:
            return self._tree.turns

    def _changed(self) -> None:
        for watcher in list(self._watchers):
            watcher()

    def _messages(self, turns: Iterable[Turn]) -> list[Message]:
        messages: list[Message] = [{"role": "system", "content": self.system}] if self.system else []
        for turn in turns:
            if turn.done and not turn.reply.error and (turn.reply or turn.reply.tool_calls):
                messages.append({"role": "user", "content": turn.prompt})
                messages.append(_answer(turn.reply))
        return messages


def _hold_back_secrets(prompt: str | list[dict[str, Any]], system: str | None) -> None:
    texts = [prompt] if isinstance(prompt, str) else [str(part.get("text", "")) for part in prompt]
    for text in (*texts, system or ""):
        for name, line in credentials.scan(text):
            raise SecretsFound(
                f"Not sent: line {line} seems to hold {name}. Take it out, or send it anyway with --allow-secrets "
                "(allow_secrets=True)."
            )


def ask(prompt: str | list[dict[str, Any]], *, system: str | None = None, **options: Any) -> Reply:
    """One question, without a conversation. See `Chat` for the options."""
    return Chat(system, **options).ask(prompt)


def _answer(reply: Reply) -> Message:
    message: Message = {"role": "assistant", "content": str(reply) or None}
    if reply.tool_calls:
        message["tool_calls"] = [dict(call) for call in reply.tool_calls]
    return message
