"""The tags that replies may use within a line: `br`, `sub`, `sup`, `kbd`."""

from __future__ import annotations

import re

from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_INLINE_TAG = re.compile(r"<(?:br\s*/?|/?(?:sub|sup|kbd)\s*)>", re.IGNORECASE)


def inline_tag(state: StateInline, silent: bool) -> bool:
    """An inline rule: one of the few HTML tags that replies may hold."""
    found = _INLINE_TAG.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        name = found[0].strip("</> \t\n").lower()
        if name == "br":
            state.push("hardbreak", "br", 0)
        else:
            token = state.push("tag_close" if found[0][1] == "/" else "tag_open", name, 0)
            token.content = found[0]
    state.pos = found.end()
    return True


def pair_tags(state: StateCore) -> None:
    """A rule: `<sub>`, `<sup>`, `<kbd>` are elements if both tags are in the same span, else text."""
    for token in state.tokens:
        children = token.children or []
        if any(child.type == "tag_open" for child in children):
            _pair(children)
        for child in children:
            if child.type in ("tag_open", "tag_close") and not child.nesting:
                child.type = "text"


def _pair(children: list[Token]) -> None:
    path: list[Token] = []
    for child in children:
        if child.type == "tag_open" or child.nesting == 1:
            path.append(child)
        elif child.type == "tag_close":
            if path and path[-1].type == "tag_open" and path[-1].tag == child.tag:
                path.pop().nesting, child.nesting = 1, -1
        elif child.nesting == -1:
            while path and path.pop().type == "tag_open":
                pass
