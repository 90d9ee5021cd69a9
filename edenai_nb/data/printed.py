"""How tables print that are inside of something else: an object, an error, an array of objects."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from . import frames
from .described import Level

_TABLES = {"pandas": ("DataFrame", "Series", "Index"), "polars": ("DataFrame", "Series")}
_PRINTERS = ("__repr__", "__str__")


@contextmanager
def as_schemas() -> Iterator[None]:
    """While this lasts, large tables of pandas and polars print as their schema.

    The `repr` of a dataclass, a namespace or an error prints the table that it holds, with values of it. The libraries
    have no setting under which none are printed, so that their classes are told for that moment. (Those of pyarrow are
    of C and cannot be told: their `repr` has the first and the last values.)
    """
    with ExitStack() as stack:
        for library, names in _TABLES.items():
            for name in names:
                if (kind := getattr(sys.modules.get(library), name, None)) is not None:
                    _tell(kind, stack)
        yield


def _tell(kind: type, stack: ExitStack) -> None:
    for name in _PRINTERS:
        if printer := vars(kind).get(name):
            setattr(kind, name, _printing(printer))
            stack.callback(setattr, kind, name, printer)


def _printing(printer: Callable[[Any], str]) -> Callable[[Any], str]:
    def printed(table: Any) -> str:
        found = frames.read(table)
        if found is None or found.rows <= frames.WHOLE_ROWS:
            return printer(table)
        told = frames.describe(found, "", Level("schema"))
        return f"[{told.about}]\n{told.text}\n"

    return printed
