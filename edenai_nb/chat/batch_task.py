"""What a batch sends: questions, alone or several in one request, and what the answer says to each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from ..reply import Reply, Usage
from ..reply.bill import spent
from .batch_spending import Held
from .request import Request

if TYPE_CHECKING:
    from ..data.schema import Schema

ITEM_TOKENS = 16  # what `{"id": 12, "value": …}` takes, besides the value


@dataclass(slots=True)
class Question:
    """A question, and the rows that ask it: equal ones are asked once."""

    rows: list[int]
    reply: Reply | None = None


@dataclass(slots=True)
class Ask:
    """A question that is to be sent. `paid`: its part of the bill for an answer that said nothing good to it."""

    question: Question
    request: Request
    paid: Mapping[str, Any] | None = None
    is_rest: bool = False  # whether it was in a request with others before


@dataclass(slots=True)
class Task:
    """A request that is to be sent, for one question or for several."""

    asks: Sequence[Ask]
    request: Request
    held: Held | None = field(default=None)

    @property
    def is_group(self) -> bool:
        """Whether it asks several questions."""
        return len(self.asks) > 1

    @property
    def is_rest(self) -> bool:
        """Whether it asks again, alone, what was asked with others."""
        return self.asks[0].is_rest

    def answers(self, reply: Reply) -> tuple[list[tuple[Ask, Reply]], list[Task]]:
        """(what came to which question, what is to be asked again alone)."""
        if not self.is_group:
            (ask,) = self.asks
            return [(ask, _with_paid(reply, ask.paid))], []
        found = _values(self.request, self.asks[0].request.schema, reply)
        answered, rest = [], []
        for number, (ask, bill) in enumerate(zip(self.asks, _parts(reply, len(self.asks)), strict=True), 1):
            if one := found.get(str(number)):
                answered.append((ask, _one(reply, ask.request, *one, bill)))
            else:
                is_known = reply.cost is not None or reply.usage is not None
                alone = replace(ask, paid=bill if is_known else None, is_rest=True)
                rest.append(Task([alone], alone.request))
        return answered, rest


def tasks(asks: Sequence[Ask], base: Request) -> list[Task]:
    """One Task for all that can be asked together, and one for each other."""
    together = [ask for ask in asks if _is_plain(ask.request, base)]
    if len(together) < 2:
        return [Task([ask], ask.request) for ask in asks]
    others = [ask for ask in asks if not _is_plain(ask.request, base)]
    group = Task(together, joined([ask.request for ask in together]))
    return [group, *(Task([ask], ask.request) for ask in others)]


def joined(requests: Sequence[Request]) -> Request:
    """One request that asks them all. They differ in their last message only, and that is text."""
    from ..data.many import asked_together, many

    first, size = requests[0], len(requests)
    assert first.schema
    text = asked_together(request.messages[-1]["content"] for request in requests)
    limits = {name: first.params.get(name) for name in ("max_tokens", "max_completion_tokens")}
    longer = {name: (limit + ITEM_TOKENS) * size for name, limit in limits.items() if limit}
    messages = (*first.messages[:-1], {"role": "user", "content": text})
    return replace(first, messages=messages, params={**first.params, **longer}, schema=many(first.schema))


def _is_plain(request: Request, base: Request) -> bool:
    """Whether it adds a single text to what all share."""
    (*before, last) = request.messages
    return len(before) == len(base.messages) and last.keys() == {"role", "content"} and isinstance(last["content"], str)


def _values(request: Request, schema: Schema | None, reply: Reply) -> Mapping[str, tuple[str, Any]]:
    if not (reply.complete and reply.decoded and schema):
        return {}
    from ..data.many import values_by_id

    return values_by_id(reply.decoded[0], schema)


def _one(reply: Reply, request: Request, text: str, value: Any, bill: Mapping[str, Any]) -> Reply:
    """The reply to one of the questions; the thoughts were about all, and are left out."""
    source = request.schema.source if request.schema else None
    own = {"reasoning": "", "schema": source, "decoded": (value,), "error": None, **bill}
    return Reply(text, **{**vars(reply), **own})


def _with_paid(reply: Reply, paid: Mapping[str, Any] | None) -> Reply:
    return reply if paid is None else Reply(str(reply), **{**vars(reply), **spent([paid, vars(reply)])})


def _parts(reply: Reply, size: int) -> Iterator[Mapping[str, Any]]:
    """The bill in equal parts, whose sum it is; tokens are whole."""
    for number in range(size):
        cost = None if reply.cost is None else reply.cost / size
        yield {"cost": cost, "usage": None if reply.usage is None else _part(reply.usage, number, size)}


def _part(usage: Usage, number: int, size: int) -> Usage:
    counts = {one.name: getattr(usage, one.name) for one in fields(Usage)}
    return Usage(**{name: count // size + (number < count % size) for name, count in counts.items()})
