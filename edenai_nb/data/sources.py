"""Functions and classes as their source."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
import types
from contextlib import suppress
from typing import Any

from .described import Described

MOST_LINES = 400
_KINDS = (type, types.FunctionType, types.MethodType)
_NOBODY_MEANS = ("IPython", "ipykernel", "builtins", "io", "_io")  # what every notebook has in its names


def read(value: Any) -> list[str] | None:
    """The lines of a function or class that somebody wrote; None for what has no source, and for lambdas."""
    if not isinstance(value, _KINDS) or getattr(value, "__name__", "") == "<lambda>":
        return None
    if (value.__module__ or "").partition(".")[0] in _NOBODY_MEANS:
        return None
    try:
        return textwrap.dedent(inspect.getsource(inspect.unwrap(value))).rstrip().splitlines()
    except (OSError, TypeError, ValueError):
        return _of_cell(value) if isinstance(value, type) and value.__module__ == "__main__" else None


def _of_cell(kind: type) -> list[str] | None:
    """The class as the last cell has it that defines one of its name: cells are no module, where Python would look."""
    for _, changed, lines, _ in reversed([entry for entry in linecache.cache.values() if len(entry) == 4]):
        if changed is None and any(kind.__name__ in line for line in lines):  # None: it is no file
            with suppress(SyntaxError, ValueError):
                if found := _definition(ast.parse("".join(lines)), kind.__qualname__.split(".")):
                    return textwrap.dedent("".join(lines[found])).rstrip().splitlines()
    return None


def _definition(tree: ast.AST, names: list[str]) -> slice | None:
    """The lines in which the class of this dotted name stands, with its decorators."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef) and node.name == names[0]:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return _definition(node, names[1:]) if names[1:] else slice(first - 1, node.end_lineno)
    return None


def describe(lines: list[str], name: str) -> Described:
    """The source; of more than 400 lines the first and the last."""
    half = MOST_LINES // 2
    told = "source" if len(lines) <= MOST_LINES else f"source, {MOST_LINES:,} of {len(lines):,} lines"
    shown = lines if len(lines) <= MOST_LINES else [*lines[:half], "# …", *lines[-half:]]
    return Described("\n".join(shown), told, (f"{name}: {told}",), language="python", is_block=True)
