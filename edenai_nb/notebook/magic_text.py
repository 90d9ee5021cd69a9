"""The names and the Python in the strings that a cell hands to a magic, the shell, `exec` or `eval`."""

from __future__ import annotations

import ast
import re
from string import Formatter
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

from . import prompt

MAGIC = "edenchat"

_WORD = re.compile(r"[^\W\d]\w*")
_DOLLAR = re.compile(r"(?<!\$)\$([^\W\d]\w*)")
_SHELL = {"system", "getoutput", "getoutput_with_exit_code"}
# Magics whose line, and whose cell, is no Python: IPython fills in `$name` and `{expression}` in the line, no more.
_PROSE = frozenset(
    _WORD.findall(
        """
        alias autoreload bash capture cat cd cmd conda config cp dirs env file html javascript js latex ll load
        load_ext ls lsmagic magic mamba man markdown matplotlib micromamba mkdir more mv notebook perl pip popd pushd
        pwd pylab quickref rehashx reload_ext rm rmdir ruby run script set_env sh svg sx system unload_ext uv who
        who_ls whos writefile xmode
        """
    )
)
_CODE_BELOW = frozenset({"capture"})  # prose on their line, Python in their cell


class Given(NamedTuple):
    """What a call is given as text: names that are read, and code that runs."""

    names: set[str] = set()  # noqa: RUF012 (never changed)
    code: tuple[ast.Module, ...] = ()


def of(call: ast.Call) -> Given:
    """What a cell hands to a magic, to the shell, to `exec` or to `eval`; nothing for any other call."""
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    match call.func:
        case ast.Name("exec" | "eval") if texts:
            return Given(code=_parsed(texts[0]))
        case ast.Attribute(attr=name) if name in _SHELL:
            return Given(names=set().union(*map(_expanded, texts)))
        case ast.Attribute(attr="run_line_magic" | "run_cell_magic") if texts:
            return _magic(*texts)
    return Given()


def _magic(magic: str, line: str = "", cell: str = "") -> Given:
    if magic == MAGIC:  # a prompt is prose: only its expressions are code
        return Given() if "--raw" in line.split() else Given(code=prompt.expressions(f"{line}\n{cell}"))
    if magic in _PROSE and magic not in _CODE_BELOW:
        return Given(names=_expanded(line))
    above, below = Given(_expanded(line)) if magic in _CODE_BELOW else _code(line), _code(cell)
    return Given(above.names | below.names, above.code + below.code)


def _code(text: str) -> Given:
    """Python, also behind options as in `-n 1 f(x)`; where it is none, every word may be a name."""
    tree = _parsed(text)
    while not tree and text.startswith("-"):
        text = text.partition(" ")[2].lstrip()
        tree = _parsed(text) or _parsed(text.partition(" ")[2])
    return Given(code=tree) if tree else Given(names=set(_WORD.findall(text)))


def _parsed(text: str) -> tuple[ast.Module, ...]:
    try:
        manager = TransformerManager()  # type: ignore[no-untyped-call]
        return (ast.parse(manager.transform_cell(text)),)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _expanded(text: str) -> set[str]:
    """The names in `$name` and `{expression}`, as IPython fills them in."""
    names = set(_DOLLAR.findall(text))
    try:
        fields = [field for _, field, _, _ in Formatter().parse(text) if field]
    except ValueError:  # unbalanced: IPython leaves it as it is
        return names
    for tree in (tree for field in fields for tree in _parsed(field)):
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names
