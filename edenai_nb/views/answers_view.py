"""The widgets that show answers while they stream: one answer, or several side by side."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import anywidget
from traitlets import List, Unicode

from ..chat.compare import Comparison
from ..chat.turn import Turn
from ..render import html
from . import assets
from .comparison import COMPARED
from .frames import TurnFrames
from .status import Caption
from .widgets import answer_on_subshell

KEPT = 200  # views of ended turns that no page has replaced yet: for one that comes back
_STYLE = assets.style("style") + html.style()

_kept: deque[AnswersView] = deque()


class AnswersView(anywidget.AnyWidget):
    """The live view of some turns. Python keeps the state; the view draws it and sends intents.

    A frame is `{kind, column, number, patch: [keep, prefix, blocks], status}`; the numbers are those of its column. A
    view that opens late, twice, or missed a number says `hello` and gets the whole page.
    """

    label = Unicode("Answer of a model").tag(sync=True)
    output_id = Unicode().tag(sync=True)  # what its output holds: the view looks for that

    def __init__(self, columns: Sequence[TurnFrames], id: str | None, **traits: Any) -> None:
        id = id or uuid.uuid4().hex
        super().__init__(model_id=id, output_id=id, **traits)
        self._columns = columns
        self._numbers = [0] * len(columns)
        self._saved: dict[str, Any] | None = None  # what takes the place of the view
        self.is_seen = False  # a page has said hello
        self.is_unplaced = False  # a page has it, and knows no place for it
        self._lock = threading.RLock()
        self.on_msg(self._on_message)
        answer_on_subshell(self)

    def draw(self) -> None:
        """Send what is new since the last frames, if anything is."""
        with self._lock:
            for column, frames in enumerate(self._columns):
                while frame := frames.next():
                    self._send_frame(column, frame)

    def settle(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Tell the pages what takes its place; the widget goes once one of them says that the notebook holds it."""
        with self._lock:
            self._saved = {"kind": "saved", "data": data, "metadata": metadata}
            self.send({"kind": "saved"})  # the kernel's update of the output has just brought the rest
        _keep(self)

    def dispose(self) -> None:
        """Close the widget and its layout: nothing of them is left in the kernel or in the file."""
        with self._lock:
            self.layout.close()
            self.close()
        with suppress(ValueError):
            _kept.remove(self)

    def _send_frame(self, column: int, frame: Mapping[str, Any]) -> None:
        self._numbers[column] += 1
        self.send({"kind": "frame", "column": column, "number": self._numbers[column], **frame})

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        # May run on the main thread or on a subshell's.
        kind = message.get("kind") if isinstance(message, dict) else None
        if kind == "hello":
            self.is_seen = True
            with self._lock:
                for column, frames in enumerate(self._columns):
                    self._send_frame(column, frames.whole())
                if self._saved:  # a page that comes back has missed the end
                    self.send(self._saved)
        elif kind == "missed" and self._saved:  # that update has not reached this page
            self.send(self._saved)
        elif kind == "unplaced":
            self.is_unplaced = not self.is_seen
        elif kind == "stop":
            self._columns[message.get("column", 0)].turn.stop()
        elif kind == "replaced" and self._saved:
            self.dispose()


class StreamView(AnswersView):
    """The live view of one turn."""

    _esm = assets.module("view")
    _css = _STYLE

    def __init__(self, turn: Turn, caption: Caption, id: str | None = None) -> None:
        super().__init__([TurnFrames(turn, caption)], id)


class ColumnsView(AnswersView):
    """The live view of a comparison: a column for each model."""

    _esm = assets.module("columns")
    _css = _STYLE + assets.style("columns")
    names = List(Unicode()).tag(sync=True)

    def __init__(self, comparison: Comparison, id: str | None = None) -> None:
        columns = [TurnFrames(turn, COMPARED) for turn in comparison.turns.values()]
        super().__init__(columns, id, names=list(comparison.turns), label="Answers of several models")


def _keep(view: AnswersView) -> None:
    _kept.append(view)
    while len(_kept) > KEPT:
        _kept.popleft().dispose()
