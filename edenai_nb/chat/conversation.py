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
from . import answers, files, history, journal, opening, routing, wanted
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
    (`temperature`, `max_tokens`, `fallbacks`, …). Settings that are not given are resolved anew for every turn, so
    `%edenchat config` also affects existing conversations. `extra_body={…}` sends fields that are not known here.
    Raises InvalidInput for an option that is neither. Any thread may use it.

    A pickle holds the turns that have ended, and no API key. A copy is like a `fork`, but with all branches.
    """

    def __init__(self, system: str | None = None, **options: Any) -> None:
        self.system: str | None = None
        self.options: dict[str, Any] = {}
        self._tree = Branches()
        self.name = ""  # the chat's name in the ledger
        self._id = uuid.uuid4().hex  # the session id by which Eden AI keeps the conversation with one provider
        self._lock = threading.RLock()
        forks.remember(self)
        self._watchers: list[Callable[[], None]] = []
        self.set(system=system, **options)

    def set(self, **options: Any) -> None:
        """Change the system prompt (`system`) and options for later turns; None unsets one. Raises InvalidInput."""
        system = options.pop("system", self.system)
        if not isinstance(system, str | None):
            raise InvalidInput("system takes text.")
        chosen, params = _settings.split(routing.fold(wanted.split(options)[1]))
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
        return self.__copy__()  # ended turns do not change, running ones cannot be copied

    def after_fork(self) -> None:
        """Drop the watchers: they are windows of the parent process, whose channels this one must not use."""
        self._lock, self._watchers = threading.RLock(), []

    def __repr__(self) -> str:
        return f"<Chat, {len(self.turns)} turns, {dollars(self.cost)}>"

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns of the current branch, those that were stopped or failed included."""
        with self._lock:
            return self._tree.path

    @property
    def messages(self) -> list[Message]:
        """The history that the next request begins with: without failed turns, stopped ones with their partial text."""
        return history.told(self.system, self.turns)

    @property
    def cost(self) -> float:
        """USD billed for the turns of the current branch. A turn whose cost is unknown counts as 0."""
        return sum(turn.reply.cost or 0.0 for turn in self.turns)

    @property
    def busy(self) -> bool:
        """True while a turn of any branch is being answered."""
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
        """Return a Turn at once; the prompt is text, content parts, or messages as in the OpenAI SDK.

        It is sent when the turn before it has ended. `replace`: an earlier turn that the new one replaces; that
        one is stopped and removed, later ones stay. `branch_from`: an earlier turn in whose place a new branch
        begins; that one and the later ones stay in theirs (see `branches`). `start`: a barrier, so that several
        turns start together. `images` and `files` (in `options`) go along: paths, addresses, figures, bytes, or lists
        of them. Raises InvalidInput or SecretsFound before anything is sent; a turn that may cost too
        much sends nothing and fails with BudgetExceeded.
        """
        beside, options = files.split(options)
        prompt = files.attached(prompt, **beside)
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
        """The Request that `send` would send now; sends nothing. Raises InvalidInput."""
        beside, options = files.split(options)
        prompt = files.attached(prompt, **beside)
        messages.check(prompt)
        return self._request(prompt, history.told(self.system, self.turns, prompt), options)

    def dry_run(self, prompt: Prompt, **options: Any) -> DryRun:
        """What `send` would send, its estimated cost and why it may be refused; sends nothing. Raises InvalidInput."""
        from .dry_run import dry_run  # not with %load_ext

        return dry_run(self.request(prompt, **options))

    def stop(self) -> None:
        """Stop every turn that is being answered or is queued."""
        # The last one first: a queued turn must not start when the one before it ends.
        for turn in reversed(self._all_turns()):
            turn.stop()

    def remove(self, turn: Turn) -> None:
        """Stop this turn and remove it; the others stay."""
        with self._lock:
            self._tree.remove(turn)
        turn.stop()
        self._notify()

    def branches(self, turn: Turn | None = None) -> tuple[Turn, ...]:
        """The alternatives to this turn, itself included; without a turn, all first turns."""
        with self._lock:
            return self._tree.siblings(turn)

    def switch_to(self, turn: Turn | None) -> None:
        """Make the branch of this turn the current one; None begins an empty one. Nothing is removed or stopped."""
        with self._lock:
            self._tree.switch_to(turn)
        self._notify()

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback()` after turns were added or removed, on any thread. Returns a function that unsubscribes."""
        self._watchers.append(callback)
        return partial(self._watchers.remove, callback)

    def undo(self) -> Turn | None:
        """Stop and remove the last turn; returns it, None if there is none."""
        last = self.turns[-1:]
        for turn in last:
            self.remove(turn)
        return last[0] if last else None

    def reset(self) -> None:
        """Stop and remove every turn of every branch; system prompt and options stay."""
        for turn in reversed(self._all_turns()):
            self.remove(turn)

    def resume(self, turns: Sequence[Turn]) -> None:
        """Replace all turns by these, which have ended, and continue after them."""
        self._tree = Branches(tuple(turns))
        self._notify()

    def fork(self) -> Chat:
        """An independent Chat that begins with the turns of the current branch."""
        other = Chat(self.system, **self.options)
        other._tree = Branches(self.turns)
        return other

    def save(self, path: str) -> None:
        """Write the current branch to a file of JSON Lines, without settings. An existing file is replaced.

        Raises InvalidInput if the file cannot be written.
        """
        journal.write(path, self.turns, system=self.system)

    @classmethod
    def load(cls, path: str, **options: Any) -> Chat:
        """The conversation from a file of `save`, or the last one in a journal, with these options.

        A turn that was being answered when its kernel ended has failed, and holds the text that had arrived. Raises
        InvalidInput if the file cannot be read or holds no conversation.
        """
        entries = journal.last_conversation(journal.read(path))
        chat = cls(entries[-1].asked.get("system"), **options)
        chat._tree = Branches(tuple(entry.turn for entry in entries))
        return chat

    def position_of(self, turn: Turn) -> int | None:
        """The position of this turn in the current branch, counted from 1; None if it is not in it."""
        turns = self.turns
        return turns.index(turn) + 1 if turn in turns else None

    def _request(self, prompt: Prompt, before: Sequence[Message], options: Mapping[str, Any]) -> Request:
        schema, others = wanted.split({**self.options, **options})
        chosen, params = _settings.split(routing.fold(others))
        params = parameters.read(params, _OPTIONS)
        told = (*before, *messages.as_messages(prompt))
        return Request(_settings.resolve(**chosen), told, params, self._id, self.name, schema)

    def _open(self, asked: Request, run: answers.Run, start: CommonStart | None, turn: Turn) -> Stream:
        """Send the request; called when the turn before has ended, since its answer is part of the history."""
        request = replace(asked, messages=(*self._before(turn), *messages.as_messages(turn.prompt)))
        turn.digest = request.digest
        stream, path = opening.stream(request, run, start, turn), request.settings.journal
        return journal.record(stream, turn, path, **self._context(turn)) if path else stream

    def _before(self, turn: Turn) -> list[Message]:
        with self._lock:
            before = history.told(self.system, self._tree.ancestors(turn), turn.prompt)
        if messages.answered_ids(messages.as_messages(turn.prompt)) - history.open_calls(before):
            raise InvalidInput("The first message answers no tool call of the turn before; nothing was sent.")
        return before

    def _context(self, turn: Turn) -> dict[str, Any]:
        """What the journal records of a question besides the prompt."""
        with self._lock:
            before = self._tree.ancestors(turn)
        return {"after": before[-1].id if before else None, "system": self.system}

    def _all_turns(self) -> tuple[Turn, ...]:
        with self._lock:
            return self._tree.turns

    def _notify(self) -> None:
        for watcher in list(self._watchers):
            watcher()


_OPTIONS = _settings.NAMES | routing.OPTIONS | wanted.OPTIONS | {"system"}


def ask(prompt: Prompt, *more: Any, system: str | None = None, **options: Any) -> Reply:
    """Ask one question, outside of any conversation, and wait for the Reply. Prompt and options as for `Chat.send`."""
    if more:
        raise InvalidInput("ask takes the prompt alone; name the rest, as in model='openai/gpt-5-mini'.")
    beside, options = files.split(options)
    return Chat(system, **options).ask(prompt, **beside)
