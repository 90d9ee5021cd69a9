"""A conversation as a text that can be kept: Markdown, JSON Lines, a notebook, a saved output."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from .. import attachments
from ..chat import journal
from ..chat.conversation import Chat
from ..chat.turn import Turn
from ..errors import InvalidInput
from ..messages import text_of
from ..render import html
from ..render.defang import defang
from . import saved
from .status import Caption

_OPEN_TURNS = 2
# The living window's look (chat.css), for pages that have no style sheet of ours.
_TURN = "margin:24px 0"
_BUBBLE = (
    "margin:0 0 16px auto;display:table;max-width:85%;padding:8px 14px;border-radius:14px 14px 4px;"
    "background:#8882;font-size:.93em;line-height:1.5"
)
_SAVED = Caption(is_named=True)


def markdown(chat: Chat) -> str:
    """Questions as quotations, answers below them; safe to publish."""
    system = [f"**System:**\n\n{_quote(chat.system)}"] if chat.system else []
    return "\n\n".join([*system, *(part for turn in chat.turns for part in _parts(turn))]) + "\n"


def jsonl(chat: Chat) -> str:
    """One JSON object a message: `role`, `content`, and for answers what is known about them."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in _lines(chat))


def notebook(chat: Chat) -> str:
    """A notebook (nbformat 4.5) with a markdown cell for each question and answer."""
    parts = [part for turn in chat.turns for part in _parts(turn)]
    cells = [
        {"cell_type": "markdown", "id": f"chat-{number:04}", "metadata": {}, "source": part}
        for number, part in enumerate(parts)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


FORMS: dict[str, tuple[str, str, Callable[[Chat], str]]] = {  # name -> (file extension, media type, writer)
    "markdown": ("md", "text/markdown", markdown),
    "jsonl": ("jsonl", "application/jsonl", jsonl),
    "notebook": ("ipynb", "application/x-ipynb+json", notebook),
}


def form(name: str) -> tuple[str, str, Callable[[Chat], str]]:
    """One of the forms. Raises InvalidInput for a name that is none."""
    if name not in FORMS:
        raise InvalidInput(f"There is no export called {name!r}; there are: {', '.join(FORMS)}.")
    return FORMS[name]


def bundle(chat: Chat) -> dict[str, str]:
    """The MIME bundle that is saved in place of the window: static, safe, and the same wherever it is opened."""
    text = markdown(chat) if chat.turns else "Nothing was said in this chat window."
    return {
        "text/html": _page(chat) if chat.turns else f"<p>{text}</p>",
        "text/markdown": text,
        "text/plain": text,
    }


def turn_forms(turn: Turn) -> dict[str, Any]:
    """What a file keeps of one turn that has ended: `html`, `markdown`, and a `record` from which a Chat goes on."""
    return {
        "html": html.rooted(_article(turn)),
        "markdown": "\n\n".join(_parts(turn)),
        "record": turn_record(turn),
    }


def turn_record(turn: Turn) -> dict[str, Any]:
    """A turn that has ended as JSON, without the content of attached files."""
    return journal.as_record(turn, _question(turn))


def _parts(turn: Turn) -> Iterator[str]:
    yield f"**You:**\n\n{_quote(_question(turn))}"
    fell_short = "" if turn.done else f"\n\n*{turn.state}*"
    yield f"**{defang(_name(turn))}:**\n\n{saved.markdown(turn.reply, turn.done)}{fell_short}"


def _name(turn: Turn) -> str:
    return turn.reply.model or "Answer"


def _question(turn: Turn) -> str:
    files = "".join(f"\n\n(attached: {label})" for label in attachments.labels(turn.prompt))
    return text_of(turn.prompt) + files


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in defang(text).split("\n"))


def _page(chat: Chat) -> str:
    """The turns one below the other; all but the last ones are folded, so that a long talk leaves room for a page."""
    articles = [_article(turn) for turn in chat.turns]
    earlier = articles[:-_OPEN_TURNS] if len(articles) > _OPEN_TURNS + 1 else []
    count = f"{len(earlier)} earlier turns"
    folded = f"<details><summary>{count}</summary>{''.join(earlier)}</details>" if earlier else ""
    return html.rooted(folded + "".join(articles[len(earlier) :]))


def _article(turn: Turn) -> str:
    said = f"{saved.name_html(turn, _SAVED)}{saved.body_html(turn)}{saved.line_html(turn, _SAVED)}"
    return f'<div class="edenai-turn" style="{_TURN}">{question_html(turn)}{said}</div>'


def question_html(turn: Turn) -> str:
    """What was asked, as a bubble at the right."""
    you = '<small style="opacity:.75">You</small>'
    return f'<div class="edenai-question" style="{_BUBBLE}">{you}<br>{_plain(_question(turn))}</div>'


def _plain(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))


def _lines(chat: Chat) -> Iterator[dict[str, Any]]:
    if chat.system:
        yield {"role": "system", "content": chat.system}
    for turn in chat.turns:
        yield {"role": "user", "content": turn.prompt}
        facts = saved.metadata(turn)["edenai_nb"]
        yield {"role": "assistant", "content": str(turn.reply), **facts}
