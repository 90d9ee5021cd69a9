"""Names that are being answered: unbound at first, waited for, bound at the end."""

from __future__ import annotations

import ast
import threading
import unicodedata
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, Protocol

from IPython.core.getipython import get_ipython

from ..errors import EdenError
from ..views import audience, terminal, values
from . import scopes
from .functions import names_behind
from .interrupt import stopping

MOMENT_S = 0.5  # a line that comes and goes at once would only make the page jump
LAST = "_eden"  # always the last reply, also a failed or stopped one, and where an object was asked for


class Pending(Protocol):
    """What a variable can wait for: a Turn, or whatever else ends once with a value or an error."""

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""

    @property
    def error(self) -> Exception | None:
        """Why it failed, or None."""

    @property
    def value(self) -> Any:
        """What the variable is bound to."""

    def wait(self, timeout: float | None = None) -> Any:
        """Block until it has ended, for at most `timeout` seconds. Raises what ended it."""

    def on_end(self, callback: Callable[[Any], None]) -> None:
        """Call back once it has ended, on whichever thread ends it; at once if it has."""

    def stop(self) -> None:
        """End it early; what it has so far is kept."""


class Variables:
    """The pending names of one user namespace. What ends binds them from its own thread."""

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self._namespace = namespace
        self._pending: dict[str, Pending] = {}  # still on their way, or failed
        self._lock = threading.Lock()

    def expect(self, name: str, pending: Pending) -> None:
        """Unbind the name until this has ended. A later one with the same name takes it over."""
        name = as_python(name)
        with self._lock:
            self._pending[name] = pending
            self._namespace.pop(name, None)
        pending.on_end(lambda ended: self._bind(name, ended))

    def pending(self) -> set[str]:
        """The names that a cell may have to wait for. One that the user has bound since is not among them."""
        with self._lock:
            for name in [name for name in self._pending if name in self._namespace]:
                del self._pending[name]
            return set(self._pending)

    def waits_for(self, name: str) -> Pending | None:
        """What this pending name waits for."""
        return self._pending.get(as_python(name))

    def knows(self, name: str) -> bool:
        """True if the name is bound, or will be."""
        name = as_python(name)
        return name in self._pending or name in self._namespace

    def bound(self) -> list[str]:
        """The user's own names, sorted: without modules, functions, classes and what begins with `_`."""
        return sorted(values.own(self._namespace))

    def types(self) -> list[str]:
        """The user's own classes, sorted."""
        known = list(self._namespace.items())
        return sorted(name for name, value in known if isinstance(value, type) and not name.startswith("_"))

    def wait(self, names: Iterable[str]) -> None:
        """Wait until these names are bound, by their answers or by the user. Raises the error of one that failed."""
        for name in map(as_python, names):
            if name in self.pending() and (pending := self.waits_for(name)):
                with suppress(EdenError), stopping(pending, name):
                    _wait(name, pending)
                if pending.error and name != LAST and name in self.pending():
                    raise pending.error

    def _bind(self, name: str, ended: Pending) -> None:
        with self._lock:
            if self._pending.get(name) is not ended:
                return
            if name != LAST and (ended.error or name in self._namespace):
                return  # it stays unbound, or what the user has given it meanwhile
            self._namespace[name] = getattr(ended, "reply", ended.value) if name == LAST else ended.value
            del self._pending[name]


def _wait(name: str, pending: Pending) -> None:
    """Wait for its end; what takes longer than a moment says so in the cell, where somebody watches."""
    pending.wait(MOMENT_S)
    if pending.done or not _is_watched():
        pending.wait()
        return
    from ..views import waiting  # widgets are half of what there is to import: not before there is something to show

    with waiting.shown(name, pending):
        pending.wait()


def _is_watched() -> bool:
    """Whether a line in the output of the running cell would be seen, and can go again."""
    kernel = getattr(get_ipython(), "kernel", None)
    in_cell = threading.current_thread() is threading.main_thread() and not audience.is_captured()
    return kernel is not None and in_cell and getattr(kernel, "_allow_stdin", True) and not terminal.is_here()


def as_python(name: str) -> str:
    """A name in the form in which Python looks it up (NFKC)."""
    return unicodedata.normalize("NFKC", name)


class WaitForNames(ast.NodeTransformer):
    """Makes each statement of a cell that needs a pending name wait for it first.

    A statement needs a name when it reads it, hands it to a magic inside a string, or uses a function or an object
    of the user's that reads it.
    """

    def __init__(self, variables: Variables, namespace: MutableMapping[str, Any]) -> None:
        self._variables = variables
        self._namespace = namespace

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        """Put the waits in front of what needs a pending name."""
        if pending := self._variables.pending():
            scopes.guard_cell(cell, lambda names, place: self._guard(names, pending, place))
        return cell

    def _guard(self, names: set[str], pending: set[str], place: ast.stmt) -> list[ast.stmt]:
        needed = (names | names_behind(names, self._namespace)) & pending
        return [_wait_statement(name, place) for name in sorted(needed)]


def _wait_statement(name: str, place: ast.stmt) -> ast.stmt:
    # locals() first: a loop comes here often, and only the first time is there anything to wait for.
    variables = "get_ipython().magics_manager.registry['EdenMagics'].session.variables"
    statement = ast.parse(f"if {name!r} not in locals(): {variables}.wait([{name!r}])").body[0]
    for node in ast.walk(statement):
        ast.copy_location(node, place)
    return statement
