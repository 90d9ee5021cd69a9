"""Cell text with {{expressions}} into the prompt that is sent."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

LONGEST_EXPRESSION = 500  # characters
MOST_ROWS = 200  # of a DataFrame: str() would hide the middle rows without a word


@dataclass(frozen=True)
class Prompt:
    """The text to send, and the expressions in it that could not be evaluated and stayed as typed."""

    text: str
    unresolved: tuple[str, ...] = ()


def interpolate(text: str, evaluate: Callable[[str], Any]) -> Prompt:
    """Replace each `{{expression}}` by the text of its value, in one pass: values are never looked into.

    Never an error. What does not parse as a Python expression (JSON, LaTeX, templates) is no expression
    and is left alone; what cannot be evaluated stays as typed and is named in `unresolved`.
    """
    pieces: list[str] = []
    unresolved: list[str] = []
    done = 0
    for start, end, expression in _expressions(text):
        try:
            value = as_text(evaluate(expression))
        except Exception:  # whatever the user's own code raises
            unresolved.append(expression)
            continue
        pieces += [text[done:start], value]
        done = end
    return Prompt("".join([*pieces, text[done:]]), tuple(unresolved))


def expressions(text: str) -> tuple[ast.Module, ...]:
    """The expressions in a prompt, as code."""
    return tuple(ast.parse(expression) for _, _, expression in _expressions(text))


def as_text(value: Any) -> str:
    """A value as the model reads it best: tables whole (up to 200 rows), everything else as `str`."""
    if hasattr(value, "to_string") and hasattr(value, "index"):
        return str(value.to_string(max_rows=MOST_ROWS))
    return str(value)


def _expressions(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, expression) of every `{{…}}` that holds a Python expression."""
    position = text.find("{{")
    while position != -1:
        end = _end(text, position + 2)
        if end is None:
            # Past the whole run of braces: the inner part of {{{x}}} is no expression of its own.
            position = text.find("{{", _past_braces(text, position))
        else:
            yield position, end, text[position + 2 : end - 2].strip()
            position = text.find("{{", end)


def _past_braces(text: str, position: int) -> int:
    while text.startswith("{", position):
        position += 1
    return position


def _end(text: str, start: int) -> int | None:
    """Where the expression that starts here is closed: the first `}}` that makes it valid Python."""
    limit = start + LONGEST_EXPRESSION
    close = text.find("}}", start, limit)
    while close != -1:
        if _is_expression(text[start:close].strip()):
            return close + 2
        close = text.find("}}", close + 1, limit)
    return None


def _is_expression(source: str) -> bool:
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    # {{1, 2}} is a matrix and {{{x}}} an f-string's brace, far more often than they are meant as Python.
    return not isinstance(tree.body, (ast.Tuple, ast.Set, ast.Starred))
