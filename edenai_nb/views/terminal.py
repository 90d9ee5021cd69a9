"""Answers in consoles, where what was printed stays as it is: IPython's terminal, `jupyter console`, QtConsole."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from IPython.core.getipython import get_ipython

from ..chat.compare import Comparison
from ..chat.turn import Turn
from ..errors import Interrupted
from .status import Caption, summary

NO_WINDOW = "A chat window needs a notebook. Here, `%edenchat` asks on one line, and `.chat.ask(…)` from Python."
# jupyter_client's console apps name the connection file of the kernel that they start after their own process.
_OF_CONSOLE = re.compile(r"kernel-\d+\.json")
_asked_if_complete: set[str] = set()  # the sessions of front ends that ask whether a line is complete: consoles


def is_here() -> bool:
    """True where a cell must print its answer: nothing that it has shown can change later.

    In a kernel the request tells: notebooks name their cell, consoles do not. What names no cell is a console if it
    has started the kernel as consoles do, or has asked whether a line is complete.
    """
    shell: Any = get_ipython()
    if shell is None:
        return False
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return True
    request = shell.get_parent()
    return not cell_id(request) and (_session(request) in _asked_if_complete or _started_by_console(kernel))


def cell_id(request: Mapping[str, Any]) -> str | None:
    """The cell that a front end runs; None where it does not say."""
    metadata = request.get("metadata", {})
    found: str | None = metadata.get("cellId") or metadata.get("colab", {}).get("cell_id")
    return found


def notice_console(lines: list[str]) -> list[str]:
    """Notice who asks whether these lines are complete (an input transformer, which such a request runs, too)."""
    kernel = getattr(get_ipython(), "kernel", None)
    request = kernel.get_parent("shell") if kernel else {}
    if request.get("header", {}).get("msg_type") == "is_complete_request":
        _asked_if_complete.add(_session(request))
    return lines


def print_answer(turn: Turn) -> None:
    """Print the answer as it grows, to its end. An interrupt stops it, and goes on as Interrupted."""
    printed = ""
    try:
        for reply in turn.frames():
            if not reply.startswith(printed):  # it did not fit a schema, and was asked for again
                print("\n──")
                printed = ""
            print(reply[len(printed) :], end="", flush=True)
            printed = str(reply)
    except KeyboardInterrupt:
        turn.stop()
        raise Interrupted("The answer", turn.reply, "the `.reply` of its turn") from None
    finally:
        print(end="\n" if printed else "")


def print_status(turn: Turn, caption: Caption) -> None:
    """Print what answered, how long it took and what it cost, in one line."""
    print(f"── {summary(turn, replace(caption, seconds=True))}", flush=True)


def print_comparison(comparison: Comparison) -> None:
    """Print each answer once it has ended, the first model's first. An interrupt stops all of them."""
    try:
        for name, turn in comparison.turns.items():
            print(f"── {name}")
            print_answer(turn)
            print_status(turn, Caption(is_compared=True))
    except Interrupted:
        comparison.stop()
        raise


class Printed:
    """A turn or a comparison that has been printed to its end, with how it ended."""

    def __init__(self, pending: Turn | Comparison, caption: Caption) -> None:
        if isinstance(pending, Turn):
            print_answer(pending)
            print_status(pending, caption)
        else:
            print_comparison(pending)
        self.shown = threading.Event()
        self.shown.set()


def _session(request: Mapping[str, Any]) -> str:
    return str(request.get("header", {}).get("session", ""))


def _started_by_console(kernel: Any) -> bool:
    file = getattr(kernel.parent, "connection_file", "")
    return bool(_OF_CONSOLE.fullmatch(PurePath(file).name))
