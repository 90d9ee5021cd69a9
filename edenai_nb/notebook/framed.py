"""An answer whose variable is a DataFrame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from ..chat.turn import Turn
from ..errors import InvalidInput

_KEPT = "The text is in `_eden`."


class Framed:
    """What a variable waits for (see `variables.Pending`): a Turn, its value the first table of the answer."""

    def __init__(self, turn: Turn, library: str) -> None:
        self._turn = turn
        self._library = library

    @property
    def done(self) -> bool:
        """Whether the turn has ended."""
        return self._turn.done

    @property
    def error(self) -> Exception | None:
        """Why there is no table, or None."""
        return self._turn.error or (self._made[1] if self._is_whole else None)

    @property
    def value(self) -> Any:
        """The DataFrame; the Reply of an answer that was stopped. Raises InvalidInput where there is no table."""
        if not self._is_whole:
            return self._turn.reply
        made, error = self._made
        if error:
            raise error
        return made

    @property
    def _is_whole(self) -> bool:
        return self.done and self._turn.reply.complete

    @cached_property
    def _made(self) -> tuple[Any, InvalidInput | None]:
        try:
            return self._turn.reply.frame(self._library), None
        except ImportError:
            return None, InvalidInput(f"--frame needs {self._library}: pip install {self._library}. {_KEPT}")
        except Exception:  # there is no table, or the library cannot make a frame of it
            return None, InvalidInput(f"The answer holds no table: --frame takes a list of records. {_KEPT}")

    def wait(self, timeout: float | None = None) -> Any:
        """Wait for the turn; returns the DataFrame, or the Reply as it is after the timeout."""
        reply = self._turn.wait(timeout)
        return self.value if self.done else reply

    def on_end(self, callback: Callable[[Any], None]) -> None:
        """Call back once the turn has ended."""
        self._turn.on_end(lambda _: callback(self))

    def stop(self) -> None:
        """Stop the turn."""
        self._turn.stop()


def library(namespace: Mapping[str, Any]) -> str:
    """`polars` where the notebook has imported that and not pandas, else `pandas`."""
    names = {getattr(value, "__name__", "") for value in list(namespace.values()) if type(value).__name__ == "module"}
    return "polars" if "polars" in names and "pandas" not in names else "pandas"
