"""The last picture that a cell has shown, whatever has drawn it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ..data import figures

_PICTURES = ("image/png", "image/jpeg")


class Shown:
    """A picture as it was shown."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def _repr_png_(self) -> bytes:
        return self._data


class LastFigure:
    """Remembers what the formatter of IPython's displays was last given a picture of: `.value`, None at first."""

    def __init__(self, formatter: Any) -> None:
        self.value: Any = None
        self._formatter = formatter

    def install(self) -> None:
        """Look at all that cells display from now on."""
        format_ = self._formatter.format

        def watched(value: Any, *rest: Any, **more: Any) -> Any:
            found = format_(value, *rest, **more)
            self._remember(value, found)
            return found

        self._formatter.format = watched

    def remove(self) -> None:
        """Let go of it."""
        self._formatter.__dict__.pop("format", None)
        self.value = None

    def _remember(self, value: Any, found: Any) -> None:
        bundle: Mapping[str, Any] = found[0] if isinstance(found, tuple) else {}
        drawn = next((bundle[kind] for kind in _PICTURES if kind in bundle), None)
        if drawn is not None:
            self.value = Shown(base64.b64decode(drawn) if isinstance(drawn, str) else bytes(drawn))
        elif figures.is_picture(value):  # plotly, for one, publishes what a page can draw
            self.value = value
