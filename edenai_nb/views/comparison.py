"""A comparison as it is saved: a table, markdown and text, the same wherever they are opened."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ..chat.compare import Replies
from ..chat.turn import Turn
from ..render import html as _html
from ..render.defang import defang
from . import saved
from .status import Caption, facts, summary

Turns = Mapping[str, Turn]
COMPARED = Caption(is_compared=True)
# A row of cells that goes on below where it is narrow; where styles are taken out, it is a plain table.
_TABLE = "width:100%;margin:0;border:0;font-size:inherit"
_ROW = "display:flex;flex-wrap:wrap;background:none"
_CELL = (
    "display:block;flex:1 1 260px;min-width:0;box-sizing:border-box;padding:4px 12px 8px;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere;border-left:1px solid #8886;line-height:inherit"
)


def bundle(turns: Turns, caption: Caption) -> dict[str, str]:
    """The MIME bundle of turns that have ended."""
    return {"text/html": html(turns, caption), "text/markdown": markdown(turns), "text/plain": text(turns)}


def replies_bundle(replies: Replies) -> dict[str, str]:
    """The MIME bundle of replies by themselves."""
    return bundle({name: Turn.ended("", reply) for name, reply in replies.items()}, Caption())


def html(turns: Turns, caption: Caption) -> str:
    """A table with a column for each model, and what is to be said of all of them below it."""
    cells = "".join(_cell(name, turn) for name, turn in turns.items())
    table = f'<table style="{_TABLE}"><tbody><tr style="{_ROW}">{cells}</tr></tbody></table>'
    said = " · ".join(filter(None, [caption.chat, f"turn {caption.number}" if caption.number else "", caption.note]))
    line = f'<div class="edenai-status"><small>{escape(said)}</small></div>' if said else ""
    return f'<div class="edenai-compared">{table}</div>{line}'


def markdown(turns: Turns) -> str:
    """Safe markdown: each answer below the name of its model and what it took."""
    parts = [
        f"**{defang(name)}** · {defang(facts(turn, COMPARED))}\n\n{saved.markdown(turn.reply, turn.done)}"
        for name, turn in turns.items()
    ]
    return "\n\n---\n\n".join(parts)


def text(turns: Turns) -> str:
    """Each answer below the name of its model and what it took."""
    return "\n\n".join(f"── {name} · {summary(turn, COMPARED)}\n{turn.reply}".rstrip() for name, turn in turns.items())


def _cell(name: str, turn: Turn) -> str:
    head = f'<strong class="edenai-model">{escape(name)}</strong>'
    body = f'<div style="margin:6px 0">{_html.rooted(saved.body_html(turn))}</div>'
    return f'<td style="{_CELL}">{head}{body}{saved.line_html(turn, COMPARED)}</td>'
