"""The files in `static/` as what a widget carries: one ES module, one style sheet."""

from __future__ import annotations

import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_FOR_READERS = re.compile(r"^ *//.*\n| +// .*|^ +|^\n", re.MULTILINE)  # comments, indents, empty lines
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


@cache
def module(entry: str) -> str:
    """This script and all that it imports, each before who imports it, as one ES module with what `entry` exports.

    Without comments and indents: every widget sends it along. Raises graphlib.CycleError where imports go round.
    """
    imports: dict[str, list[str]] = {}
    left = [entry]
    while left:
        name = left.pop()
        imports[name] = _IMPORT.findall(source(name))
        left += [other for other in imports[name] if other not in imports]
    whole = "".join(map(source, TopologicalSorter(imports).static_order()))
    return _FOR_READERS.sub("", _EXPORT.sub("", _IMPORT.sub("", whole)))


def source(name: str) -> str:
    """The script of this name as it is written."""
    return (STATIC / f"{name}.js").read_text("utf-8")


def style(names: str) -> str:
    """These style sheets as one, in this order."""
    return "".join((STATIC / f"{name}.css").read_text("utf-8") for name in names.split())
