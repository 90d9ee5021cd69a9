"""The text of an answer into the value that was asked for, or into all that is wrong with it."""

from __future__ import annotations

from typing import Any

import msgspec

from ..reply.fences import fences
from .problems import Problem
from .schema import Schema


class Mismatch(ValueError):
    """The text does not fit; `problems` are all places, and its message holds nothing of the text."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} places do not fit")
        self.problems = problems


def decode(text: str, schema: Schema) -> Any:
    """The value in the text: JSON, bare or in one code fence. Raises Mismatch with everything that is wrong with it."""
    value, problems = schema.read(_json(text))
    if problems:
        raise Mismatch(problems)
    return value


def _json(text: str) -> Any:
    found = [source for _, source in fences(text)]
    for candidate in (text, *(found if len(found) == 1 else ())):
        try:
            return msgspec.json.decode(candidate.strip("\ufeff \t\r\n"))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:  # msgspec 0.19 has no ValueErrors
            problem = error
    raise Mismatch([_unreadable(text, problem)])


def _unreadable(text: str, problem: Exception) -> Problem:
    if not text.strip():
        return Problem("$", "there is no text")
    return Problem("$", "it is not JSON", str(problem) if isinstance(problem, msgspec.DecodeError) else "")
