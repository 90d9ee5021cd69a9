"""What is wrong with an answer, place by place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

MOST_TOLD = 8  # in an error; the repair is told all


class Problem(NamedTuple):
    """One place that does not fit. `words` hold nothing of the answer; `detail`, for the model alone, may."""

    path: str  # as in JSONPath: $.items[2].price; keys that the model made up are *
    words: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.words}"


def told(problems: Iterable[Problem]) -> str:
    """The first of them in one line, for the user."""
    lines = [str(problem) for problem in problems]
    more = f"; and {len(lines) - MOST_TOLD} more" if len(lines) > MOST_TOLD else ""
    return "; ".join(lines[:MOST_TOLD]) + more


def repair(problems: Iterable[Problem]) -> str:
    """All of them, as the message with which a model is asked to mend its answer."""
    lines = [f"- {problem}{f' ({problem.detail})' if problem.detail else ''}" for problem in problems]
    return "\n".join(
        [
            "Your answer does not have the form that was asked for:",
            *lines,
            "Answer again with the whole JSON, with these places put right, and nothing else.",
        ]
    )
