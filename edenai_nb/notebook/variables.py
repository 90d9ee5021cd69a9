"""Names that are being answered: unbound at first, waited for, bound at the end."""

from __future__ import annotations

import ast
import dis
import functools
import re
import threading
import types
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import suppress
from typing import Any

from ..errors import EdenError
from ..turn import Turn
from . import prompt

LAST = "_eden"  # always the last reply, also a failed or stopped one
MAGIC = "edenchat"
_WORD = re.compile(r"[^\W\d]\w*")
_MAGIC_CALLS = {"run_line_magic", "run_cell_magic", "system", "getoutput", "getoutput_with_exit_code"}


class Variables:
    """The pending names of one user namespace. Turns bind them from their own threads."""

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self._namespace = namespace
        self._turns: dict[str, Turn] = {}  # still on their way, or failed
        self._lock = threading.Lock()

    def expect(self, name: str, turn: Turn) -> None:
        """Unbind the name until this turn ends. A later turn with the same name takes it over."""
        with self._lock:
            self._turns[name] = turn
            self._namespace.pop(name, None)
        turn.on_end(lambda ended: self._bind(name, ended))

    def pending(self) -> set[str]:
        """The names that a cell may have to wait for. One that the user has bound since is not among them."""
        with self._lock:
            for name in [name for name in self._turns if name in self._namespace]:
                del self._turns[name]
            return set(self._turns)

    def turn(self, name: str) -> Turn | None:
        """The turn that this pending name waits for."""
        return self._turns.get(name)

    def knows(self, name: str) -> bool:
        """True if the name is bound, or will be."""
        return name in self._turns or name in self._namespace

    def wait(self, needed: Iterable[str], overwritten: Iterable[str] = ()) -> None:
        """Wait until these names are bound. Raises the EdenError of a turn that failed, if its name is needed."""
        for name in (*overwritten, *needed):
            if turn := self._turns.get(name):
                with suppress(EdenError):
                    turn.wait()
                if name == LAST or name in overwritten:
                    self._turns.pop(name, None)
                elif turn.reply.error:
                    raise turn.reply.error

    def _bind(self, name: str, turn: Turn) -> None:
        with self._lock:
            if self._turns.get(name) is turn and (name == LAST or not turn.reply.error):
                self._namespace[name] = turn.reply
                del self._turns[name]


class WaitForNames(ast.NodeTransformer):
    """Makes a cell that mentions a pending name wait for it first.

    A name counts as mentioned when the cell uses it, hands it to a magic inside a string, or calls a
    function of the user's that uses it.
    """

    def __init__(self, variables: Variables, namespace: MutableMapping[str, Any]) -> None:
        self._variables = variables
        self._namespace = namespace

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        pending = self._variables.pending()
        if not pending or not cell.body:
            return cell
        used, stored = _names_in(cell)
        needed = pending & (used | self._through_functions(used, pending))
        overwritten = (pending & stored) - needed
        if needed or overwritten:
            place = sum(isinstance(line, ast.ImportFrom) and line.module == "__future__" for line in cell.body)
            cell.body.insert(place, _wait_statement(needed, overwritten, cell.body[0]))
        return cell

    def _through_functions(self, used: set[str], pending: set[str]) -> set[str]:
        found: set[str] = set()
        seen: set[int] = set()
        todo = [self._namespace[name] for name in used if name in self._namespace]
        while todo:
            thing = todo.pop()
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            for code in _code_of(thing):
                names = _globals_of(code, pending)
                found |= names
                todo += [self._namespace[name] for name in code.co_names if name in self._namespace]
        return found & pending


def _wait_statement(needed: set[str], overwritten: set[str], place: ast.stmt) -> ast.stmt:
    source = (
        "get_ipython().magics_manager.registry['EdenMagics'].session.variables.wait"
        f"({tuple(sorted(needed))!r}, {tuple(sorted(overwritten))!r})"
    )
    statement = ast.parse(source).body[0]
    for node in ast.walk(statement):
        ast.copy_location(node, place)
    return statement


def _names_in(cell: ast.Module) -> tuple[set[str], set[str]]:
    """The names that a cell uses, and those that it only binds."""
    used: set[str] = set()
    stored: set[str] = set()
    for node in ast.walk(cell):
        if isinstance(node, ast.Name):
            (stored if isinstance(node.ctx, ast.Store) else used).add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            used.add(node.target.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stored.add(node.name)
        elif isinstance(node, ast.alias):
            stored.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Call):
            used |= _names_for_magic(node)
    return used, stored


def _names_for_magic(call: ast.Call) -> set[str]:
    """The words in the strings that a cell hands to a magic or to the shell."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in _MAGIC_CALLS):
        return set()
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if texts[:1] == [MAGIC]:  # a prompt is prose: only its expressions are code
        return set().union(*(prompt.names(text) for text in texts[1:]))
    return {word for text in texts for word in _WORD.findall(text)}


def _code_of(thing: Any) -> Iterator[types.CodeType]:
    """The code of a function, a method, a partial, or of a class or object that the user defined."""
    if isinstance(thing, functools.partial):
        thing = thing.func
    thing = getattr(thing, "__wrapped__", thing) if callable(thing) else thing
    if isinstance(thing, types.MethodType):
        thing = thing.__func__
    if isinstance(thing, types.FunctionType):
        yield from _nested(thing.__code__)
        return
    kind = thing if isinstance(thing, type) else type(thing)
    if kind.__module__ == "__main__":
        for member in vars(kind).values():
            if isinstance(member, types.FunctionType):
                yield from _nested(member.__code__)


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)


def _globals_of(code: types.CodeType, wanted: set[str]) -> set[str]:
    # co_names holds attributes too, but disassembling costs: only where a wanted name is among them.
    if wanted.isdisjoint(code.co_names):
        return set()
    return {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")} & wanted
