"""Sends requests to Eden AI and turns refusals into EdenErrors."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from .. import errors
from ..settings import Settings
from . import failures, transport_errors
from .account import account_of
from .connection import NO_HEADERS, Connection

ERROR_BODY_S = 5.0  # how long the body of an error is read; the status is known already
_NO_KEY = "No Eden AI key found: set EDENAI_API_KEY, or run %edenchat login. %edenchat sandbox works without a key."
_NO_JSON = "A message or parameter cannot be written as JSON ({}): use plain strings, numbers, lists and dicts."


class Client:
    """Sends requests for one account with these settings. Any thread may use it; it has no state but `date`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.account = account_of(settings)
        self.date: str | None = None  # the `Date` header of the last answer (RFC 9110, 6.6.1)

    def json(self, path: str, method: str = "GET", body: Any = None, *, within_s: float | None = None) -> Any:
        """The decoded JSON of `{base_url}{path}`. Raises an EdenError for anything else.

        Public paths need no key. `within_s` limits the whole exchange in seconds, not each read.
        """
        self.check_address()
        content = None if body is None else encode(body)
        with self.connection() as connection:
            if within_s is not None:
                connection.deadline = time.monotonic() + within_s
            try:
                with self.answer(connection, method, path, content) as response:
                    return failures.parsed(response.read())
            except transport_errors.HTTPX_ERRORS as error:
                raise transport_errors.explain(error, self.settings, within_s=within_s) from None

    def check(self) -> None:
        """Raise MissingKey or InvalidInput if these settings must not be used to send anything."""
        if not self.settings.api_key:
            raise errors.MissingKey(_NO_KEY)
        self.check_address()

    def check_address(self) -> None:
        """Raise InvalidInput if the key would be sent unencrypted, or holds characters that no key has."""
        if self.settings.base_url.startswith("http:") and not self.settings.is_local:
            raise errors.InvalidInput("The key would travel unencrypted: use an https:// address as base_url.")
        if not re.fullmatch(r"[!-~]*", self.settings.api_key):
            raise errors.InvalidInput("The key holds characters that no key has: copy it again, then %edenchat login.")

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for one request, with the timeouts of these settings; given back at the end."""
        connection = self.account.take(self.settings)
        connection.prepare(self.settings)
        try:
            yield connection
        finally:
            self.account.give_back(connection)

    def warm(self, connection: Connection, within_s: float) -> None:
        """Open the connection with a free request. Errors are ignored: the real request will raise them."""
        if connection.is_open:
            return
        connection.deadline = time.monotonic() + within_s
        with suppress(*transport_errors.HTTPX_ERRORS):
            response = connection.send("HEAD", str(httpx.URL(self.account.base).join("/")))
            response.read()

    @contextmanager
    def answer(
        self,
        connection: Connection,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Iterator[httpx.Response]:
        """A 2xx response with its body unread. Raises the EdenError that any other response reports.

        Older documents put the endpoints under /v3/llm: after a 404 the other address is tried, and remembered.
        """
        error, until = None, connection.deadline
        for base in _addresses(self.account.base):
            connection.deadline = until
            response = connection.send(method, base + path, body, headers)
            self.date = response.headers.get("date")
            try:
                if response.is_success:
                    self.account.base = base
                    yield response
                    return
                connection.deadline = min(until, time.monotonic() + ERROR_BODY_S)
                error = error or failures.from_response(response, self.settings)
            finally:
                response.close()
            if response.status_code != 404 or isinstance(error, (errors.UnknownModel, errors.UnknownFile)):
                break
        assert error
        raise error


def _addresses(base: str) -> Iterator[str]:
    yield base
    if base.endswith("/v3"):
        yield base + "/llm"
    elif base.endswith("/v3/llm"):
        yield base.removesuffix("/llm")


def encode(body: Any) -> bytes:
    """The body as JSON bytes. Raises InvalidInput for a value that JSON cannot express."""
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError) as problem:
        raise errors.InvalidInput(_NO_JSON.format(type(problem).__name__)) from None
