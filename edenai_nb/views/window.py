"""The chat window: a conversation in the output of a cell."""

from __future__ import annotations

import atexit
import json
import threading
import weakref
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import anywidget
from IPython.core.getipython import get_ipython
from IPython.display import display
from traitlets import Bool, Unicode

from ..chat import journal
from ..chat.conversation import Chat
from ..chat.turn import Turn
from ..errors import EdenError, InvalidInput
from ..render import html
from ..reply import Reply
from . import assets, audience, export, resume, terminal, values
from .actions import Actions
from .painter import PAINTER
from .transcript import Transcript
from .widgets import answer_on_subshell, widget_bundle
from .window_head import describe

_WINDOW = ("layout", "enter_sends", "height")  # keywords that are about the window, not about the conversation
_open: weakref.WeakSet[ChatWidget] = weakref.WeakSet()


class ChatWidget(anywidget.AnyWidget):
    """A conversation that is read and continued in the output of a cell.

    `chat` is a Chat to continue, or None for a new one; `settings` are those of a Chat (`system`, `model`,
    `temperature`, …), `enter_sends=False` to let Enter break the line and Shift+Enter send, and `height`, a CSS length
    such as `"500px"`, which the window has from the first turn on.

    chat: the Chat.      last: its last Reply, or None.      value: its messages, as the model is told them.
    busy: True while something is being answered; `observe` it. Callbacks may come on any thread.

    A frame is `{kind, number, path?, turns?, head?}` (see Transcript). A view that opens, late or not, or has missed a
    number says `hello` and gets all in a few frames, each compressed in a buffer. Every other message of a view is
    an intent with a `ticket`, under which it is answered.
    """

    _esm = assets.module("chat")
    _css = assets.style("style tokens chat") + html.style()
    busy = Bool(False).tag(sync=True)
    enter_sends = Bool(True).tag(sync=True)
    height = Unicode("min(70vh, 640px)").tag(sync=True)
    output_id = Unicode().tag(sync=True)  # what its output holds: the view looks for that

    def __init__(self, chat: Chat | None = None, **settings: Any) -> None:
        window = {name: settings.pop(name) for name in _WINDOW if name in settings}
        if not isinstance(chat, Chat | None):
            raise InvalidInput(f"ChatWidget takes a Chat to continue, not {type(chat).__name__}.")
        self._chat, self._is_own = chat or resume.chat_of_this_cell(), chat is None
        self._chat.set(**settings)
        super().__init__(**window)
        self._lock = threading.RLock()
        self._transcript = Transcript(self._chat)
        self._actions = Actions(self._chat, self._find)
        self._number = 0
        self._head: dict[str, Any] = {}
        self._has_view = self._is_painting = self._is_closed = False
        self._callbacks: list[Callable[[Reply], None]] = []
        self._watched = weakref.WeakSet(turn for turn in self._chat.turns if turn.done)
        self._outputs: list[Any] = []
        self._forget = self._chat.on_change(self._on_change)
        self.on_msg(self._on_message)
        _open.add(self)
        self._on_change()

    # what Python sees

    @property
    def chat(self) -> Chat:
        """The conversation that the window shows."""
        return self._chat

    @property
    def last(self) -> Reply | None:
        """The last Reply, which may still grow; None before the first."""
        turns = self._chat.turns
        return turns[-1].reply if turns else None

    @property
    def value(self) -> list[dict[str, Any]]:
        """The messages of the conversation."""
        return self._chat.messages

    def on_reply(self, callback: Callable[[Reply], None]) -> None:
        """Call `callback(reply)` on the turn's thread whenever an answer has ended, however it did."""
        self._callbacks.append(callback)

    def export(self, form: str = "markdown") -> str:
        """The conversation as `markdown`, `jsonl` or `notebook`. Raises InvalidInput for another form."""
        return export.form(form)[2](self._chat)

    def freeze(self) -> None:
        """Stop what streams and leave the conversation as ordinary saved markdown in place of this window.

        Where the window is part of another widget, only that part goes: its output belongs to the other.
        """
        if self._is_closed:
            return
        self._chat.stop()
        self._save()
        self.close()

    def _save(self) -> None:
        saved = export.bundle(self._chat)
        for output in list(self._outputs):
            output.update(saved, raw=True)

    def close(self) -> None:
        """Take the window away; nothing of it is left. A conversation that it was given goes on."""
        if getattr(self, "_is_closed", True):  # ipywidgets also closes what was never opened
            return
        with self._lock:
            self._is_closed = True
            self._forget()
            _open.discard(self)
            self._outputs.clear()
            if self.comm is not None:
                self.layout.close()
                super().close()
        if self._is_own:
            self._chat.stop()

    def open(self) -> None:
        """Open the line to the front end. Where nobody clicks only if another widget wants to hold this one."""
        if not audience.nobody_clicks():
            self._open()

    @property
    def model_id(self) -> str:
        """The model that the next message goes to."""
        if self.comm is None:
            self._open()
        return str(super().model_id)

    def _open(self) -> None:
        super().open()
        answer_on_subshell(self)
        self.output_id = self.comm.comm_id

    def _ipython_display_(self) -> None:
        if self._is_closed:
            display(export.bundle(self._chat), raw=True)  # type: ignore[no-untyped-call]
            return
        if audience.nobody_clicks():
            self._show_whole()
            return
        if terminal.is_here():
            print(terminal.NO_WINDOW)
            return
        fallback = "This chat window was open when the notebook was saved: widget.freeze() keeps the conversation."
        self._outputs.append(display(widget_bundle(self, fallback), raw=True, display_id=True))  # type: ignore[no-untyped-call]

    def _show_whole(self) -> None:
        """Wait for what is being answered, and show the conversation as it is saved."""
        for turn in self._chat.turns:
            with suppress(EdenError):
                turn.wait()
        self._outputs.append(display(export.bundle(self._chat), raw=True, display_id=True))  # type: ignore[no-untyped-call]

    # what views see

    def _on_change(self) -> None:
        """Turns have come or gone."""
        self._draw(moved=True)
        for turn in self._chat.turns:
            if turn not in self._watched:
                self._watched.add(turn)
                turn.on_update(PAINTER.wake)
                turn.on_end(self._ended)
        self._tell_busy()

    def _ended(self, turn: Turn) -> None:
        PAINTER.flush()
        self._tell_busy()
        if self.comm is None:
            self._save()
        for callback in list(self._callbacks):
            try:
                callback(turn.reply)
            except Exception:
                self.log.warning("a callback of ChatWidget.on_reply failed", exc_info=True)

    def _tell_busy(self) -> None:
        while not self._is_closed and self.busy != self._chat.busy:  # again, in case two threads told at once
            self.busy = self._chat.busy

    def _draw(self, moved: bool = False, only_text: bool = False) -> bool:
        """Send what is new, and see to it that the rest will be painted. True when all has been told.

        With `only_text` the head is looked at only where a turn has ended: to count 200 turns costs more than a frame.
        """
        with self._lock:
            if self._is_closed or not self._has_view:
                return True
            still_open = self._transcript.open
            news = self._transcript.changes(moved)
            if not (only_text and self._transcript.open == still_open) and (head := describe(self._chat)) != self._head:
                self._head = news["head"] = head
            if news:
                self.send(self._frame(news))
            return self._paint_on()

    def _draw_all(self) -> None:
        """Send everything to a view that knows nothing."""
        parts, is_first = self._transcript.whole(), True
        while True:
            with self._lock:  # let go of between the parts, so that what streams goes on
                part = None if self._is_closed else next(parts, None)
                if part is None:
                    return
                if is_first:
                    part["head"] = self._head = describe(self._chat)
                # Megabytes for a long conversation, and servers drop messages above 1 MB/s.
                packed = zlib.compress(json.dumps(self._frame(part)).encode(), 1)
                self.send({"kind": "packed", "first": is_first}, [packed])
                self._has_view, is_first = True, False
                self._paint_on()

    def _frame(self, news: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        return {"kind": "frame", "number": self._number, **news}

    def _paint_on(self) -> bool:
        if self._transcript.open and not self._is_painting:
            self._is_painting = True
            PAINTER.add(_PaintJob(self))
        return not self._transcript.open

    def _on_message(self, _: Any, message: Any, buffers: Any) -> None:
        # May run on the main thread or on a subshell's.
        if not isinstance(message, dict):
            return
        message = {**message, "buffers": buffers}
        if message.get("kind") == "hello":
            self._take_up(message.get("kept"))
            self._draw_all()
        elif message.get("kind") == "models":  # may take seconds, in which other messages would have to wait
            threading.Thread(target=self._act, args=(message,), name="edenai-models", daemon=True).start()
        elif values.touches(message) and (loop := getattr(getattr(get_ipython(), "kernel", None), "io_loop", None)):
            loop.add_callback(self._act, message)  # once no cell runs: the objects are the user's
        else:
            self._act(message)

    def _take_up(self, records: Any) -> None:
        """Go on with what the page showed when the last kernel ended, unless something else has been said since."""
        turns = journal.from_records(records)
        known = [turn.id for turn in self._chat.turns]
        if self._is_own and turns and known == [turn.id for turn in turns[: len(known)]]:
            self._watched.update(turns)
            self._chat.resume(turns)

    def _act(self, message: Mapping[str, Any]) -> None:
        answer = self._actions.answer(message)
        self._draw()  # settings are in the head
        if not self._is_closed:
            self.send({"kind": "answer", "ticket": message.get("ticket"), **answer})

    def _find(self, id: Any) -> Turn | None:
        with self._lock:
            return self._transcript.turn(id)


class _PaintJob:
    """The time that a widget spends with the painter, until all that streams has been shown."""

    def __init__(self, widget: ChatWidget) -> None:
        self._widget = widget

    @property
    def ending(self) -> bool:
        return not self._widget.chat.busy

    def paint(self) -> bool:
        with self._widget._lock:
            ended = self._widget._draw(only_text=True)
            if ended:
                self._widget._is_painting = False
            return ended


@atexit.register
def _freeze_all() -> None:
    """At exit, leave saved text in place of the windows, as far as somebody still listens."""
    for widget in list(_open):
        widget.freeze()
