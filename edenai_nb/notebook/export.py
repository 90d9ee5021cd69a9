"""A conversation as a text that can be kept: Markdown, JSON Lines, a notebook, a saved output."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from ..chat import Chat
from ..errors import InvalidInput
from ..messages import text_of
from ..render import html
from ..turn import Turn
from . import attachments, view
from .status import Caption, status, summary

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")


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
    text = markdown(chat)
    return {"text/html": _page(chat), "text/markdown": text, "text/plain": text}


def _parts(turn: Turn) -> Iterator[str]:
    yield f"**You:**\n\n{_quote(_question(turn))}"
    how = status(turn, Caption())
    line = "" if how["state"] == "done" else f"\n\n*{html.defang(summary(how))}*"
    yield f"**{html.defang(turn.reply.model or 'Answer')}:**\n\n{_closed(html.defang(turn.reply))}{line}"


def _question(turn: Turn) -> str:
    files = "".join(f"\n\n(attached: {label})" for label in attachments.labels(turn.prompt))
    return text_of(turn.prompt) + files


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in html.defang(text).split("\n"))


def _closed(text: str) -> str:
    """The text with its last code fence closed: a stopped answer must not swallow what follows it."""
    fence = ""
    for line in text.split("\n"):
        if not (match := _FENCE.match(line)):
            continue
        if not fence:
            fence = match[0]
        elif match[1].startswith(fence.strip()) and not line[match.end() :].strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text


def _page(chat: Chat) -> str:
    turns = "".join(_article(turn) for turn in chat.turns)
    return f"{html.document('')}<div class='edenai-saved'>{turns}</div>"


def _article(turn: Turn) -> str:
    question = f"<div class='{html.ROOT_CLASSES}'><blockquote>{_plain(_question(turn))}</blockquote></div>"
    answer = html.to_html(turn.reply, turn.reply.reasoning, durable=True)
    line = escape(summary(status(turn, Caption())))
    return f"{question}<div class='{html.ROOT_CLASSES}'>{answer}</div><p><small>{line}</small></p>"


def _plain(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))


def _lines(chat: Chat) -> Iterator[dict[str, Any]]:
    if chat.system:
        yield {"role": "system", "content": chat.system}
    for turn in chat.turns:
        yield {"role": "user", "content": turn.prompt}
        facts = view.facts(turn.reply, turn.prompt)["edenai_nb"]
        yield {"role": "assistant", "content": str(turn.reply), **facts}
