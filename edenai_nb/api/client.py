"""Requests to Eden AI: messages out, Deltas in."""

from __future__ import annotations

import ipaddress
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import httpx

from .. import errors
from ..settings import Settings
from . import failures
from .line import Line
from .stream import DeltaStream

IDLE_LINES = 8
_NO_KEY = "No Eden AI key found: set EDENAI_API_KEY, or run %edenchat login. %edenchat sandbox works without a key."
_NO_JSON = "A message or parameter cannot be written as JSON ({}): use plain strings, numbers, lists and dicts."


class Client:
    """Requests to one address with one key. Any thread may use it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._base = settings.base_url
        self._idle: deque[Line] = deque()
        self._tls = httpx.create_ssl_context()

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
        return DeltaStream(self, _encode(body))

    def json(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """The JSON that `{base_url}{path}` answers. Raises an EdenError for anything else."""
        content = None if body is None else _encode(body)
        with self.line() as line:
            try:
                with self.answer(line, method, path, content) as response:
                    return failures.parsed(response.read())
            except failures.FOREIGN as error:
                raise failures.from_transport(error, self.settings) from None

    def check(self) -> None:
        """Raise MissingKey or InvalidInput if these settings must not be used to send anything."""
        if not self.settings.key:
            raise errors.MissingKey(_NO_KEY)
        if self.settings.base_url.startswith("http:") and not _is_loopback(self.settings.host):
            raise errors.InvalidInput("The key would travel unencrypted: use an https:// address as base_url.")

    @contextmanager
    def line(self) -> Iterator[Line]:
        """A connection for one request: an unused one if there is any, else a new one."""
        try:
            line = self._idle.pop()
        except IndexError:
            line = Line(self.settings, self._tls)
        try:
            yield line
        finally:
            if line.is_cut or len(self._idle) >= IDLE_LINES:
                line.close()
            else:
                self._idle.append(line)

    @contextmanager
    def answer(self, line: Line, method: str, path: str, body: bytes | None = None) -> Iterator[httpx.Response]:
        """A 2xx response, its body unread. Raises the EdenError in any other.

        Older documents put the endpoints under /v3/llm: a 404 tries the other address once, and remembers.
        """
        error = None
        for base in _addresses(self._base):
            response = line.send(method, base + path, body)
            try:
                if response.is_success:
                    self._base = base
                    yield response
                    return
                error = error or failures.from_response(response)
            finally:
                response.close()
            if response.status_code != 404 or isinstance(error, errors.UnknownModel):
                break
        assert error
        raise error

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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
