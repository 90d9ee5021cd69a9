"""How far a batch is, as one line of a terminal that is written over, with a bar where tqdm is installed."""

from __future__ import annotations

import shutil
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from .batch import Batch

PROGRESS_S = 0.5  # between two looks at a batch
_SUMMARY_S = 1.0  # how long the end of a batch waits for a terminal
_shown: weakref.WeakSet[Batch] = weakref.WeakSet()  # those whose line is there now


def show(batch: Batch) -> None:
    """Show it on stderr until it ends, then its summary, while a script goes on; nothing where that is no terminal."""
    if batch in _shown or not (sys.stderr and sys.stderr.isatty()):
        return
    _shown.add(batch)
    ended = threading.Event()
    thread = threading.Thread(target=_show, args=(batch, sys.stderr, ended), name="edenai-progress", daemon=True)
    thread.start()

    def end(_: object) -> None:
        _shown.discard(batch)  # it may be asked to retry
        ended.set()
        thread.join(_SUMMARY_S)  # who waits for the batch finds the summary printed

    batch.on_end(end)


def _show(batch: Batch, file: TextIO, ended: threading.Event) -> None:
    with suppress(OSError, ValueError):  # a terminal that is closed
        draw(batch, file, ended.wait)
        print(batch.summary, file=file, flush=True)


def draw(batch: Batch, file: TextIO, wait: Callable[[float], object]) -> None:
    """Draw the line until the batch ends, and wipe it away. Raises what `wait(seconds)` does."""
    bar = _bar(len(batch), file)
    try:
        while not batch.done:
            progress = batch.progress
            if bar is None:
                line = progress.line[: shutil.get_terminal_size().columns - 1]  # a longer one could not be written over
                print(f"\r{line}\x1b[K", end="", file=file, flush=True)
            else:
                bar.n = progress.finished
                bar.set_description_str(progress.line)  # draws it, too
            wait(PROGRESS_S)
    finally:
        if bar is None:
            print("\r\x1b[K", end="", file=file, flush=True)
        else:
            bar.close()


def _bar(rows: int, file: TextIO) -> Any:
    """A bar of tqdm's, which knows how wide a terminal is and what it can draw; None where it is not installed."""
    try:
        from tqdm import tqdm  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        return None
    return tqdm(total=rows, file=file, leave=False, dynamic_ncols=True, bar_format="|{bar:20}| {desc}")
