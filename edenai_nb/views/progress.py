"""A batch on the screen: one line while it runs, its summary at the end."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from html import escape
from typing import Any

import anywidget
from IPython.core.getipython import get_ipython
from IPython.display import display
from traitlets import Float, Unicode

from ..chat import progress_line
from ..chat.batch import Batch
from ..errors import EdenError
from ..render.defang import defang
from . import assets, audience, terminal
from .painter import PAINTER
from .place import Place
from .saved import notice_html
from .status import Notice
from .widgets import answer_on_subshell, widget_bundle

DRAWN_S = 0.4  # between two drawings of the line
_HINT = "… still running; `.stop()` stops it."
_LINE = '<div class="edenai-status" style="opacity:.75"><small style="font-size:13px">{}</small></div>'

_last_shown: tuple[Any, int] | None = None  # the execution count and the id of the batch that it has shown


class ProgressView(anywidget.AnyWidget):
    """The live line: words, a bar, a Stop button."""

    _esm = assets.module("progress")
    _css = assets.style("style progress")
    line = Unicode().tag(sync=True)
    share = Float().tag(sync=True)  # of the rows, from 0 to 1
    output_id = Unicode().tag(sync=True)  # what its output holds: the view looks for that

    def __init__(self, batch: Batch) -> None:
        super().__init__()
        self.output_id = self.model_id
        self._batch = batch
        self._saved: dict[str, Any] | None = None
        self.is_seen = False  # a page has said hello
        self.on_msg(self._on_message)
        answer_on_subshell(self)
        self.draw()

    def draw(self) -> None:
        """Send how far it is."""
        progress = self._batch.progress
        with self.hold_sync():
            self.share = progress.finished / progress.rows if progress.rows else 1.0
            self.line = progress.line

    def settle(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Tell the pages what takes its place."""
        self._saved = {"kind": "saved", "data": data, "metadata": metadata}
        self.send(self._saved)

    def dispose(self) -> None:
        """Close the widget and its layout."""
        self.layout.close()
        self.close()

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        # May run on the main thread or on a subshell's.
        kind = message.get("kind") if isinstance(message, dict) else None
        if kind == "hello":
            self.is_seen = True
            if self._saved:
                self.send(self._saved)
        elif kind == "stop":
            self._batch.stop()
        elif kind == "replaced" and self._saved:
            self.dispose()


class LiveLine:
    """The line in a cell's output until the batch ends; then its summary. Where no widget comes up, plain text."""

    def __init__(self, batch: Batch) -> None:
        self.shown = threading.Event()  # the saved form is in the output
        self._batch = batch
        self._view = ProgressView(batch)
        self._place = Place(widget_bundle(self._view, batch.progress.line))
        self._next_at = 0.0

    @property
    def ending(self) -> bool:
        """Whether only the summary is missing."""
        return self._batch.done

    def paint(self) -> bool:
        """Show what is new. True once the summary has been shown."""
        if self._batch.done:
            return self._end()
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + DRAWN_S
            self._view.draw()
            if self._place.is_late and not self._view.is_seen:
                self._place.update({"text/plain": f"{self._batch.progress.line}\n{_HINT}"})
        return False

    def _end(self) -> bool:
        data, facts = bundle(self._batch), metadata(self._batch)
        if not self._place.end(data, facts):
            return False
        if self._view.is_seen:
            self._view.settle(data, facts)
        else:
            self._view.dispose()
        self.shown.set()
        return True


def show_batch(batch: Batch) -> LiveLine | None:
    """Show how far a batch is, live, in this cell's output; once only in the cell that started it.

    Where nobody watches, and in a console, this returns when it has ended. In a script it goes to stderr.
    """
    global _last_shown
    shell: Any = get_ipython()
    if shell is None:
        progress_line.show(batch)
        return None
    if threading.current_thread() is not threading.main_thread():
        return None
    mark = shell.execution_count, id(batch)
    if _last_shown == mark:
        return None
    _last_shown = mark
    if batch.done or terminal.is_here() or audience.nobody_watches():
        _show_whole(batch)
        return None
    line = LiveLine(batch)
    PAINTER.add(line)
    batch.on_end(PAINTER.flush)
    return line


def _show_whole(batch: Batch) -> None:
    with suppress(EdenError):  # it is shown, too
        if terminal.is_here():
            progress_line.draw(batch, sys.stdout, batch.wait)
        batch.wait()
    if terminal.is_here():
        print(batch.summary, flush=True)
    else:
        display(bundle(batch), raw=True, **{"metadata": metadata(batch)})  # type: ignore[no-untyped-call]


def bundle(batch: Batch) -> dict[str, str]:
    """The MIME bundle that is saved."""
    line, *more = batch.summary.split("\n")
    words = "".join(f"<div>{escape(one)}</div>" for one in (line, *more[: len(more) - bool(batch.error)]))
    failed = notice_html(Notice("error", str(batch.error))) if batch.error else ""
    return {
        "text/html": failed + _LINE.format(words),
        "text/markdown": "\n\n".join(map(defang, batch.summary.split("\n"))),
        "text/plain": batch.summary,
    }


def metadata(batch: Batch) -> dict[str, Any]:
    """Output metadata: how many rows, what they cost, and whether each has an answer."""
    progress = batch.progress
    is_complete = progress.finished == progress.rows and not progress.failed
    facts = {"rows": progress.rows, "failed": progress.failed, "cost": progress.cost, "complete": is_complete}
    return {"edenai_nb": facts}
