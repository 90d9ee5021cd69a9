"""What every widget of ours needs to be shown and heard."""

from __future__ import annotations

from typing import Any

import ipywidgets  # type: ignore[import-untyped]

_MIME = "application/vnd.jupyter.widget-view+json"


def widget_bundle(widget: ipywidgets.Widget, fallback: str) -> dict[str, Any]:
    """The MIME bundle that shows a widget; the text is for where it cannot be drawn, and for a file saved too early."""
    view = {"model_id": widget.model_id, "version_major": 2, "version_minor": 0}
    return {_MIME: view, "text/plain": fallback}


def answer_on_subshell(widget: ipywidgets.Widget) -> None:
    """Let the front end's messages be handled while a cell runs.

    ipykernel 7.4 sends a comm's messages to the subshell of its last kernel-to-browser message, which for a
    view that is painted from a thread is the busy main shell. The attribute is private, hence the guard.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = lambda data, default: default
