"""Asks several models the same question at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from ..errors import EdenError, Interrupted, InvalidInput
from ..messages import Prompt
from ..reply import Reply
from . import files
from .awaited import Awaited
from .common_start import CommonStart
from .conversation import Chat
from .turn import Turn


class Replies(dict[str, Reply]):
    """A dict from model name, as given, to Reply. The Reply of a model that failed has an `error`."""

    def frame(self) -> Any:
        """A pandas DataFrame with one row per model; unknown values are missing."""
        import pandas as pd  # type: ignore[import-untyped]

        return pd.DataFrame([_row(reply) for reply in self.values()], index=pd.Index(self, name="asked"))


class Comparison(Awaited[Replies]):
    """A question that several models answer at once; `turns` is a dict from model name, as given, to Turn.

    Turns stop and fail independently. In a conversation they are branches at the same place, and the first one is
    current until `continue_with`.
    """

    def __init__(self, chat: Chat, turns: Mapping[str, Turn]) -> None:
        self.turns = dict(turns)
        self._chat = chat
        self._lock = threading.Lock()
        self._running = len(self.turns)
        self._ended = threading.Event()
        self._callbacks: list[Callable[[Comparison], None]] = []
        for turn in self.turns.values():
            turn.on_end(self._one_ended)

    def __repr__(self) -> str:
        return f"<Comparison, {', '.join(f'{name} {turn.state}' for name, turn in self.turns.items())}>"

    @property
    def done(self) -> bool:
        """Whether all turns have ended."""
        return self._running == 0

    @property
    def value(self) -> Replies:
        """The replies so far."""
        return Replies({name: turn.reply for name, turn in self.turns.items()})

    @property
    def error(self) -> Exception | None:
        """The first model's error if all have failed, else None."""
        found = [turn.error for turn in self.turns.values()]
        return found[0] if all(found) else None

    @property
    def elapsed(self) -> float:
        """Seconds the slowest turn took, or has taken so far."""
        return max(turn.elapsed for turn in self.turns.values())

    def __getitem__(self, name: str) -> Reply:
        """Wait for this model's reply. Raises the EdenError that ended it; InvalidInput for a model not asked."""
        return self._turn(name).wait()

    def frame(self) -> Any:
        """Wait for all turns, then `Replies.frame`."""
        return self.wait().frame()

    def stop(self) -> None:
        """Stop all turns; the texts so far are kept."""
        for turn in self.turns.values():
            turn.stop()

    def wait(self, timeout: float | None = None) -> Replies:
        """The replies when all turns have ended, or as they are after `timeout` seconds.

        Raises an EdenError only if all have failed. A KeyboardInterrupt stops all and is raised as Interrupted.
        """
        until = None if timeout is None else time.monotonic() + timeout
        try:
            for turn in self.turns.values():
                with suppress(EdenError):
                    turn.wait(None if until is None else max(0.0, until - time.monotonic()))
        except (Interrupted, KeyboardInterrupt):
            self.stop()
            raise
        return self._outcome()

    def continue_with(self, name: str) -> None:
        """Continue the conversation after this model's answer. Raises InvalidInput for a model that was not asked."""
        self._chat.switch_to(self._turn(name))

    def on_end(self, callback: Callable[[Comparison], None]) -> None:
        """Call `callback(comparison)` when all have ended, on the last turn's thread; at once if they already have."""
        with self._lock:
            if not self.done:
                self._callbacks.append(callback)
                return
        callback(self)

    def on_update(self, callback: Callable[[Turn], None]) -> None:
        """Call `callback(turn)` whenever a reply has grown. It must be quick, as it delays the stream."""
        for turn in self.turns.values():
            turn.on_update(callback)

    def show(self, into: Any = None) -> Any:
        """Show it live in this cell's output, or into an `ipywidgets.HTML()` or `.Output()`."""
        import edenai_nb  # the front door: views live in the Jupyter room, which this room must not know

        return edenai_nb.show(self, into)

    def _outcome(self) -> Replies:
        if self.done and (error := self.error):
            raise error.with_traceback(None)
        return self.value

    def _turn(self, name: str) -> Turn:
        if name not in self.turns:
            raise InvalidInput(f"{name!r} was not asked; there are: {', '.join(self.turns)}.")
        return self.turns[name]

    def _one_ended(self, _: Turn) -> None:
        with self._lock:
            self._running -= 1
            callbacks, self._callbacks = (self._callbacks, []) if self.done else ([], self._callbacks)
        self._call_back(callbacks)


def compare(prompt: Prompt, models: Iterable[str], *, system: str | None = None, **options: Any) -> Comparison:
    """Ask several models the same question, outside of any conversation; returns at once. Options as for `Chat`.

    Raises InvalidInput for fewer than two models, or one that is named twice.
    """
    beside, options = files.split(options)
    return compare_in(Chat(system, **options), files.attached(prompt, **beside), models)


def compare_in(
    chat: Chat, prompt: Prompt, models: Iterable[str], *, replace: Turn | None = None, **options: Any
) -> Comparison:
    """Ask several models next in this conversation, or in the place of `replace` (see `Chat.send`)."""
    names = _names(models)
    for name in names:  # before any of them is asked
        chat.request(prompt, model=name, **options).check()
    start = CommonStart(len(names))
    first = last = chat.send(prompt, replace=replace, start=start, model=names[0], **options)
    turns = {names[0]: first}
    for name in names[1:]:
        turns[name] = last = chat.send(prompt, branch_from=last, start=start, model=name, **options)
    chat.switch_to(first)
    for turn in turns.values():
        turn.on_end(start.leave_out)
    return Comparison(chat, turns)


def tokens_per_s(reply: Reply) -> float | None:
    """Tokens per second after the first one; None if unknown."""
    if reply.kept or not reply.usage or reply.time_to_first_token is None:
        return None
    seconds = reply.elapsed - reply.time_to_first_token
    return reply.usage.completion_tokens / seconds if seconds > 0 else None


def _names(models: Iterable[str]) -> list[str]:
    names = [models] if isinstance(models, str) else list(models)
    if len(names) < 2 or not all(isinstance(name, str) for name in names):
        raise InvalidInput("A comparison takes two models or more, as in models=['openai/gpt-5-mini', '…'].")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidInput(f"{twice} was given twice: a comparison asks each model once. Nothing was sent.")
    return names


def _row(reply: Reply) -> dict[str, Any]:
    usage = reply.usage
    return {
        "model": reply.model,
        "provider": reply.provider,
        "text": str(reply),
        "first_token_s": reply.time_to_first_token,
        "tokens_per_s": tokens_per_s(reply),
        "elapsed_s": reply.elapsed,
        "prompt_tokens": usage and usage.prompt_tokens,
        "answer_tokens": usage and usage.completion_tokens,
        "cost": reply.cost,
        "characters": len(reply),
        "finish_reason": reply.finish_reason,
        "error": None if reply.error is None else str(reply.error),
    }
