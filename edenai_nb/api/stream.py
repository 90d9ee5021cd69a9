"""Reads the HTTP response of one answer as a stream of Deltas."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from math import ceil
from typing import Any

import httpx

from .. import errors
from ..reply import Delta
from ..settings import SANDBOX_SERVER
from . import catalogue, chunks, failures, retry, transport_errors
from .client import Client, encode
from .connection import NO_HEADERS, Connection
from .endings import Ending
from .sse import MESSAGE, Decoder, Event

GATHER_S = 0.05  # pause between two reads: 20 frames a second are shown, each right after a read
AFTER_FINISH_S = 5.0  # how long to wait for the usage chunk once the text is complete
AFTER_DONE_S = 0.2  # how long to wait for the end of the body after [DONE], so that the connection can be reused
SUGGESTION_S = 2.0  # how long an UnknownModel error may be delayed to look up similar names
BUFFERED_S, BUFFERED_DELTAS, FASTEST_PER_S = 2.0, 40, 5000  # many Deltas at once after a long wait: buffered on the way

# A gateway that compresses holds a stream back until it has enough to compress (nginx: the whole answer).
ASKING = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
BUFFERED = "a proxy on the way held the answer back and sent it whole"
_CUT = "The answer was cut off before its end; what had arrived is kept. Run it again."
_EMPTY = "The server ended its answer before the first word. Run it again, or check base_url."
_WEB_PAGE = "A web page came back instead of an answer: check base_url, or the proxy in between."
_NO_STREAM = "What came back is not the stream of an answer: check base_url, or the proxy in between."
_UNASKED = "The answer is compressed as {}, which cannot be unpacked here: pip install httpx[brotli,zstd]."

_PLAIN = frozenset({"", "identity", "none"})
_PLAIN_START = re.compile(rb'(\xef\xbb\xbf)?\s*(data:|event:|id:|retry:|: ?\w|\{\s*"|<[!?a-zA-Z])')
_SHORT: dict[type[BaseException], str] = {
    errors.RateLimited: "too many requests",
    errors.ServerTrouble: "server trouble",
    errors.Unreachable: "no connection",
}


class DeltaStream:
    """The Deltas of one answer, to be iterated once; `close()` from any thread ends it at once.

    `body` holds the fields of `POST /chat/completions` (contract, section 2) with `"stream": True`. The constructor
    raises InvalidInput for a body that cannot be written as JSON. The request is sent when the first Delta is asked
    for; iterating raises EdenError. `note` tells the user why nothing arrives, such as a pause before another
    attempt, and after the end whether a proxy buffered the stream; else it is None.
    """

    def __init__(self, client: Client, body: Mapping[str, Any], headers: Mapping[str, str] = NO_HEADERS) -> None:
        self.note: str | None = None
        self._client = client
        self._body = encode(body)
        self._headers = {**ASKING, **headers}
        self._model = str(body.get("model"))
        self._closed = threading.Event()
        self._connection: Connection | None = None
        self._accepted = False  # a 2xx status line has come: another attempt would be billed again
        self._began = False  # content has arrived
        self._ending = Ending()

    @property
    def accepted(self) -> bool:
        """Whether the server has accepted the request, so that it may be billed."""
        return self._accepted

    def close(self) -> None:
        """Shut the socket down, so that the provider stops generating and billing."""
        self._closed.set()
        if connection := self._connection:
            connection.abort()

    def __iter__(self) -> Iterator[Delta]:
        settings = self._client.settings
        for attempt in retry.attempts(settings.retry_s, self._may_retry, self._closed, self._pausing):
            with attempt:
                self._await_rate_limit()
                yield from self._attempt()

    def _await_rate_limit(self) -> None:
        settings, self.note = self._client.settings, None
        wait_s = self._client.account.limiter.reserve(settings.requests_per_s)
        if wait_s > 0:
            self.note = f"waiting {ceil(wait_s)} s: {settings.requests_per_s:g} requests/s are allowed"
            self._closed.wait(wait_s)
            self.note = None

    def _may_retry(self, error: BaseException) -> bool:
        return not self._accepted and not self._closed.is_set() and retry.may_help(error)

    def _pausing(self, error: BaseException, seconds: float) -> None:
        self.note = f"{_SHORT.get(type(error), 'trouble')}: trying again in {ceil(seconds)} s"

    def _attempt(self) -> Iterator[Delta]:
        try:
            with self._client.connection() as connection:
                self._connection = connection
                if not self._closed.is_set():
                    yield from self._answer(connection, time.monotonic())
        except (*transport_errors.HTTPX_ERRORS, errors.EdenError) as error:
            if not (self._closed.is_set() or self._ending.certain):
                raise self._explained(error) from None
        finally:
            self._accepted = self._connection is not None and self._connection.accepted
            self._connection = None

    def _explained(self, error: Exception) -> errors.EdenError:
        found = transport_errors.explain(error, self._client.settings, self._began)
        if isinstance(found, errors.RateLimited):
            self._client.account.limiter.refused(found.retry_after)
        if isinstance(found, errors.UnknownModel):
            name = failures.unknown_model(found) or self._model
            found.args = (f"{found} {catalogue.suggestion(self._client, name, SUGGESTION_S)}".rstrip(),)
        return found

    def _answer(self, connection: Connection, asked_at: float) -> Iterator[Delta]:
        # A deadline, since keep-alive comments reset the read timeout: until the first content, then until the next.
        connection.deadline = asked_at + self._client.settings.first_token_s
        with self._client.answer(connection, "POST", "/chat/completions", self._body, self._headers) as response:
            if response.headers.get("server") == SANDBOX_SERVER:
                yield Delta(sandbox=True)
            yield from self._deltas(response, connection, asked_at)

    def _deltas(self, response: httpx.Response, connection: Connection, asked_at: float) -> Iterator[Delta]:
        packets = _unpacked(response, connection.unpacks)
        first = next(filter(bytes.strip, packets), b"")
        packets = itertools.chain((first,), packets)
        # Gateways send wrong content types, so the first character decides: no line of an SSE stream begins with these.
        start = first.lstrip()[:1]
        if start == b"<":
            raise errors.MalformedStream(_WEB_PAGE)
        if start == b"[":
            raise failures.from_chunk(failures.parsed(b"".join(packets)), self._client.settings)
        if start == b"{":
            self.note = BUFFERED
            yield from chunks.whole(b"".join(packets), self._client.settings)
            return
        yield from self._watched(self._events(packets, connection), connection, asked_at)
        if not self._ending.said and not self._closed.is_set():
            raise errors.StreamInterrupted(_CUT) if self._began else errors.Unreachable(_EMPTY)

    def _watched(self, deltas: Iterator[Delta], connection: Connection, asked_at: float) -> Iterator[Delta]:
        """The same Deltas; keeps track of content, of the end and of buffering, and sets the timeouts by it."""
        began_at, count = asked_at, 0
        for delta in deltas:
            was_certain = self._ending.certain
            if self._ending.take(delta):
                count += 1
                now = time.monotonic()
                connection.deadline = now + self._client.settings.between_tokens_s
                began_at = began_at if self._began else now
                if was_certain or not self._began:
                    self._began, connection.gather_s = True, GATHER_S
                    connection.read_timeout_s = self._client.settings.between_tokens_s
            if delta.finish_reason:
                if self._ending.certain:
                    connection.read_timeout_s, connection.gather_s = AFTER_FINISH_S, 0.0
                    connection.deadline = time.monotonic() + AFTER_FINISH_S
                if _was_buffered(count, began_at - asked_at, time.monotonic() - began_at):
                    self.note = BUFFERED
            yield delta

    def _events(self, packets: Iterator[bytes], connection: Connection) -> Iterator[Delta]:
        decoder, seen = Decoder(), False
        for packet in packets:
            for event in decoder.feed(packet):
                seen = True
                if _is_done(event):
                    self._ending.certain, connection.read_timeout_s = True, AFTER_DONE_S
                    for _ in packets:
                        pass
                    return
                yield from self._read(event)
        for event in decoder.rest():
            seen = True
            if _is_done(event):
                self._ending.certain = True
            else:
                with suppress(errors.MalformedStream):  # the last event was cut off
                    yield from self._read(event)
        if decoder.strange and not seen:
            raise errors.MalformedStream(_NO_STREAM)

    def _read(self, event: Event) -> Iterator[Delta]:
        if event.type == "error":
            raise failures.from_event(event.data, self._client.settings)
        return chunks.deltas(event.data, self._client.settings, named=event.type != MESSAGE)


def _is_done(event: Event) -> bool:
    return event.data[:1] != b"{" and event.data.strip(b' \t"') == chunks.DONE


def _was_buffered(count: int, waited_s: float, took_s: float) -> bool:
    # No model writes that fast, and a cached answer begins sooner.
    return count >= BUFFERED_DELTAS and waited_s >= BUFFERED_S and took_s < count / FASTEST_PER_S


def _unpacked(response: httpx.Response, unpacks: Collection[str]) -> Iterator[bytes]:
    """The body as it arrives, decompressed. Raises MalformedStream for an encoding that cannot be decoded here.

    A body that begins like text is taken as text, whatever the header says: `Content-Encoding: none` is a common
    workaround for gateways that buffer, and some decompress an answer but keep the header.
    """
    packets = response.iter_raw()
    codings = {word.strip().lower() for word in response.headers.get("content-encoding", "").split(",")} - _PLAIN
    if not codings:
        return packets
    first = next(filter(None, packets), b"")
    packets = itertools.chain((first,), packets)
    if _PLAIN_START.match(first):
        return packets
    if strange := sorted(codings - set(unpacks)):
        raise errors.MalformedStream(_UNASKED.format(strange[0]))
    return httpx.Response(200, headers=response.headers, content=packets).iter_bytes()
