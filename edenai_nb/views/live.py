"""A turn on the screen: live while it streams, an ordinary saved output at the end."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

import ipywidgets  # type: ignore[import-untyped]
from IPython.display import display

from ..chat.batch import Batch
from ..chat.compare import Comparison
from ..chat.running import stop_all
from ..chat.turn import Turn
from ..errors import EdenError
from . import audience, terminal
from .first_sign import UNFINISHED, FirstSign
from .outcome import Outcome, outcome_of
from .painter import PAINTER
from .place import Place
from .progress import LiveLine, show_batch
from .status import Caption
from .widgets import widget_bundle

PLAIN_S = 0.5  # between two looks at the whole text, where it cannot be patched
LAST_FRAME_S = 10.0  # how long a waiting cell gives the painter for the saved output
_STREAMING = "… still streaming; `%edenchat stop` stops it."

View: TypeAlias = "LiveOutput | IntoWidget | Whole | terminal.Printed | LiveLine"


class LiveOutput:
    """A live view (`widget`) in a cell's output, until it is replaced by what is saved."""

    def __init__(self, outcome: Outcome, sign: FirstSign | None = None) -> None:
        self.shown = threading.Event()  # the saved form is in the output
        self._outcome = outcome
        sign = None if audience.is_captured() else sign or FirstSign()
        self.widget = outcome.view(sign.view_id if sign else None)
        self._bundle = widget_bundle(self.widget, UNFINISHED)
        self._place = Place(self._bundle, sign)
        self._metadata = sign.metadata if sign else {}
        self._plain: PlainText | None = None

    @property
    def ending(self) -> bool:
        """Whether only the last frame is missing."""
        return self._outcome.pending.done

    def paint(self) -> bool:
        """Show what is new. True once the last frame has been shown."""
        if self.shown.is_set():
            return self._is_settled()
        done = self._outcome.pending.done
        if not done:
            self._choose()
        if self._plain is None:
            self.widget.draw()
        elif not done:
            self._plain.draw()
        return done and self._end()

    def _choose(self) -> None:
        """Between the widget and plain text: a page that says hello late (a busy kernel) gets the widget."""
        if self.widget.is_unplaced or (self._plain and self.widget.is_seen):
            if self._place.update(self._bundle):
                self._plain, self.widget.is_unplaced = None, False
        elif self._plain is None and self._is_unseen():
            self._plain = PlainText(self._outcome, self._place, self._metadata)

    def _end(self) -> bool:
        data, metadata = self._outcome.bundle(), self._outcome.metadata()
        if not self._place.end(data, metadata):
            return False
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
        return not self.widget.is_seen and self._place.is_late


class PlainText:
    """A growing answer as markdown that the front end draws itself: where no widget of ours comes up."""

    def __init__(self, outcome: Outcome, place: Place, metadata: Mapping[str, Any]) -> None:
        self._outcome = outcome
        self._place = place
        self._metadata = metadata  # names the widget, for a page that has it later
        self._last: Any = None
        self._next_at = 0.0

    def draw(self) -> None:
        """Publish what has come, at most twice a second: each time it is the whole text."""
        now = self._outcome.state()
        if now == self._last or time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + PLAIN_S
        markdown, plain = self._outcome.growing()
        bundle = {"text/markdown": f"{markdown}\n\n*{_STREAMING}*", "text/plain": f"{plain}\n\n{_STREAMING}"}
        if self._place.update(bundle, self._metadata):
            self._last = now


class IntoWidget:
    """A turn or a comparison in a widget that the user has already: `ipywidgets.HTML` or `ipywidgets.Output`."""

    def __init__(self, outcome: Outcome, put: Callable[[Outcome], None]) -> None:
        self.shown = threading.Event()
        self._outcome = outcome
        self._put = put
        self._last: Any = None

    @property
    def ending(self) -> bool:
        """Whether only the last frame is missing."""
        return self._outcome.pending.done

    def paint(self) -> bool:
        """Show what is new. True once the last frame has been shown."""
        done, now = self._outcome.pending.done, self._outcome.state()
        if now != self._last:
            self._last = now
            self._put(self._outcome)
        if done:
            self.shown.set()
        return done


class OnlyFailure:
    """Nothing in this cell's output, unless the turn or comparison fails."""

    def __init__(self, outcome: Outcome) -> None:
        self._pending, self._outcome = outcome.pending, outcome
        self._place = Place({})

    @property
    def ending(self) -> bool:
        """Whether only the failure may be missing."""
        return self._pending.done

    def paint(self) -> bool:
        """True once it has ended well, or its failure has been shown."""
        return self._pending.done and (not self._pending.error or self._place.end(self._outcome.bundle()))


class Whole:
    """A turn or a comparison that has been waited for and shown as it is saved."""

    def __init__(self, outcome: Outcome) -> None:
        with suppress(EdenError):  # it is shown, too
            outcome.pending.wait()
        facts = {"metadata": outcome.metadata()}
        display(outcome.bundle(), raw=True, **facts)  # type: ignore[no-untyped-call]
        self.shown = threading.Event()
        self.shown.set()


def show(
    pending: Turn | Comparison | Batch,
    into: Any = None,
    caption: Caption | None = None,
    sign: FirstSign | None = None,
) -> View | None:
    """Show a turn or a comparison as it grows: in this cell's output, or into an `ipywidgets.HTML` or `Output`.

    Of a batch, one line says how far it is (in this cell's output; None if it is not live).

    `sign` is what its output shows already. The returned view's `.shown` (a threading.Event) is set when the last frame
    has been shown. In a console, and where nobody watches, this returns when the turn has ended. Raises TypeError for
    another kind of widget.
    """
    if isinstance(pending, Batch):
        return show_batch(pending)
    caption = caption or Caption()
    if into is None and terminal.is_here():
        return terminal.Printed(pending, caption)
    outcome = outcome_of(pending, caption)
    if into is None and audience.nobody_watches():
        return Whole(outcome)
    view = _live(outcome, into, sign)
    if audience.nobody_watches():
        with suppress(EdenError):
            pending.wait()
        view.shown.wait(LAST_FRAME_S)
    return view


def _live(outcome: Outcome, into: Any, sign: FirstSign | None) -> LiveOutput | IntoWidget:
    view: LiveOutput | IntoWidget
    if into is None:
        view = LiveOutput(outcome, sign)
    elif isinstance(into, ipywidgets.HTML):
        look = "<div class='jp-RenderedHTMLCommon'>{}</div>"
        view = IntoWidget(outcome, lambda one: setattr(into, "value", look.format(one.html())))
    elif isinstance(into, ipywidgets.Output):
        view = IntoWidget(outcome, lambda one: setattr(into, "outputs", (_output(one.bundle()),)))
    else:
        raise TypeError("into must be an ipywidgets.HTML or an ipywidgets.Output")
    PAINTER.add(view)
    outcome.pending.on_update(PAINTER.wake)
    outcome.pending.on_end(PAINTER.flush)
    return view


def show_failure(pending: Turn | Comparison, caption: Caption) -> None:
    """Show nothing in this cell's output, unless it fails."""
    PAINTER.add(OnlyFailure(outcome_of(pending, caption)))
    pending.on_end(PAINTER.flush)


def _output(data: Mapping[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": dict(data), "metadata": {}}


@atexit.register
def _close() -> None:
    """At exit, show once more what ends now, and send nothing from then on: ipykernel waits for ever for sockets that a
    thread opens while it closes."""
    stop_all()
    PAINTER.close()
