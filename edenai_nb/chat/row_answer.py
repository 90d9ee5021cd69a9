"""Opens the answer to one row of a batch: the server's, or a kept one; checked, where it is to fit a schema."""

from __future__ import annotations

from collections.abc import Callable

from ..api.client import Client
from ..api.row_stream import RowPace, RowStream
from ..errors import EdenError, InvalidInput
from ..reply import Reply, ReplyBuilder
from . import answers
from .kept_file import KeptFile
from .request import Request
from .stream import Stream

_IS_KEPT = "it is a kept one. retry() asks again, and fresh=True asks all"


class RowAnswer:
    """The answer that a request is sent for. `hold(request)` is called before the repair of one that does not fit.

    `close()` from any thread ends it at once.
    """

    def __init__(self, request: Request, client: Client, pace: RowPace, hold: Callable[[Request], None]) -> None:
        self._request, self._client, self._pace, self._hold = request, client, pace, hold
        self._first = RowStream(client, request.body, pace)
        self._stream: Stream = _checked(self._first, request, self._again)

    @property
    def accepted(self) -> bool:
        """Whether the server has accepted the request, so that it may be billed."""
        return self._first.accepted

    def read(self) -> tuple[Reply, EdenError | None]:
        """What arrived, and why there is no more."""
        return read(self._stream)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def _again(self, text: str, words: str) -> Stream:
        again = self._request.after(text, words)
        self._hold(again)
        return RowStream(self._client, again.body, self._pace, is_first=False)


def kept_answer(file: KeptFile, request: Request) -> tuple[Reply, EdenError | None] | None:
    """The kept answer, and why it is none where it does not fit the schema; None if none is kept.

    An answer that was kept with another schema is read again with this one.
    """
    found = answers.replay(file, request) or answers.replay_of_question(file, request)
    return None if found is None else read(_checked(found, request, _refuse))


def read(stream: Stream) -> tuple[Reply, EdenError | None]:
    """What arrived, and why there is no more."""
    builder = ReplyBuilder()
    try:
        for delta in stream:
            builder.add(delta)
    except EdenError as error:
        return builder.reply(), error
    return builder.reply(), None


def _checked(stream: Stream, request: Request, ask_again: Callable[[str, str], Stream]) -> Stream:
    if request.schema is None:
        return stream
    from .structured import Structured  # only where there is a schema

    return Structured(stream, request.schema, ask_again)


def _refuse(text: str, words: str) -> Stream:
    raise InvalidInput(_IS_KEPT)
