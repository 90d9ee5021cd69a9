"""What a turn, a comparison and a batch have in common: each is awaited, and shows itself in a cell."""

from __future__ import annotations

import sys
import threading
from abc import abstractmethod
from collections.abc import Callable, Generator, Iterable
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")


class Awaited(Generic[_T]):
    """Something that ends once: `await` gives its outcome. Where the awaiting task is cancelled, it is stopped."""

    @abstractmethod
    def on_end(self, callback: Callable[[Any], None]) -> None:
        """Call back once when it has ended; at once if it already has."""

    @abstractmethod
    def stop(self) -> Any:
        """End it now."""

    @abstractmethod
    def show(self) -> Any:
        """Show it live in this cell's output."""

    @abstractmethod
    def _outcome(self) -> _T:
        """What it has come to. Raises the error that ended it."""

    def _call_back(self, callbacks: Iterable[Callable[[Any], None]]) -> None:
        """Call them all. An error of one is shown, and keeps neither the others nor who waits from going on."""
        for callback in callbacks:
            try:
                callback(self)
            except Exception:
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))

    def _ipython_display_(self) -> None:
        self.show()

    def __await__(self) -> Generator[Any, None, _T]:
        return self._awaited().__await__()

    async def _awaited(self) -> _T:
        from . import waiting  # not with %load_ext, which needs nothing of asyncio

        await waiting.until_end(self.on_end, on_cancel=self.stop)
        return self._outcome()
