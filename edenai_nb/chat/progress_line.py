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
_WIPE = "\r\x1b[K"
_SUMMARY_S = 1.0  # how long the end of a batch waits for a terminal
_shown: weakref.WeakSet[Batch] = weakref.WeakSet()  # those whose line is there now
_drawn: list[Batch] = []  # those on the one line that is there without tqdm; the first that runs draws it


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
        if tqdm := _tqdm():
            tqdm.write(batch.summary, file=file)  # above the bars of others
        else:
            print(f"{_WIPE}{batch.summary}", file=file, flush=True)


def draw(batch: Batch, file: TextIO, wait: Callable[[float], object]) -> None:
    """Draw the line until the batch ends, and wipe it away. Raises what `wait(seconds)` does."""
    shown = _Bar(batch, file, tqdm) if (tqdm := _tqdm()) else _Line(batch, file)
    try:
        while not batch.done:
            shown.draw()
            wait(PROGRESS_S)
    finally:
        shown.close()


class _Line:
    """A line that is written over; all batches of the process share it."""

    def __init__(self, batch: Batch, file: TextIO) -> None:
        self._batch, self._file = batch, file
        _drawn.append(batch)

    def draw(self) -> None:
        running = [one for one in _drawn if not one.done]
        if running[:1] == [self._batch]:
            line = " | ".join(one.progress.line for one in running)
            line = line[: shutil.get_terminal_size().columns - 1]  # a longer one could not be written over
            print(f"\r{line}\x1b[K", end="", file=self._file, flush=True)

    def close(self) -> None:
        _drawn.remove(self._batch)
        print(_WIPE, end="", file=self._file, flush=True)


class _Bar:
    """A bar of tqdm's, which knows how wide a terminal is, what it can draw, and which other bars there are."""

    def __init__(self, batch: Batch, file: TextIO, tqdm: Any) -> None:
        self._batch = batch
        form = "|{bar:20}| {desc}"
        self._bar = tqdm(total=len(batch), file=file, leave=False, dynamic_ncols=True, bar_format=form)

    def draw(self) -> None:
        progress = self._batch.progress
        self._bar.n = progress.finished
        self._bar.set_description_str(progress.line)  # draws it, too

    def close(self) -> None:
        self._bar.close()


def _tqdm() -> Any:
    """The class of bars; None where tqdm is not installed."""
    try:
        from tqdm import tqdm  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        return None
    return tqdm
