"""One question and its growing Reply, read on one background thread."""

from __future__ import annotations

import contextvars
import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .. import errors, forks
from ..messages import Prompt
from ..reply import Reply, ReplyBuilder
from . import running
from .awaited import Awaited
from .stream import Stream

_ELSEWHERE = "This process was forked while the answer arrived; its parent process reads it. Ask again here."
FRAME_S = 0.05  # frames() yields at most 20 replies a second: nobody reads faster
_RUNNING = "A turn that is still being answered cannot be copied or pickled: wait for it, or take turn.reply."

_count = itertools.count(1)


class Turn(Awaited[Reply]):
    """A question that is being answered.

    `open_stream(turn)` is called on the turn's thread, after `after` (another Turn) has ended. Every property may
    be read from any thread at any time. A turn ends exactly once: complete, stopped or failed. One that has ended can
    be copied and pickled. `id` identifies it in a journal.
    """

    def __init__(
        self,
        prompt: Prompt,
        open_stream: Callable[[Turn], Stream],
        *,
        after: Turn | None = None,
        id: str | None = None,
    ) -> None:
        self._begin(prompt, id, after)
        self._open_stream = open_stream
        running.add(self)
        forks.remember(self)
        self._thread = threading.Thread(target=self._run, name=f"edenai-turn-{next(_count)}", daemon=True)
        self._thread.start()

    @classmethod
    def ended(cls, prompt: Prompt, reply: Reply, *, id: str | None = None) -> Turn:
        """A turn that has already ended with this reply; nothing is sent, no thread runs."""
        turn = cls.__new__(cls)
        turn._begin(prompt, id)
        turn._reply, turn._final = reply, True
        if not (reply.complete or reply.error):
            turn._stopping.set()
        turn._ended.set()
        return turn

    def _begin(self, prompt: Prompt, id: str | None, after: Turn | None = None) -> None:
        self.id = id or uuid.uuid4().hex[:12]
        self.prompt = prompt
        self.digest = self.remark = ""  # the Request's digest, once it is sent; a note to the user
        self._after = after
        self._stream: Stream | None = None  # only while it is read: it holds the whole conversation as it was sent
        self._last_note: str | None = None
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._final = False
        self._ended = threading.Event()  # set after all callbacks have been called
        self._callbacks: list[Callable[[Turn], None]] = []
        self._watchers: list[Callable[[Turn], None]] = []
        self._sent_at = time.monotonic() if after is None else None
        self._first_token_s: float | None = None
        self._text_s: float | None = None  # when the text began, after what was thought
        self._builder = ReplyBuilder()
        self._reply: Reply | None = Reply()

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.done:
            raise errors.InvalidInput(_RUNNING)
        return partial(Turn.ended, id=self.id), (self.prompt, self.reply)

    def __repr__(self) -> str:
        return f"<Turn {self.state}, {len(self.reply)} characters>"

    @property
    def reply(self) -> Reply:
        """The reply so far."""
        with self._lock:
            if self._reply is None:
                self._reply = self._snapshot(growing=True, elapsed=self.elapsed)
            return self._reply

    @property
    def done(self) -> bool:
        """Whether it has ended: `reply` is final."""
        return self._final

    @property
    def error(self) -> Exception | None:
        """The EdenError that ended it, if any."""
        return self.reply.error if self.done else None

    @property
    def value(self) -> Any:
        """What is assigned to a variable that waits for this turn: the Reply, or the object that was asked for."""
        reply = self.reply
        return reply.value if reply.decoded else reply

    @property
    def elapsed(self) -> float:
        """Seconds from sending to the end, or to now; 0 while it waits for the turn before."""
        reply = self._reply
        if self._final and reply is not None:
            return reply.elapsed
        return 0.0 if self._sent_at is None else time.monotonic() - self._sent_at

    @property
    def queued(self) -> bool:
        """True while it waits for the turn before, and nothing has been sent."""
        return not self.done and self._sent_at is None

    @property
    def stopped(self) -> bool:
        """True once `stop` was called before its end."""
        return self._stopping.is_set()

    @property
    def state(self) -> str:
        """`waiting`, `sending` (files), `retrying`, `thinking`, `streaming`, `done`, `stopped` or `failed`."""
        if self.done:
            return "failed" if self.reply.error else "done" if self.reply.complete else "stopped"
        if (reply := self.reply) or reply.parts:
            return "streaming"
        if reply.reasoning:
            return "thinking"
        return getattr(self._stream, "phase", "retrying") if self.note and not self.queued else "waiting"

    @property
    def note(self) -> str | None:
        """Why nothing arrives, as text for the user, or None."""
        if self.queued:
            return "for the turn before"
        return self._stream.note if self._stream else self._last_note

    def stop(self) -> None:
        """End it now and keep the text so far. Returns at once; does nothing if it has ended already."""
        with self._lock:
            if self.done:
                return
            self._stopping.set()
            stream = self._stream
        if stream:
            stream.close()
        self._finish()

    def wait(self, timeout: float | None = None) -> Reply:
        """The Reply when the turn has ended, or as it is after `timeout` seconds.

        Raises the EdenError that ended the turn. A KeyboardInterrupt stops the turn and is raised as Interrupted. In a
        notebook cell the event loop keeps running meanwhile, and with it the user's own asyncio tasks.
        """
        from . import waiting  # not with %load_ext, which needs nothing of asyncio

        try:
            waiting.wait(self._ended, self.on_end, timeout)
        except KeyboardInterrupt:
            self.stop()
            raise errors.Interrupted("The answer", self.reply, "the `.partial` of this exception") from None
        return self._outcome()

    def frames(self) -> Iterator[Reply]:
        """Yield the reply as it grows, at most 20 times a second; the final one always comes."""
        last: Reply | None = None
        while not self._ended.wait(FRAME_S if last is not None else 0):
            if (reply := self.reply) is not last:
                yield reply
                last = reply
        if self.reply is not last:
            yield self.reply

    def start_clock(self) -> None:
        """Count `elapsed` from now on, leaving out preparations such as connecting."""
        self._sent_at = time.monotonic()

    def accept_partial(self) -> None:
        """Make a failed turn a stopped one, so that its partial text is part of the history."""
        with self._lock:
            if self.done and self.reply.error:
                self._reply = Reply(str(self.reply), **{**vars(self.reply), "error": None})

    def on_end(self, callback: Callable[[Turn], None]) -> None:
        """Call `callback(turn)` once when it has ended, on the thread that ends it; at once if it already has."""
        with self._lock:
            if not self.done:
                self._callbacks.append(callback)
                return
        callback(self)

    def on_update(self, callback: Callable[[Turn], None]) -> None:
        """Call `callback(turn)` on the turn's thread whenever the reply has grown. It must be quick: tokens wait."""
        self._watchers.append(callback)

    def show(self, into: Any = None) -> Any:
        """Show it live in this cell's output, or stream it into an `ipywidgets.HTML()` or `.Output()`."""
        import edenai_nb  # the front door: views live in the Jupyter room, which this room must not know

        return edenai_nb.show(self, into)

    def _outcome(self) -> Reply:
        if self.done and self.reply.error:
            raise self.reply.error.with_traceback(None)  # else the traceback would grow with every raise
        return self.reply

    def after_fork(self) -> None:
        """Fail in the forked process, where no thread reads the answer; the parent process goes on reading it."""
        self._lock, self._ended, self._callbacks, self._watchers = threading.RLock(), threading.Event(), [], []
        self._after = self._stream = None
        if self._final:
            self._ended.set()
        else:
            self._finish(errors.StreamInterrupted(_ELSEWHERE))

    def _run(self) -> None:
        # A fresh context: what this thread displays must not land in the cell that started it.
        contextvars.Context().run(self._read)

    def _read(self) -> None:
        try:
            while self._after is not None and not self._after._ended.wait(FRAME_S):
                if self._stopping.is_set():
                    return
            self._sent_at = self._sent_at or time.monotonic()
            self._take_all()
        except errors.EdenError as error:
            self._finish(error)
        except Exception as error:
            # Only EdenErrors leave the package, and the text of another error could hold the prompt.
            self._finish(errors.StreamInterrupted(f"The answer could not be read ({type(error).__name__})."))
        else:
            self._finish()
        finally:
            self._after = None

    def _take_all(self) -> None:
        stream = self._open_stream(self)
        with self._lock:
            if self._stopping.is_set():
                return
            self._stream = stream
        for delta in stream:
            with self._lock:
                if self._stopping.is_set():
                    return
                if self._first_token_s is None and (delta.text or delta.reasoning):
                    self._first_token_s = self.elapsed
                self._builder.add(delta)
                if self._text_s is None and self._builder.answers_with(delta):
                    self._text_s = self.elapsed if self._builder.reply().reasoning else self._first_token_s
                self._reply = None
            for tell in self._watchers:
                tell(self)

    def _finish(self, error: errors.EdenError | None = None) -> None:
        with self._lock:
            if self.done:
                return
            complete = error is None and not self._stopping.is_set()
            elapsed = self.elapsed
            if error is not None:
                error.partial = self._snapshot(elapsed=elapsed)
                error.detach()
            self._reply = self._snapshot(elapsed=elapsed, complete=complete, error=error)
            self._final, self._last_note, self._stream = True, self.note, None
            callbacks, self._callbacks = self._callbacks, []
        running.discard(self)
        self._call_back(callbacks)
        self._ended.set()

    def _snapshot(self, **facts: Any) -> Reply:
        begun, text = self._first_token_s, self._text_s
        thought = text - begun if begun is not None and text is not None and text > begun else None
        return self._builder.reply(time_to_first_token=begun, reasoning_time=thought, **facts)
