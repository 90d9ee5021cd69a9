"""A table as static HTML, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_CELL = "padding:2px 10px;text-align:{0};white-space:nowrap;font-variant-numeric:tabular-nums"
_BAR = "display:inline-block;width:{0:.0f}px;height:0.7em;background:#5b8def;border-radius:2px"
BAR_PX, BAR_CHARACTERS = 120, 24


@dataclass(frozen=True)
class Table:
    """Rows of words under their heads, the first `left` columns to the left, the others to the right.

    bars: a share from 0 to 1 for each row, drawn at its end.    note: a line below.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1
    bars: Sequence[float] = ()
    note: str = ""

    def html(self) -> str:
        """Static HTML with its styles in it; whatever the words hold is text."""
        heads = "".join(self._cell("th", *place) for place in enumerate(self.heads)) + "<th></th>" * bool(self.bars)
        rows = "".join(map(self._row, range(len(self.rows))))
        table = f'<table class="edenai-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        note = f"<div><small>{escape(self.note)}</small></div>" if self.note else ""
        return f'<div style="max-height:32em;overflow:auto">{table}</div>{note}'

    def text(self, most: int | None = None) -> str:
        """Columns of text, with the first `most` rows."""
        rows = [self.heads, *self.rows[:most]]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        bars = ["", *("█" * round(share * BAR_CHARACTERS) for share in self.bars[:most])]
        bars += [""] * (len(rows) - len(bars))
        lines = [f"{self._line(row, widths)}  {bar}".rstrip() for row, bar in zip(rows, bars, strict=True)]
        return "\n".join(filter(None, [*lines, self.note]))

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        return "  ".join(f"{cell:{self._side(at, '<', '>')}{widths[at]}}" for at, cell in enumerate(row))

    def _side(self, place: int, left: str, right: str) -> str:
        return left if place < self.left else right

    def _cell(self, tag: str, place: int, words: str) -> str:
        return f'<{tag} style="{_CELL.format(self._side(place, "left", "right"))}">{escape(words)}</{tag}>'

    def _row(self, at: int) -> str:
        cells = "".join(self._cell("td", *place) for place in enumerate(self.rows[at]))
        bar = f'<td><span style="{_BAR.format(self.bars[at] * BAR_PX)}"></span></td>' if self.bars else ""
        return f"<tr>{cells}{bar}</tr>"
