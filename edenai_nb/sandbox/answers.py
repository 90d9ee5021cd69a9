"""The sandbox's own answers, if no script is queued: tool calls, values for schemas, canned text; within the limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from . import canned, catalogue, tools
from .by_id import items_by_id
from .completion import message_text, tokens
from .fitting import json_text
from .script import Bill, Call, Choice, Done, Finish, Opening, Script, Step, Thinking


def answer(body: Mapping[str, Any], model: str, turn: int, tokens_per_s: float | None) -> Script:
    """The whole answer of this model, with as many choices as `n` asks for."""
    asked = body.get("n") or 1
    rows = [tuple(_choice(body, model, turn + number)) for number in range(asked)]
    steps = rows[0] if asked == 1 else _side_by_side(rows)
    return Script((*steps, Bill(), Done()), tokens_per_s=tokens_per_s)


def _choice(body: Mapping[str, Any], model: str, turn: int) -> Iterator[Step]:
    left = _Allowance(body.get("max_completion_tokens") or body.get("max_tokens"))
    yield Opening()
    if canned.thinks(body):
        yield Thinking(left.take(canned.THINKING))
    if called := tools.calls(body):
        yield from (Call(call.name, left.take(call.arguments)) for call in called)
    else:
        yield left.take(_before_a_stop(_text(body, model, turn), body.get("stop")))
    yield Finish("length" if left.is_short else "tool_calls" if called else "stop")


def _text(body: Mapping[str, Any], model: str, turn: int) -> str:
    echo = (body.get("metadata") or {}).get("echo") is True
    if model == catalogue.ECHO or echo:
        return last_question(body)
    if model == catalogue.LONG:
        return canned.long()
    if (schema := asked_schema(body)) is not None:
        return items_by_id(schema, last_question(body)) or json_text(schema)
    if said := tools.results(body):
        return canned.told(said)
    return canned.reply(last_question(body), body, turn)


def last_question(body: Mapping[str, Any]) -> str:
    """The text of the last user message; "" if there is none."""
    return next((message_text(m) for m in reversed(body["messages"]) if m["role"] == "user"), "")


def asked_schema(body: Mapping[str, Any]) -> Any:
    """The JSON Schema of `response_format`; None if it has none."""
    format = body.get("response_format") or {}
    named = format.get("json_schema") if format.get("type") == "json_schema" else None
    return named.get("schema") if isinstance(named, dict) else None


def _before_a_stop(text: str, stop: str | list[str] | None) -> str:
    stops = [stop] if isinstance(stop, str) else stop or []
    found = [place for place in (text.find(words) for words in stops if words) if place >= 0]
    return text[: min(found)] if found else text


class _Allowance:
    """The number of tokens that an answer may still have."""

    def __init__(self, most: int | None) -> None:
        self._left = most
        self.is_short = False

    def take(self, text: str) -> str:
        """The text, cut off where the tokens run out."""
        if self._left is None:
            return text
        pieces = tokens(text)
        self.is_short |= len(pieces) > self._left
        kept = pieces[: self._left]
        self._left -= len(kept)
        return "".join(kept)


def _side_by_side(rows: Iterable[Iterable[Step]]) -> tuple[Step, ...]:
    """The steps of several choices, interleaved as they are sent: a token of each in turn."""
    pieces = (tuple(piece for step in row for piece in _pieces(step)) for row in rows)
    return tuple(
        part
        for together in zip_longest(*pieces)
        for index, step in enumerate(together)
        if step is not None
        for part in (Choice(index), step)
    )


def _pieces(step: Step) -> Iterable[Step]:
    return tokens(step) if isinstance(step, str) else (step,)
