"""One HTTP connection that any thread can abort."""

from __future__ import annotations

import platform
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from importlib import metadata
from math import inf
from types import MappingProxyType
from typing import Any

import httpx

from .. import forks
from ..settings import Settings
from . import lookup, proxies

IDLE_S = 30.0  # how long an unused connection is kept
MAX_HEAD = 64 * 1024
_ACCEPTED = re.compile(rb"(?:\A|\n\r?\n)HTTP/1\.[01] 2")  # at the start, or after an interim response (103)
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Connection:
    """An httpx.Client with a single connection, kept for the next request.

    httpx fixes the read timeout when a response begins and never shows the socket of a request that is
    still waiting. Both come from the stream that httpcore hands to its `trace` extension.
    """

    def __init__(self, settings: Settings, tls: ssl.SSLContext) -> None:
        self.prepare(settings)
        self.aborted = False
        self.accepted = False  # the status line of the last request's answer was a 2xx, whatever came after it
        self._head = b""  # bytes received while httpx has not returned the response yet
        self._socket: socket.socket | None = None
        forks.remember(self)
        self._http = httpx.Client(
            headers={"Accept": "application/json", "User-Agent": user_agent(), **_credentials(settings.api_key)},
            proxy=proxies.address(settings) or None,
            trust_env=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_S),
            verify=tls,
        )

    @property
    def is_open(self) -> bool:
        """Whether the socket has been connected."""
        return self._socket is not None

    def prepare(self, settings: Settings) -> None:
        """Use the timeouts of these settings for the next request."""
        self._settings = settings
        self.read_timeout_s = settings.first_token_s  # the limit of a single read
        self.deadline = inf  # time.monotonic() after which every read times out
        self.gather_s = 0.0  # how long to wait before a read, so that it returns several tokens at once

    @property
    def unpacks(self) -> frozenset[str]:
        """The content encodings that the installed httpx can decode, such as `gzip`."""
        return frozenset(self._http.headers["Accept-Encoding"].split(", "))

    def send(
        self,
        method: str,
        url: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> httpx.Response:
        """The response with its body unread; the caller closes it. `body` is JSON, unless the headers say otherwise.

        Raises httpx errors.
        """
        kind = NO_HEADERS if body is None else {"Content-Type": "application/json"}
        request = self._http.build_request(
            method,
            url,
            content=body,
            headers={**kind, **headers},
            timeout=self._timeout(),
            extensions={"trace": self._trace},
        )
        self.accepted, self._head = False, b""
        response = self._http.send(request, stream=True)
        self.accepted = response.is_success
        return response

    def abort(self) -> None:
        """Shut the socket down: a read that blocks in another thread ends at once, and the server is told."""
        self.aborted = True
        if self._socket is not None:
            with suppress(OSError):  # already closed
                # The base class's method: SSLSocket.shutdown drops the TLS state that a reading thread still uses.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def after_fork(self) -> None:
        """Drop the socket, which belongs to the parent process; shutting it down would end the parent's answer."""
        self._socket, self.aborted = None, True

    def close(self) -> None:
        """Close the socket; the connection is not used again."""
        self._http.close()

    def _timeout(self) -> httpx.Timeout:
        settings, left_s = self._settings, self._left_s()
        return httpx.Timeout(settings.first_token_s, connect=min(settings.connect_s, left_s), pool=None)

    def _left_s(self) -> float:
        # Not 0: that would make the socket non-blocking.
        return max(0.001, min(self.read_timeout_s, self.deadline - time.monotonic()))

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        if event.endswith("connect_tcp.started"):  # before httpcore connects, with its arguments
            until = time.monotonic() + info["timeout"]
            lookup.await_name(info["host"], info["port"], info["timeout"])
            info["timeout"] = max(0.001, until - time.monotonic())
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            stream = info["return_value"]
            self._socket, self._head = stream.get_extra_info("socket"), b""  # after a proxy's answer to CONNECT
            stream.read = partial(self._read, stream, stream.read)
            if self.aborted:
                self.abort()

    def _read(self, stream: Any, read: Callable[[int, float], bytes], max_bytes: int, timeout: Any = None) -> bytes:
        # Waking the thread costs more than reading: wake once for several tokens instead of once for each.
        if self.gather_s and not stream.get_extra_info("is_readable"):
            time.sleep(self.gather_s)
        if time.monotonic() > self.deadline:  # bytes that drip in steadily never exceed the read timeout
            raise httpx.ReadTimeout("")
        data = read(max_bytes, self._left_s())
        if not self.accepted:
            # httpx reports nothing of a response that breaks off within its headers, but the request is billed.
            self._head = (self._head + data)[:MAX_HEAD]
            self.accepted = bool(_ACCEPTED.search(self._head))
        return data


@lru_cache(maxsize=1)
def user_agent() -> str:
    """The User-Agent header: this package, Python and httpx with their versions."""
    try:
        version = metadata.version("edenai-nb")
    except metadata.PackageNotFoundError:  # run from a copy of the source
        version = "0"
    return f"edenai-nb/{version} (python {platform.python_version()}; httpx {httpx.__version__})"


def _credentials(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else NO_HEADERS
