"""GitHub's alerts: quotes that begin with `[!NOTE]`, `[!TIP]`, `[!IMPORTANT]`, `[!WARNING]` or `[!CAUTION]`."""

from __future__ import annotations

import re

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_MARK = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|\Z)?", re.IGNORECASE)


def alerts(state: StateCore) -> None:
    """A core rule: adds the kind to an alert as a class and as a title. Text after `[!NOTE]` on its line is kept."""
    tokens = state.tokens
    for at in range(len(tokens) - 3, -1, -1):  # backwards, as inserting the title shifts what follows
        quote, paragraph, inline = tokens[at : at + 3]
        if quote.type != "blockquote_open" or inline.type != "inline":
            continue
        if mark := _MARK.match(inline.content):
            kind = mark[1].lower()
            quote.attrSet("class", f"edenai-alert edenai-{kind}")
            _drop_mark(paragraph, inline, mark)
            tokens[at + 1 : at + (1 if inline.content else 4)] = _title(kind, paragraph)


def _drop_mark(paragraph: Token, inline: Token, mark: re.Match[str]) -> None:
    inline.content = inline.content[mark.end() :]
    if "\n" in mark[0] and paragraph.map:
        paragraph.map = inline.map = [paragraph.map[0] + 1, paragraph.map[1]]


def _title(kind: str, paragraph: Token) -> list[Token]:
    """A paragraph with the alert's kind in bold letters."""
    opening = Token("paragraph_open", "p", 1, level=paragraph.level, map=paragraph.map, block=True)
    text = Token("inline", "", 0, level=paragraph.level + 1, map=paragraph.map, content=f"**{kind.title()}**")
    text.children = []
    return [opening, text, Token("paragraph_close", "p", -1, level=paragraph.level, block=True)]
