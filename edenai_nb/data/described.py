"""What a value has become for a model, and how much of it was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import InvalidInput
from ..messages import Part

ROWS = 200  # of `rows`, where no number is given
_LEVEL = re.compile(r"(?P<name>schema|stats|rows)(?:=(?P<rows>\d[\d_]*))?")


@dataclass(frozen=True)
class Level:
    """How much of a table is told: "" (what is usual), `schema`, `stats`, or `rows` with how many of them."""

    name: str = ""
    rows: int = ROWS

    @classmethod
    def read(cls, text: str) -> Level:
        """A level as it is written: `schema`, `rows`, `rows=20`. Raises InvalidInput."""
        match = _LEVEL.fullmatch(text)
        if not text:
            return cls()
        if not match or (match["rows"] and match["name"] != "rows"):
            raise InvalidInput(f"{text[:40]!r} is no level: take schema, stats, rows or rows=N.")
        return cls(match["name"], int(match["rows"] or ROWS))


def is_level(text: str) -> bool:
    """Whether what stands behind the colon of `{{df:…}}` is a level."""
    match = _LEVEL.fullmatch(text)
    return bool(match and (match["name"] == "rows" or not match["rows"]))


@dataclass(frozen=True)
class Described:
    """The text of a value.

    about: what the text is of it, for its label ("schema of 1,204,331 x 12"); "" for a value that is its plain text.
    notes: what the status line says, a line each ("sales: schema of 1,204,331 x 12").
    parts: pictures that go along with the text.    language: of the fence around it.
    is_block: True for what stands in a fence, however short.    is_text: True where the value is text itself.
    """

    text: str
    about: str = ""
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    language: str = ""
    is_block: bool = False
    is_text: bool = False
