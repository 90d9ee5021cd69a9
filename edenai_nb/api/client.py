"""Requests to Eden AI: messages out, Deltas in."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from math import inf
from typing import Any

import httpx

from .. import errors, forks
from ..settings import Settings, certificates
from . import failures, transport_errors
from .connection import NO_HEADERS, Connection
from .stream import DeltaStream

IDLE_CONNECTIONS = 8
ERROR_BODY_S = 5.0  # how long the body of an error is read: its status has said enough
_NO_KEY = "No Eden AI key found: set EDENAI_API_KEY, or run %edenchat login. %edenchat sandbox works without a key."
_NO_PROXY = "The proxy cannot be used: correct HTTPS_PROXY or ALL_PROXY; SOCKS needs pip install httpx[socks]."
_NO_CERTIFICATES = "SSL_CERT_FILE or SSL_CERT_DIR cannot be read: correct or unset it."
_NO_KEY_LOG = "SSLKEYLOGFILE names a file that cannot be written: correct or unset it."
_NO_JSON = "A message or parameter cannot be written as JSON ({}): use plain strings, numbers, lists and dicts."


class Client:
    """Requests to one address with one key. Any thread may use it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.date: str | None = None  # the time by the server's clock (RFC 9110, 6.6.1), when it answered last
        self._base = settings.base_url
        self._idle: deque[Connection] = deque()
        forks.remember(self)
        # To load certificates takes 20 ms, and plain http to this machine needs none.
        self.tls = _tls() if settings.base_url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def stream(self, messages: Sequence[Mapping[str, Any]], *, model: str | None = None, **params: Any) -> DeltaStream:
        """Ask, and read the answer as it comes. Nothing is sent before the first Delta is asked for.

        `params` are the fields of `POST /chat/completions` (contract, section 2); None leaves one out.
        Raises MissingKey or InvalidInput here, any other EdenError while iterating.
        """
        self.check()
        body = {name: value for name, value in params.items() if value is not None}
        body |= {"model": model or self.settings.model, "messages": list(messages), "stream": True}
        # Without it Eden AI does not tell what a streamed answer cost (contract, section 3.3).
        body["stream_options"] = {**body.get("stream_options", {}), "include_usage": True}
        return DeltaStream(self, _encode(body), str(body["model"]))

    def json(self, path: str, method: str = "GET", body: Any = None, *, within_s: float | None = None) -> Any:
        """The JSON that `{base_url}{path}` answers. Raises an EdenError for anything else.

        Public paths need no key. All reading together is over after `within_s`, however slowly bytes drip in.
        """
        self.check_address()
        content = None if body is None else _encode(body)
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
        """Raise InvalidInput if the key must not travel to this address, or cannot be a key at all."""
        if self.settings.base_url.startswith("http:") and not self.settings.is_local:
            raise errors.InvalidInput("The key would travel unencrypted: use an https:// address as base_url.")
        if not re.fullmatch(r"[!-~]*", self.settings.api_key):
            raise errors.InvalidInput("The key holds characters that no key has: copy it again, then %edenchat login.")

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for one request: an unused one if there is any, else a new one."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._new_connection()
        connection.read_timeout_s, connection.gather_s, connection.deadline = self.settings.first_token_s, 0.0, inf
        try:
            yield connection
        finally:
            if connection.aborted or len(self._idle) >= IDLE_CONNECTIONS:
                connection.close()
            else:
                self._idle.append(connection)

    def _new_connection(self) -> Connection:
        try:
            return Connection(self.settings, self.tls)
        except (ImportError, ValueError, httpx.InvalidURL):
            # httpx reads the proxy here: its address is broken, or it is SOCKS and the package for that is missing.
            raise errors.InvalidInput(_NO_PROXY) from None

    @contextmanager
    def answer(
        self,
        connection: Connection,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Iterator[httpx.Response]:
        """A 2xx response, its body unread. Raises the EdenError in any other.

        Older documents put the endpoints under /v3/llm: a 404 tries the other address once, and remembers.
        """
        error, until = None, connection.deadline
        for base in _addresses(self._base):
            connection.deadline = until
            response = connection.send(method, base + path, body, headers)
            self.date = response.headers.get("date")
            try:
                if response.is_success:
                    self._base = base
                    yield response
                    return
                connection.deadline = min(until, time.monotonic() + ERROR_BODY_S)
                error = error or failures.from_response(response, self.settings)
            finally:
                response.close()
            if response.status_code != 404 or isinstance(error, errors.UnknownModel):
                break
        assert error
        raise error

    def after_fork(self) -> None:
        # Not closed: that would tell the server that the other process hangs up (TLS).
        self._idle = deque()

    def close(self) -> None:
        """Close the connections that nobody is using."""
        while self._idle:
            self._idle.pop().close()


@lru_cache(maxsize=8)
def connect(settings: Settings) -> Client:
    """The Client for these settings, one for all, so that its connections are used again."""
    return Client(settings)


def _addresses(base: str) -> Iterator[str]:
    yield base
    if base.endswith("/v3"):
        yield base + "/llm"
    elif base.endswith("/v3/llm"):
        yield base.removesuffix("/llm")


def _encode(body: Any) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError) as problem:
        raise errors.InvalidInput(_NO_JSON.format(type(problem).__name__)) from None


def _tls() -> ssl.SSLContext:
    """What is trusted: the certificates that the user names, else the machine's (`truststore`), else certifi's."""
    file, folder = certificates()
    if not (file or folder):
        with suppress(ImportError):
            import truststore

            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if file or folder:
            return ssl.create_default_context(cafile=file, capath=folder)
        return httpx.create_ssl_context(trust_env=False)
    except OSError as error:  # ssl.SSLError is one
        # Only for the file that Python logs TLS secrets to does it say which one.
        raise errors.InvalidInput(_NO_KEY_LOG if error.filename else _NO_CERTIFICATES) from None
