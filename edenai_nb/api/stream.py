"""One answer on its way: an HTTP response into Deltas."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx

from .. import errors
from ..reply import Delta
from . import chunks, failures, retry
from .line import Line
from .sse import Decoder

if TYPE_CHECKING:
    from .client import Client

AFTER_FINISH_S = 5.0  # patience for the usage frame, once the text is whole
AFTER_DONE_S = 0.2  # patience for the end of the HTTP body: read to it, the connection can be used again

_CUT = "The answer was cut off before its end; what had arrived is kept. Run it again."
_WEB_PAGE = "A web page came back instead of an answer: check base_url, or the proxy in between."


class DeltaStream:
    """Iterate once for the Deltas of one answer; `close()` from any thread ends it at once.

    Iterating raises EdenError. `note` says what goes on while nothing can arrive, such as a pause
    before another attempt; it is None otherwise.
    """

    def __init__(self, client: Client, body: bytes) -> None:
        self.note: str | None = None
        self._client = client
        self._body = body
        self._closed = threading.Event()
        self._line: Line | None = None
        self._began = False  # content has arrived: no further attempt, it would be billed again
        self._finished = False  # a finish_reason has arrived: whatever breaks now, the text is whole

    def close(self) -> None:
        """End it: the socket is shut down, so that the provider stops generating and billing."""
        self._closed.set()
        if line := self._line:
            line.cut()

    def __iter__(self) -> Iterator[Delta]:
        settings = self._client.settings
        for attempt in retry.attempts(settings.retry_s, self._may_retry, self._closed, self._pausing):
            with attempt:
                self.note = None
                yield from self._attempt()

    def _may_retry(self, error: BaseException) -> bool:
        return not self._began and not self._closed.is_set() and retry.may_help(error)

    def _pausing(self, error: BaseException, seconds: float) -> None:
        self.note = f"{type(error).__name__}, trying again in {seconds:.0f} s"

    def _attempt(self) -> Iterator[Delta]:
        with self._client.line() as line:
            self._line = line
            line.patience_s = self._client.settings.first_token_s
            try:
                if not self._closed.is_set():
                    with self._client.answer(line, "POST", "/chat/completions", self._body) as response:
                        yield from self._deltas(response, line)
            except (*failures.FOREIGN, errors.EdenError) as error:
                if not (self._closed.is_set() or self._finished):
                    raise failures.from_transport(error, self._client.settings, self._began) from None
            finally:
                self._line = None

    def _deltas(self, response: httpx.Response, line: Line) -> Iterator[Delta]:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html":
            raise errors.MalformedStream(_WEB_PAGE)
        if kind == "application/json":  # a gateway that buffers gives the answer whole
            yield chunks.delta(response.read())
            return
        for delta in self._events(response, line):
            if delta.finish_reason:
                self._finished, line.patience_s = True, AFTER_FINISH_S
            elif not self._began and (delta.text or delta.reasoning or delta.tool_calls):
                self._began, line.patience_s = True, self._client.settings.between_tokens_s
            yield delta
        if not self._finished and not self._closed.is_set():
            raise errors.StreamInterrupted(_CUT)

    def _events(self, response: httpx.Response, line: Line) -> Iterator[Delta]:
        decoder = Decoder()
        packets = response.iter_bytes() if "content-encoding" in response.headers else response.iter_raw()
        for packet in packets:
            for event in decoder.feed(packet):
                if event.data == chunks.DONE:
                    self._finished, line.patience_s = True, AFTER_DONE_S
                    for _ in packets:
                        pass
                    return
                yield chunks.delta(event.data)
