"""Collects footnote definitions into one section at the end."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from markdown_it.rules_core import StateCore
from markdown_it.token import Token


def footnotes_at_end(tokens: list[Token], env: MutableMapping[str, Any]) -> list[Token]:
    """The tokens without footnote definitions, followed by one section with those that are referred to."""
    body, notes = take_footnotes(tokens)
    return body + footnote_section(notes, env)


def take_footnotes(tokens: list[Token]) -> tuple[list[Token], dict[str, list[Token]]]:
    """(the tokens without footnote definitions, the definitions by label). The first definition of a label counts."""
    body: list[Token] = []
    notes: dict[str, list[Token]] = {}
    into, depth, label = body, 0, ""
    for token in tokens:
        if token.type == "footnote_reference_open":
            if depth == 0:
                into, label = [], token.meta["label"]
            depth += 1
        elif token.type == "footnote_reference_close":
            depth -= 1
            if depth == 0:
                notes.setdefault(label, into)
                into = body
        else:
            into.append(token)
    return body, notes


def footnote_section(notes: MutableMapping[str, list[Token]], env: MutableMapping[str, Any]) -> list[Token]:
    """The section at the end of a page, in the order of the first references."""
    numbered = env.get("footnotes", {}).get("list", {})
    labels = [(number, note["label"]) for number, note in sorted(numbered.items()) if note["label"] in notes]
    if not labels:
        return []
    tokens = [_token("section_open", "section", 1, {"class": "footnotes"}), _token("list_open", "ol", 1)]
    for number, label in labels:
        tokens.append(_token("footnote_open", "li", 1, {"id": f"edenai-fn-{number + 1}"}))
        back = _token("footnote_anchor", "", 0)
        back.meta = {"id": number}
        tokens += [*notes[label], back, _token("footnote_close", "li", -1)]
    return [*tokens, _token("list_close", "ol", -1), _token("section_close", "section", -1)]


def _token(kind: str, tag: str, nesting: Any, attrs: dict[str, str | int | float] | None = None) -> Token:
    return Token(kind, tag, nesting, attrs=attrs or {}, block=True)


def known_notes(state: StateCore) -> None:
    """A core rule: a definition that is parsed again keeps the number that its first reference got."""
    notes = state.env.get("footnotes", {})
    for number, note in notes.get("list", {}).items():
        notes["refs"][":" + note["label"]] = number
