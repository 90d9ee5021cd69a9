"""The help of %%edenchat: its words around the tables of options and commands."""

from __future__ import annotations

from collections.abc import Sequence

Row = tuple[str, str]  # how it is typed, and what it does

_USAGE = """\
Ask a model. The answer streams in below the cell while the kernel stays free.

    %%edenchat summary -m openai/gpt-mini-latest
    Summarise this in three bullets: {{{{notes}}}}

The answer ends up in the variable `summary`, as a string; a later cell that mentions `summary`
waits for it. `{{{{expression}}}}` is replaced by its value; all other braces are left alone.

What can follow %%edenchat NAME:

{options}

Running a cell again replaces its own turn in the conversation and keeps the later ones.

On one line the options come before the text, and the value is the answer (a Reply, which is a str):

    why = %edenchat --once why is this loop slow?

These words after %edenchat do something else:

{commands}"""


def write(options: Sequence[Row], commands: Sequence[Row]) -> str:
    """The whole help."""
    return _USAGE.format(options=_columns(options), commands=_columns(commands))


def _columns(rows: Sequence[Row]) -> str:
    width = max(len(typed) for typed, _ in rows)
    return "\n".join(f"    {typed:{width}}  {does}" for typed, does in rows)
