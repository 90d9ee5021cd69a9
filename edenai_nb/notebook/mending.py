"""`%edenchat fix`: a cell that failed as a question, and the corrected cell in its answer."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from ..attachments import fenced
from ..data import outlines
from ..errors import InvalidInput
from ..reply import Reply
from .failures import Failure, Failures

_ASK = (
    "A cell of my Jupyter notebook failed. Say in a sentence or two why. Then give the whole corrected cell, as it "
    "would be run, in one Python code block; change nothing that has to do with something else."
)
_PYTHON = ("python", "python3", "py", "ipython", "")


def split(words: str) -> tuple[int | None, str]:
    """(the number of the cell, the options behind it) of `[N] [options]`."""
    first, _, rest = words.strip().partition(" ")
    return (int(first), rest.strip()) if first.isdecimal() else (None, words.strip())


def failure(failures: Failures, number: int | None) -> Failure:
    """The failure that is meant. Raises InvalidInput where there is none."""
    if (found := failures.find(number)) is None:
        which = "No cell has" if number is None else f"Cell {number} has not"
        raise InvalidInput(f"{which} failed in this session: there is nothing to fix. Nothing was sent.")
    return found


def question(found: Failure, namespace: Mapping[str, Any]) -> str:
    """The cell, its traceback, and what the variables in it are, without a value of theirs."""
    pieces = [_ASK, f"The cell:\n{fenced(found.source.rstrip(), 'python')}", f"What it says:\n{fenced(found.text)}"]
    if known := outlines.outlines(_names(found.source), namespace):
        pieces.append(f"What its variables are:\n{fenced(known)}")
    return "\n\n".join(pieces)


def corrected(reply: Reply, source: str) -> str | None:
    """The corrected cell in an answer; None where there is none, or where it is the same."""
    code = next((block.rstrip("\n") for block in reply.code if block.language.lower() in _PYTHON), "")
    return code if code.strip() and code.strip() != source.strip() else None


def _names(source: str) -> set[str]:
    try:
        tree = ast.parse(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except SyntaxError:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
