"""A turn on the screen: live while it streams, an ordinary saved output at the end."""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

import anywidget
import ipywidgets  # type: ignore[import-untyped]
from IPython.display import display
from traitlets import Unicode

from ..chat.turn import Turn, stop_all
from ..errors import EdenError
from ..render import html
from ..reply import Reply
from . import assets, audience, saved, terminal
from .frames import TurnFrames
from .painter import PAINTER
from .status import Caption
from .widgets import answer_on_subshell, widget_bundle

SEEN_S = 2.0  # a page that draws widgets has said hello by then
PLAIN_S = 0.5  # between two looks at the whole text, where it cannot be patched
LAST_FRAME_S = 10.0  # how long a waiting cell gives the painter for the saved output
KEPT = 200  # views of ended turns that no page has replaced yet: for one that comes back
_FALLBACK = "The answer was still streaming when this was saved."
_STREAMING = "… still streaming; `%edenchat stop` stops it."

View: TypeAlias = "LiveOutput | IntoWidget | Whole | terminal.Printed"
_kept: deque[StreamView] = deque()


class StreamView(anywidget.AnyWidget):
    """The live view of one turn. Python keeps the state; the view draws it and sends intents.

    A frame is `{kind, number, patch: [keep, prefix, blocks], status}`. A view that opens late, twice, or
    missed a number says `hello` and gets the whole page.
    """

    _esm = assets.module("view")
    _css = assets.style("style") + html.style()
    label = Unicode("Answer of a model").tag(sync=True)
    output_id = Unicode().tag(sync=True)  # what its output holds: the view looks for that

    def __init__(self, turn: Turn, caption: Caption) -> None:
        super().__init__()
        self.output_id = self.model_id
        self._frames = TurnFrames(turn, caption)
        self._number = 0
        self._saved: dict[str, Any] | None = None  # what takes the place of the view
        self.is_seen = False  # a page has said hello
        self._lock = threading.RLock()
        self.on_msg(self._on_message)
        answer_on_subshell(self)

    def draw(self) -> None:
        """Send what is new since the last frame, if anything is."""
        with self._lock:
            while frame := self._frames.next():
                self._send_frame(frame)

    def settle(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Tell the pages what takes its place; the widget goes once one of them says that the notebook holds it."""
        with self._lock:
            self._saved = {"kind": "saved", "data": data, "metadata": metadata}
            self.send(self._saved)
        _keep(self)

    def dispose(self) -> None:
        """Close the widget and its layout: nothing of them is left in the kernel or in the file."""
        with self._lock:
            self.layout.close()
            self.close()
        with suppress(ValueError):
            _kept.remove(self)

    def _send_frame(self, frame: Mapping[str, Any]) -> None:
        self._number += 1
        self.send({"kind": "frame", "number": self._number, **frame})

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        # May run on the main thread or on a subshell's.
        kind = message.get("kind") if isinstance(message, dict) else None
        if kind == "hello":
            self.is_seen = True
            with self._lock:
                self._send_frame(self._frames.whole())
                if self._saved:  # a page that comes back has missed the end
                    self.send(self._saved)
        elif kind == "stop":
            self._frames.turn.stop()
        elif kind == "replaced" and self._saved:
            self.dispose()


def _keep(view: StreamView) -> None:
    _kept.append(view)
    while len(_kept) > KEPT:
        _kept.popleft().dispose()


class LiveOutput:
    """A StreamView (`widget`) in a cell's output, until it is replaced by what is saved."""

    def __init__(self, turn: Turn, caption: Caption) -> None:
        self.shown = threading.Event()  # the saved form is in the output
        self._turn = turn
        self._caption = caption
        self.widget = StreamView(turn, caption)
        self._bundle = widget_bundle(self.widget, _FALLBACK)
        self._captured = self._bundle if audience.is_captured() else None  # what `%%capture` holds is this very bundle
        self._handle: Any = display(self._bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        self._began_at = time.monotonic()
        self._plain: PlainText | None = None

    @property
    def ending(self) -> bool:
        """Whether only the last frame is missing."""
        return self._turn.done

    def paint(self) -> bool:
        """Show what is new. True once the last frame has been shown."""
        if self.shown.is_set():
            return self._is_settled()
        done = self._turn.done
        if not done:
            self._choose()
        if self._plain is None:
            self.widget.draw()
        elif not done:
            self._plain.draw()
        return done and self._end()

    def _choose(self) -> None:
        """Between the widget and plain text: a page that says hello late (a busy kernel) gets the widget."""
        if self._plain and self.widget.is_seen:
            self._plain = None
            self._handle.update(self._bundle, raw=True)
        elif self._plain is None and self._captured is None and self._is_unseen():
            self._plain = PlainText(self._turn, self._handle)

    def _end(self) -> bool:
        if self._captured is not None:
            self._captured.clear()
            self._captured.update(saved.bundle(self._turn, self._caption))
            self._captured = None
        if audience.is_captured():
            return False  # by a cell that runs now: the update would end up there
        data, metadata = saved.bundle(self._turn, self._caption), saved.metadata(self._turn)
        self._handle.update(data, raw=True, metadata=metadata)
        if self._plain is None:
            self.widget.settle(data, metadata)
        else:
            self.widget.dispose()
        self.shown.set()
        return self._plain is not None or self._is_settled()

    def _is_settled(self) -> bool:
        """False while a page may still say that it shows this; where none does, the widget goes."""
        if is_unseen := self._is_unseen():
            self.widget.dispose()
        return is_unseen or self.widget.is_seen

    def _is_unseen(self) -> bool:
        return not self.widget.is_seen and time.monotonic() - self._began_at > SEEN_S


class PlainText:
    """A growing answer as markdown that the front end draws itself: where no widget of ours comes up."""

    def __init__(self, turn: Turn, handle: Any) -> None:
        self._turn = turn
        self._handle = handle
        self._last: Reply | None = None
        self._next_at = 0.0

    def draw(self) -> None:
        """Publish what has come, at most twice a second: each time it is the whole text."""
        reply = self._turn.reply
        if reply is self._last or time.monotonic() < self._next_at:
            return
        self._last, self._next_at = reply, time.monotonic() + PLAIN_S
        text = f"{saved.markdown(reply, has_ended=False)}\n\n*{_STREAMING}*"
        self._handle.update({"text/markdown": text, "text/plain": f"{reply}\n\n{_STREAMING}"}, raw=True)


class IntoWidget:
    """A turn in a widget that the user has already: `ipywidgets.HTML` or `ipywidgets.Output`."""

    def __init__(self, turn: Turn, put: Callable[[Turn], None]) -> None:
        self.shown = threading.Event()
        self._turn = turn
        self._put = put
        self._last: Reply | None = None

    @property
    def ending(self) -> bool:
        """Whether only the last frame is missing."""
        return self._turn.done

    def paint(self) -> bool:
        """Show what is new. True once the last frame has been shown."""
        done, reply = self._turn.done, self._turn.reply
        if reply is not self._last:
            self._last = reply
            self._put(self._turn)
        if done:
            self.shown.set()
        return done


class Whole:
    """A turn that has been waited for and shown as it is saved."""

    def __init__(self, turn: Turn, caption: Caption) -> None:
        with suppress(EdenError):  # it is shown, too
            turn.wait()
        facts = {"metadata": saved.metadata(turn)}
        display(saved.bundle(turn, caption), raw=True, **facts)  # type: ignore[no-untyped-call]
        self.shown = threading.Event()
        self.shown.set()


def show(turn: Turn, into: Any = None, caption: Caption | None = None) -> View:
    """Show a turn as it grows: in this cell's output, or into an `ipywidgets.HTML` or `Output`.

    The returned view's `.shown` (a threading.Event) is set when the last frame has been shown. In a console, and where
    nobody watches, this returns when the turn has ended. Raises TypeError for another kind of widget.
    """
    caption = caption or Caption()
    if into is None and terminal.is_here():
        return terminal.Printed(turn, caption)
    if into is None and audience.nobody_watches():
        return Whole(turn, caption)
    view = _live(turn, into, caption)
    if audience.nobody_watches():
        with suppress(EdenError):
            turn.wait()
        view.shown.wait(LAST_FRAME_S)
    return view


def _live(turn: Turn, into: Any, caption: Caption) -> LiveOutput | IntoWidget:
    view: LiveOutput | IntoWidget
    if into is None:
        view = LiveOutput(turn, caption)
    elif isinstance(into, ipywidgets.HTML):
        look = "<div class='jp-RenderedHTMLCommon'>{}</div>"
        view = IntoWidget(turn, lambda t: setattr(into, "value", look.format(saved.turn_html(t, caption))))
    elif isinstance(into, ipywidgets.Output):
        view = IntoWidget(turn, lambda t: setattr(into, "outputs", (_output(saved.bundle(t, caption)),)))
    else:
        raise TypeError("into must be an ipywidgets.HTML or an ipywidgets.Output")
    PAINTER.add(view)
    turn.on_update(PAINTER.wake)
    turn.on_end(PAINTER.flush)
    return view


def show_failure(turn: Turn, caption: Caption) -> None:
    """Show nothing in this cell's output, unless the turn fails."""
    handle: Any = display({}, raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def tell(ended: Turn) -> None:
        if ended.error:
            handle.update(saved.bundle(ended, caption), raw=True)

    turn.on_end(tell)


def _output(data: Mapping[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": dict(data), "metadata": {}}


@atexit.register
def _close() -> None:
    """At exit, show once more what ends now, and send nothing from then on: ipykernel waits for ever for sockets that a
    thread opens while it closes."""
    stop_all()
    PAINTER.close()
