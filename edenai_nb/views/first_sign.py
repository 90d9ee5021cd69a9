"""The first sign of an answer: what stands in a cell's output until the page has the widget that takes its place."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.display import clear_output, display

from . import audience, terminal

UNFINISHED = "The answer was still streaming when this was saved."
_LINE = (
    '<div class="edenai-status" style="height:30px;overflow:hidden;line-height:26px;font-size:13px;opacity:.75">'
    '<span style="color:#1976d2">●</span> waiting</div>'
)


class FirstSign:
    """A line in the output of the running cell, and the id of the widget that the page puts there once it has it.

    A page handles messages in turn, and to load the widgets takes it a second: this one must come before the widget's.
    """

    def __init__(self) -> None:
        self.view_id = uuid.uuid4().hex
        self.metadata = {"edenai_nb": {"view": self.view_id, "sign": True}}
        line = {"text/html": _LINE, "text/plain": UNFINISHED}
        self.handle: Any = display(line, raw=True, display_id=True, metadata=self.metadata)  # type: ignore[no-untyped-call]


@contextmanager
def at_once(is_quiet: bool, *, is_alone: bool) -> Iterator[FirstSign | None]:
    """A first sign before what draws answers is imported, most of a second; None where that is done, or nobody sees it.

    It goes if this raises: without a trace where it is alone in its cell, else what the cell has shown stays.
    """
    is_late = is_quiet or "anywidget" in sys.modules
    is_live = not (is_late or terminal.is_here() or audience.nobody_watches() or audience.is_captured())
    sign = FirstSign() if is_live else None
    try:
        yield sign
    except BaseException:
        if sign and is_alone:
            clear_output(wait=True)  # type: ignore[no-untyped-call]
        elif sign:
            sign.handle.update({}, raw=True)
        raise
