"""What a batch asks: its rows, and the request that each of them becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from .. import messages
from ..data.batch_rows import BatchRows
from ..errors import EdenError, InvalidInput
from ..messages import Prompt
from ..reply import Reply
from .request import Request


@dataclass(frozen=True)
class Job:
    """`prompt` makes a row's prompt; `base` is the request that all rows share but for their text.

    at_once: the most rows that may be asked at the same time.
    rows_per_call: how many are asked in one request, at most.
    told: whether the user said how many may start in a second, else more are tried.    gate: see `RowPace`.
    """

    rows: BatchRows
    prompt: Callable[[Any], Prompt]
    base: Request
    at_once: int
    told: bool
    rows_per_call: int = 1
    gate: Callable[[Event], None] | None = None

    def request(self, number: int) -> Request:
        """The request for a row. Raises InvalidInput for a row that gives none, SecretsFound for one that must stay."""
        try:
            prompt = self.prompt(self.rows.values[number])
        except EdenError:
            raise
        except Exception as problem:  # whatever an object of the user's raises; its text could hold the row
            raise InvalidInput(f"The row cannot be read ({type(problem).__name__}).") from None
        messages.check(prompt)
        request = replace(self.base, messages=(*self.base.messages, *messages.as_messages(prompt)))
        request.check_secrets()
        return request

    def different(self, numbers: Iterable[int], seen: set[bytes]) -> Iterator[tuple[int, Request]]:
        """(row, request) of these rows, of equal ones the first; nothing for a row that gives no request.

        Those whose digests are `seen` are left out; those of the others are added.
        """
        for number in numbers:
            with suppress(EdenError):
                request = self.request(number)
                if (digest := bytes.fromhex(request.digest)) not in seen:
                    seen.add(digest)
                    yield number, request

    def value(self, reply: Reply) -> Any:
        """What a whole answer is to the user: the object that was asked for with a schema, else its text."""
        return reply.decoded[0] if reply.decoded else str(reply)
