"""One thread that paints every live view of the kernel, at one shared pace."""

from __future__ import annotations

import contextvars
import threading
import time
from typing import Protocol

FRAME_S = 0.05  # at most 20 frames a second: more cannot be read
SLEEP_RATIO = 50  # the painter sleeps this many times what its last round cost, so that user code keeps the kernel
LONGEST_SLEEP_S = 0.5  # else one slow frame, such as the first of a language, would look like a hang
IDLE_POLL_S = 0.25  # between two rounds without news: what a turn waits for may have changed
CLOSE_S = 1.0  # for the last round at exit
MESSAGES_PER_S = 200  # of all views together: above 1,000 the server drops messages, final ones included


class View(Protocol):
    """What is painted again and again until its end has been shown."""

    @property
    def ending(self) -> bool:
        """True when only the last frame is missing."""

    def paint(self) -> bool:
        """Show what is new. True once the last frame has been shown."""


class Painter:
    """Looks at its views in turn; they never queue frames, they show the newest."""

    def __init__(self) -> None:
        self._views: list[View] = []
        self._lock = threading.Lock()
        self._hurry = threading.Event()
        self._news = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    def add(self, view: View) -> None:
        """Paint this view until it has shown its last frame."""
        with self._lock:
            self._views.append(view)
            self._news.set()
            if self._thread is None and not self._closed:
                # A fresh context: what is published here belongs to the views, not to the running cell.
                run = contextvars.Context().run
                self._thread = threading.Thread(target=run, args=(self._rounds,), name="edenai-painter", daemon=True)
                self._thread.start()

    def wake(self, *_: object) -> None:
        """Paint soon: there is something new."""
        self._news.set()

    def flush(self, *_: object) -> None:
        """Paint the views that are ending without waiting for the next round."""
        self._hurry.set()
        self._news.set()

    def close(self) -> None:
        """Paint once more what is ending, then nothing: for the exit of the process."""
        with self._lock:
            self._closed, thread = True, self._thread
        self.flush()
        if thread:
            thread.join(CLOSE_S)

    def _rounds(self) -> None:
        hurried = False
        while views := self._left():
            if not hurried:
                self._news.clear()
            closed, cpu = self._closed, time.thread_time()
            ended = [view for view in views if (not hurried or view.ending) and view.paint()]
            with self._lock:
                self._views = [view for view in self._views if view not in ended]
            if closed:
                return
            sleep_s = min(SLEEP_RATIO * (time.thread_time() - cpu), LONGEST_SLEEP_S)
            pause_s = max(FRAME_S, sleep_s, len(views) / MESSAGES_PER_S)
            hurried = self._hurry.wait(pause_s)
            self._hurry.clear()
            if not hurried:
                self._news.wait(IDLE_POLL_S)

    def _left(self) -> list[View]:
        with self._lock:
            if not self._views:
                self._thread = None
            return list(self._views)


PAINTER = Painter()
