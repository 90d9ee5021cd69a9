"""Uploads one file to Eden AI's file store: `POST /upload` (contract, section 5)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from math import inf
from typing import Any, BinaryIO

import httpx

from .. import errors
from . import failures, retry, transport_errors
from .client import Client
from .connection import Connection
from .kept_uploads import Stored

MAX_BYTES = 100_000_000
KEPT_DAYS = 7  # how long Eden AI keeps it, from 1 to 30; what is not said differs between its documents
PIECE = 65_536
ANSWER_S = 120.0  # how long the server may look at a file that has arrived
_NO_ID = "The file store answered without the id of the file: check base_url."


class Upload:
    """One upload: `run` sends it, `close` from any thread ends it. `sent` counts the bytes of the form so far."""

    def __init__(self, client: Client, name: str, kind: str, open_file: Callable[[], BinaryIO]) -> None:
        self.sent = 0
        self.note = ""  # why it pauses
        self._client = client
        self._file = name, open_file, kind
        self._closed = threading.Event()
        self._connection: Connection | None = None

    def close(self) -> None:
        """Shut the socket down."""
        self._closed.set()
        if connection := self._connection:
            connection.abort()

    def run(self) -> Stored:
        """Send it, again where that may help; an upload is not billed. Raises an EdenError."""
        settings = self._client.settings
        for attempt in retry.attempts(settings.retry_s, self._may_retry, self._closed, self._pausing):
            with attempt:
                self.sent, self.note = 0, ""
                stored = self._attempt()
        return stored

    def _may_retry(self, error: BaseException) -> bool:
        return not self._closed.is_set() and retry.may_help(error)

    def _pausing(self, error: BaseException, seconds: float) -> None:
        self.note = f"trying again in {seconds:.0f} s"

    def _attempt(self) -> Stored:
        name, open_file, kind = self._file
        with open_file() as file, self._client.connection() as connection:
            self._connection = connection
            try:
                if self._closed.is_set():
                    raise errors.StreamInterrupted("The upload was stopped.")
                form = _Form(httpx.Request("POST", "http://x", data=_FIELDS, files={"file": (name, file, kind)}), self)
                return self._answer(connection, form)
            except transport_errors.HTTPX_ERRORS as error:
                raise transport_errors.explain(error, self._client.settings) from None
            finally:
                self._connection = None

    def _answer(self, connection: Connection, form: _Form) -> Stored:
        connection.deadline, connection.read_timeout_s = inf, ANSWER_S
        headers = {name: form.headers[name] for name in ("Content-Type", "Content-Length")}
        with self._client.answer(connection, "POST", "/upload", form, headers) as response:
            connection.deadline = time.monotonic() + ANSWER_S
            return _stored(failures.parsed(response.read()))


_FIELDS = {"expires_in_days": str(KEPT_DAYS)}


class _Form:
    """The pieces of a form that httpx has encoded, counted as they are taken."""

    def __init__(self, request: httpx.Request, upload: Upload) -> None:
        self.headers = request.headers
        self._stream = request.stream
        self._upload = upload

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, httpx.SyncByteStream)
        for piece in self._stream:
            yield piece
            self._upload.sent += len(piece)


def _stored(answer: Any) -> Stored:
    if not isinstance(answer, dict) or not isinstance(answer.get("file_id"), str):
        raise errors.MalformedStream(_NO_ID)
    try:
        until = datetime.fromisoformat(str(answer["expires_at"]).replace("Z", "+00:00")).timestamp()
    except (KeyError, ValueError):
        until = 0.0  # not known: it is not used again
    return Stored(answer["file_id"], until)
