"""The line that says what a cell waits for, with a Stop button, until the cell goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anywidget
from IPython.display import display
from traitlets import Float, Unicode

from . import assets
from .widgets import answer_on_subshell, widget_bundle


class WaitingLine(anywidget.AnyWidget):
    """`waiting for plan (openai/gpt-5-mini, 12 s) · Stop`; the view counts the seconds."""

    _esm = assets.module("waiting")
    _css = assets.style("style")
    variable = Unicode().tag(sync=True)
    model = Unicode().tag(sync=True)
    elapsed_s = Float().tag(sync=True)
    output_id = Unicode().tag(sync=True)  # what its output holds: the view looks for that

    def __init__(self, name: str, pending: Any) -> None:
        reply = pending.value
        super().__init__(variable=name, model=getattr(reply, "model", None) or "", elapsed_s=_elapsed_s(pending))
        self.output_id = self.model_id
        self._pending = pending
        self.on_msg(self._on_message)
        answer_on_subshell(self)

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        # May run on a subshell's thread, beside the cell that waits.
        if isinstance(message, dict) and message.get("kind") == "stop":
            self._pending.stop()


@contextmanager
def shown(name: str, pending: Any) -> Iterator[None]:
    """Show the line in the output of the running cell for as long as this lasts."""
    line = WaitingLine(name, pending)
    handle: Any = display(widget_bundle(line, f"waiting for {name}"), raw=True, display_id=True)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        line.send({"kind": "gone"})  # JupyterLab takes the output away; elsewhere it stays, and is empty
        handle.update({"text/html": "", "text/plain": ""}, raw=True)
        line.layout.close()
        line.close()


def _elapsed_s(pending: Any) -> float:
    return float(getattr(pending, "elapsed", 0.0))
