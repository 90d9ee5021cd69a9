"""The last figure that a cell has shown, whatever has drawn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..data import displayed
from ..data.displayed import NOTHING, Displayed

Call = Callable[[], Any]


class LastFigure:
    """Looks on while IPython shows things; `.value` is the last figure among them, NOTHING at first.

    It is whatever was shown last, also where it cannot be sent: the line that says so is better than an older picture.
    What `%%capture` keeps is not shown.
    """

    def __init__(self, shell: Any) -> None:
        self.value: Displayed = NOTHING
        self._object: Any = None  # whose bundle is being made: it may publish that itself, as plotly's figures do
        self._made: tuple[Mapping[str, Any], Any] = {}, None  # the last bundle of a figure, and the object it is of
        self._watched = (
            _Watched(shell.display_formatter, "format", self._make),
            _Watched(shell.displayhook, "write_format_data", self._show),
            _Watched(shell.display_pub, "publish", self._show),
        )

    def install(self) -> None:
        """Look at all that cells show from now on."""
        for method in self._watched:
            method.install()

    def remove(self) -> None:
        """Let go of it."""
        for method in self._watched:
            method.remove()
        self.value, self._made = NOTHING, ({}, None)

    def _make(self, call: Call, value: Any = None, *_: Any, **__: Any) -> Any:
        outer, self._object = self._object, value
        try:
            made = call()
        finally:
            self._object = outer
        bundle = made[0] if isinstance(made, tuple) else {}
        self._made = (bundle, value) if displayed.read(bundle, value) else ({}, None)
        return made

    def _show(self, call: Call, data: Any = None, *_: Any, **__: Any) -> Any:
        shown = call()
        bundle, value = self._made if data is self._made[0] else (data, self._object)
        if isinstance(bundle, Mapping) and (figure := displayed.read(bundle, value)):
            self.value = figure
        return shown


class _Watched:
    """A method of an object that something looks at: `around(call, *arguments)` makes the call and gives its result."""

    def __init__(self, owner: Any, name: str, around: Callable[..., Any]) -> None:
        self._owner, self._name, self._around = owner, name, around
        self._before: Any = None  # what another extension may have put there
        self._ours: Any = None

    def install(self) -> None:
        method = getattr(self._owner, self._name)
        self._before = vars(self._owner).get(self._name)
        self._ours = lambda *given, **named: self._around(partial(method, *given, **named), *given, **named)
        setattr(self._owner, self._name, self._ours)

    def remove(self) -> None:
        """Put back what was there; where another extension has put its own over it, no longer look."""
        self._around = lambda call, *_, **__: call()
        if vars(self._owner).get(self._name) is self._ours:
            delattr(self._owner, self._name)
            if self._before is not None:
                setattr(self._owner, self._name, self._before)
