"""The global names that functions and objects of the user's read when they are used."""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

_READS = {"LOAD_GLOBAL", "LOAD_NAME"}


def names_behind(names: Iterable[str], namespace: Mapping[str, Any]) -> set[str]:
    """What the functions with these names read, and the functions that those call, and so on."""
    found: set[str] = set()
    seen: set[int] = set()
    todo = [namespace[name] for name in names if name in namespace]
    while todo:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        for function in _functions(thing):
            if function.__globals__ is not namespace:
                continue  # of a module: its globals are others
            read = global_names(function.__code__)
            found |= read
            todo += [namespace[name] for name in read if name in namespace]
            todo += _contents(function.__closure__ or ())
    return found


def _functions(thing: Any) -> Iterator[types.FunctionType]:
    """The functions in a function, a method, a partial, or in a class or object that the user defined."""
    if isinstance(thing, functools.partial):
        for part in (thing.func, *thing.args, *thing.keywords.values()):
            yield from _functions(part)
    elif isinstance(thing, types.MethodType):
        yield from _functions(thing.__func__)
    elif isinstance(thing, types.FunctionType):
        yield thing
    elif isinstance(wrapped := getattr(thing, "__wrapped__", None), types.FunctionType):
        yield wrapped
    elif not isinstance(thing, types.ModuleType):
        yield from _methods(thing if isinstance(thing, type) else type(thing))


def _methods(kind: type) -> Iterator[types.FunctionType]:
    for parent in kind.__mro__:
        if parent.__module__ == "__main__":
            for member in vars(parent).values():
                member = getattr(member, "__func__", getattr(member, "fget", member))
                if isinstance(member, types.FunctionType):
                    yield member


@functools.lru_cache(maxsize=1024)  # disassembling costs some 100 µs a function
def global_names(code: types.CodeType) -> frozenset[str]:
    """The global names that this code and the functions inside of it read, without those that it surely binds first."""
    bound: set[str] = set()
    read: set[str] = set()
    straight = True
    for step in dis.get_instructions(code):
        straight = straight and step.opcode not in dis.hasjrel and step.opcode not in dis.hasjabs
        if straight and step.opname == "STORE_GLOBAL":
            bound.add(step.argval)
        elif step.opname in _READS and step.argval not in bound:
            read.add(step.argval)
    inner = (global_names(part) for part in code.co_consts if isinstance(part, types.CodeType))
    return frozenset(read).union(*inner)


def _contents(cells: Iterable[types.CellType]) -> Iterator[Any]:
    for cell in cells:
        with suppress(ValueError):  # empty: its variable is not bound yet
            yield cell.cell_contents
