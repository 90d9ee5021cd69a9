"""An answer that is to fit a schema: read, checked, and asked for once more where it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any, NoReturn

from ..data.decode import Mismatch, decode
from ..data.problems import Problem, repair, told
from ..data.schema import Schema
from ..errors import EdenError, SchemaMismatch
from ..reply import Delta, Reply, ReplyBuilder
from .stream import Stream

_CUT = {
    "length": "it was cut at the length limit; raise --max-tokens (max_tokens)",
    "content_filter": "it was cut by the provider's content filter",
}


class Structured:
    """A Stream that ends with the Delta that holds the value, or raises SchemaMismatch.

    `ask_again(text, words)` opens the stream of the answer to a request in which the model is told what is wrong with
    its text. It is called once at most, and never after an answer that was cut: that would be cut again.
    """

    def __init__(self, stream: Stream, schema: Schema, ask_again: Callable[[str, str], Stream]) -> None:
        self._stream = stream
        self._schema = schema
        self._ask_again = ask_again
        self._lock = threading.Lock()
        self._closed = False
        self._note = ""
        self._value: Any = None

    @property
    def note(self) -> str | None:
        """Why nothing arrives."""
        return self._stream.note or self._note or None

    @property
    def phase(self) -> str:
        """What the turn is called while there is a note."""
        return getattr(self._stream, "phase", "retrying")

    def close(self) -> None:
        """Close the connection; nothing is asked again."""
        with self._lock:
            self._closed = True
            stream = self._stream
        stream.close()

    def __iter__(self) -> Iterator[Delta]:
        yield Delta(schema=self._schema.source)
        reply = yield from self._answer()
        found = self._problems(reply)
        if found and self._asked_again(reply, found):
            yield Delta(again=True)
            reply = yield from self._answer()
            if left := self._problems(reply):
                self._fail(left, ", though it was asked for twice")
            found = []
        if not found and not reply.tool_calls:
            yield Delta(decoded=(self._value,))

    def _answer(self) -> Generator[Delta, None, Reply]:
        builder = ReplyBuilder()
        for delta in self._stream:
            builder.add(delta)
            yield delta
        return builder.reply()

    def _problems(self, reply: Reply) -> list[Problem]:
        """What is wrong with this answer; else its value is kept. Raises SchemaMismatch for one that was cut."""
        if reply.finish_reason in _CUT:
            self._fail([Problem("$", _CUT[reply.finish_reason])])
        try:
            self._value = None if reply.tool_calls else decode(str(reply), self._schema)
        except Mismatch as mismatch:
            return mismatch.problems
        return []

    def _asked_again(self, reply: Reply, found: list[Problem]) -> bool:
        """Whether the repair is on its way; False after Stop. Raises SchemaMismatch if it cannot be sent."""
        self._note = f"the answer did not fit {self._schema.name} ({len(found)} places), it is asked for again"
        try:
            stream = self._ask_again(str(reply), repair(found))
        except EdenError as error:
            self._fail(found, f", and it was not asked for again: {error}")
        with self._lock:
            self._stream = stream
            if self._closed:
                stream.close()
            return not self._closed

    def _fail(self, found: list[Problem], more: str = "") -> NoReturn:
        words = f"The answer does not fit {self._schema.name}{more}. {told(found)}."
        raise SchemaMismatch(f"{words} Its text is in `_eden`, the `.partial` of this error.", problems=tuple(found))
