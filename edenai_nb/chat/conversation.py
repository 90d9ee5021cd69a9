"""A conversation: settings and turns."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import forks, messages, parameters
from .. import settings as _settings
from ..errors import InvalidInput
from ..messages import Message, Prompt
from ..money import dollars
from ..reply import Reply
from . import answers, history, journal, routing
from .branches import Branches
from .common_start import CommonStart
from .request import Request
from .stream import Stream
from .turn import Turn

if TYPE_CHECKING:
    from .dry_run import DryRun


class Chat:
    """A conversation with a model.

    `options` are settings (`api_key`, `base_url`, `model`, `connect_s`, …) and fields of the request
    (`temperature`, `max_tokens`, `fallbacks`, …); what is not given is resolved anew for every turn, so
    `%edenchat config` reaches conversations that are under way. `extra_body={…}` sends fields that are not known here.
    Raises InvalidInput for an option that is neither. Any thread may use it.

    A pickle, for files and other processes, holds its ended turns and no key; a copy is a `fork` with all branches.
    """

    def __init__(self, system: str | None = None, **options: Any) -> None:
        self.system: str | None = None
        self.options: dict[str, Any] = {}
        self._tree = Branches()
        self.name = ""  # under which it is booked
        self._id = uuid.uuid4().hex  # under which Eden AI keeps the conversation with one provider
        self._lock = threading.RLock()
        forks.remember(self)
        self._watchers: list[Callable[[], None]] = []
        self.set(system=system, **options)

    def set(self, **options: Any) -> None:
        """Change the system prompt (`system`) and the options from now on; None forgets one. Raises InvalidInput."""
        system = options.pop("system", self.system)
        if not isinstance(system, str | None):
            raise InvalidInput("system takes text.")
        chosen, params = _settings.split(routing.fold(options))
        _settings.check(chosen)
        parameters.read(params, _OPTIONS)
        self.system = system
        changed = {**self.options, **_settings.with_key_hidden(options)}
        self.options = {name: value for name, value in changed.items() if value is not None}

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {"system": self.system, "options": self.options, "tree": self._tree.copy()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["system"], **state["options"])  # type: ignore[misc]
        self._tree = state["tree"]

    def __copy__(self) -> Chat:
        other = Chat(self.system, **self.options)
        with self._lock:
            other._tree = self._tree.copy()
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> Chat:
        return self.__copy__()  # turns that have ended do not change, those that run are one and the same

    def after_fork(self) -> None:
        """Leave who watches to the process that this one was forked from."""
        # Who watches is a window of the other process, and its lines to the front end are not ours.
        self._lock, self._watchers = threading.RLock(), []

    def __repr__(self) -> str:
        return f"<Chat, {len(self.turns)} turns, {dollars(self.cost)}>"

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Every turn of the conversation as it stands, also those that stopped or failed."""
        with self._lock:
            return self._tree.path

    @property
    def messages(self) -> list[Message]:
        """What the model will be told next time: failed turns left out, stopped ones with the text shown."""
        return history.told(self.system, self.turns)

    @property
    def cost(self) -> float:
        """USD, as billed for the turns so far. A turn whose cost is not known counts as 0."""
        return sum(turn.reply.cost or 0.0 for turn in self.turns)

    @property
    def busy(self) -> bool:
        """True while a turn is being answered, in whatever branch."""
        return any(not turn.done for turn in self._all_turns())

    def ask(self, prompt: Prompt, **options: Any) -> Reply:
        """Send, wait, and return the Reply. Raises the EdenError that ended it."""
        return self.send(prompt, **options).wait()

    def send(
        self,
        prompt: Prompt,
        *,
        replace: Turn | None = None,
        branch_from: Turn | None = None,
        start: CommonStart | None = None,
        **options: Any,
    ) -> Turn:
        """Send a prompt and return its Turn at once: text, content parts, or messages as the OpenAI SDK takes them.

        It is sent when the turn before it has ended. `replace` is an earlier turn whose place it takes:
        that one is stopped and forgotten, and the later ones stay. `branch_from` is an earlier turn that is asked
        again: that one and the later ones stay as a branch (see `branches`). `start` lets it
        begin with others. Raises InvalidInput or SecretsFound before anything is sent; a turn that may cost too much
        fails with BudgetExceeded, and sends nothing.
        """
        messages.check(prompt)
        asked = self._request(prompt, history.system_messages(self.system), options)
        asked.check()
        with self._lock:
            path = self._tree.path
            at = next((turn for turn in (replace, branch_from) if turn in path), None)
            place = path.index(at) if at else len(path)
            opener = partial(self._open, asked, answers.current_run(), start)
            turn = Turn(prompt, opener, after=path[place - 1] if place else None)
            if at is not None and at is replace:
                self._tree.replace(at, turn)
            else:
                self._tree.add(turn, place)
        if replace is not None:
            replace.stop()
        self._notify()
        return turn

    def request(self, prompt: Prompt, **options: Any) -> Request:
        """What `send` would send now, without sending it. Raises InvalidInput."""
        messages.check(prompt)
        return self._request(prompt, history.told(self.system, self.turns, prompt), options)

    def dry_run(self, prompt: Prompt, **options: Any) -> DryRun:
        """What `send` would send, what it may cost and why it would be refused; sends nothing. Raises InvalidInput."""
        from .dry_run import dry_run  # not with %load_ext

        return dry_run(self.request(prompt, **options))

    def stop(self) -> None:
        """Stop every turn that is being answered or waits for its place."""
        # The last first: a waiting one must not start when the turn before it ends.
        for turn in reversed(self._all_turns()):
            turn.stop()

    def remove(self, turn: Turn) -> None:
        """Stop this turn and forget it; the others stay."""
        with self._lock:
            self._tree.remove(turn)
        turn.stop()
        self._notify()

    def branches(self, turn: Turn | None = None) -> tuple[Turn, ...]:
        """The turns that were asked in this one's place, itself among them; without a turn, those that begin."""
        with self._lock:
            return self._tree.siblings(turn)

    def switch_to(self, turn: Turn | None) -> None:
        """Continue in the branch of this turn; None begins an empty one. Nothing is forgotten, nothing stops."""
        with self._lock:
            self._tree.switch_to(turn)
        self._notify()

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
        for turn in reversed(self._all_turns()):
            self.remove(turn)

    def resume(self, turns: Sequence[Turn]) -> None:
        """Go on after these turns, which have ended, in place of those that it has."""
        self._tree = Branches(tuple(turns))
        self._notify()

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

    def position_of(self, turn: Turn) -> int | None:
        """The place of this turn, counted from 1; None if it is not in this conversation."""
        turns = self.turns
        return turns.index(turn) + 1 if turn in turns else None

    def _request(self, prompt: Prompt, before: Sequence[Message], options: Mapping[str, Any]) -> Request:
        chosen, params = _settings.split(routing.fold({**self.options, **options}))
        params = parameters.read(params, _OPTIONS)
        return Request(
            _settings.resolve(**chosen), (*before, *messages.as_messages(prompt)), params, self._id, self.name
        )

    def _open(self, asked: Request, run: answers.Run, start: CommonStart | None, turn: Turn) -> Stream:
        """Ask, now that the turn before has ended and what the model is to be told is known."""
        request = replace(asked, messages=(*self._before(turn), *messages.as_messages(turn.prompt)))
        turn.digest = request.digest
        if request.settings.keep and (kept := answers.kept_stream(request, run, turn)):
            return kept
        stream, path = _send(request, turn, start), request.settings.journal
        return journal.record(stream, turn, path, **self._context(turn)) if path else stream

    def _before(self, turn: Turn) -> list[Message]:
        with self._lock:
            before = history.told(self.system, self._tree.ancestors(turn), turn.prompt)
        if messages.answered_ids(messages.as_messages(turn.prompt)) - history.open_calls(before):
            raise InvalidInput("The first message answers no tool call of the turn before; nothing was sent.")
        return before

    def _context(self, turn: Turn) -> dict[str, Any]:
        """What a journal tells about the question besides its words."""
        with self._lock:
            before = self._tree.ancestors(turn)
        return {"after": before[-1].id if before else None, "system": self.system}

    def _all_turns(self) -> tuple[Turn, ...]:
        with self._lock:
            return self._tree.turns

    def _notify(self) -> None:
        for watcher in list(self._watchers):
            watcher()


_OPTIONS = _settings.NAMES | routing.OPTIONS | {"system"}


def ask(prompt: Prompt, *more: Any, system: str | None = None, **options: Any) -> Reply:
    """One question, without a conversation: text, content parts or messages. See `Chat` for the options."""
    if more:
        raise InvalidInput("ask takes the prompt alone; name the rest, as in model='openai/gpt-5-mini'.")
    return Chat(system, **options).ask(prompt)


def _send(request: Request, turn: Turn, start: CommonStart | None) -> Stream:
    """The answer of the server, once what it may cost is set aside."""
    from ..api.client import Client  # %load_ext must not wait for HTTP: nothing is sent yet
    from ..api.stream import DeltaStream
    from .reservation import Reservation

    client = Client(request.settings)
    client.check()
    reservation = Reservation(request, client)
    turn.remark = reservation.remark
    turn.on_end(lambda turn: reservation.settle(turn.reply))
    if start:
        start.wait(client, turn)
    return DeltaStream(client, request.body, request.headers)
