"""The question mark at the end of a one-line prompt, which IPython takes for a request for help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from IPython.core.inputtransformer2 import (
    EscapedCommand,
    MagicAssign,
    assemble_continued_line,
    find_end_of_continued_line,
    make_tokens_by_line,
)

_QUESTION = re.compile(r"(?:%(?!edenchat)\w+\s.*)?%edenchat\s+\S.*\?\s*", re.DOTALL)


def keep_question_marks(lines: list[str]) -> list[str]:
    """Write `%edenchat why?` as the call that IPython would make of it without its question mark.

    `%edenchat?` still shows help, and `%time %edenchat why?` asks. A question may go on over lines that end in a
    backslash. Python's tokens decide what is a magic: strings, comments and the body of a cell magic stay as they are.
    """
    if not any("%edenchat" in line for line in lines) or lines[0].lstrip().startswith("%%"):
        return lines
    while magic := next(_questions(lines), None):
        lines = magic.transform(lines)
    return lines


def _questions(lines: list[str]) -> Iterator[Any]:
    """IPython's own transformers, each at a question to this magic."""
    for tokens in make_tokens_by_line(lines):
        magic = MagicAssign.find([tokens]) or EscapedCommand.find([tokens])  # type: ignore[no-untyped-call]
        if magic and _QUESTION.fullmatch(_text(lines, magic)):
            yield magic


def _text(lines: list[str], magic: Any) -> str:
    end = find_end_of_continued_line(lines, magic.start_line)
    return str(assemble_continued_line(lines, (magic.start_line, magic.start_col), end))
