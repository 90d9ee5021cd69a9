"""What an interrupt does: it stops the answer that a cell waits for, or all of them where the kernel is idle."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ..chat.running import stop_all
from ..errors import Interrupted


@contextmanager
def stopping(pending: Any, name: str) -> Iterator[None]:
    """An interrupt inside stops what this variable waits for, and says in one line what is kept."""
    try:
        yield
    except KeyboardInterrupt:
        pending.stop()
        raise Interrupted(f"`{name}`", pending.value, f"`{name}`") from None


class IdleInterrupt:
    """Lets an interrupt of an idle kernel stop what streams. A busy cell still gets its KeyboardInterrupt.

    ipykernel ignores SIGINT while no cell runs, and restores `saved_sigint_handler` after each cell: an attribute of
    its Kernel that is not documented. Where it is missing, this does nothing.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._before: Any = None

    def install(self, *_: object) -> None:
        """Take the place of the handler that follows the running cell; called in each cell, as others may take it."""
        now = getattr(self._kernel, "saved_sigint_handler", None)
        if now is not None and now != self._stop and _in_main_thread():
            self._before = now
            self._kernel.saved_sigint_handler = self._stop

    def remove(self) -> None:
        """Put the handler back that was there before."""
        if getattr(self._kernel, "saved_sigint_handler", None) == self._stop:
            self._kernel.saved_sigint_handler = self._before
            if signal.getsignal(signal.SIGINT) == self._stop and _in_main_thread():
                signal.signal(signal.SIGINT, self._before)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        # On a thread: the signal may have come while the main thread held a lock that stopping needs.
        threading.Thread(target=stop_all, name="edenai-interrupt", daemon=True).start()
        if callable(self._before):
            self._before(number, frame)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
