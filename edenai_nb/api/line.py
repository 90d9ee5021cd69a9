"""One connection that any thread can cut."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx

from ..settings import Settings

IDLE_S = 30.0  # how long an unused connection is kept


class Line:
    """An httpx.Client with a single connection, kept for the next request.

    httpx fixes the read timeout when a response begins and never shows the socket of a request that is
    still waiting. Both come from the stream that httpcore hands to its `trace` extension.
    """

    def __init__(self, settings: Settings, tls: ssl.SSLContext) -> None:
        self.patience_s = settings.first_token_s  # how long the next read may be silent
        self.is_cut = False
        self._socket: socket.socket | None = None
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {settings.key}"} if settings.key else {},
            timeout=httpx.Timeout(settings.first_token_s, connect=settings.connect_s, pool=None),
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_S),
            verify=tls,
        )

    def send(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The response with its body unread: close it. Raises httpx errors."""
        request = self._http.build_request(
            method, url, content=body, headers=headers, extensions={"trace": self._trace}
        )
        return self._http.send(request, stream=True)

    def cut(self) -> None:
        """Shut the socket down: a read that waits in another thread ends at once, and the server sees it."""
        self.is_cut = True
        if self._socket is not None:
            with suppress(OSError):  # already closed
                # The base class: SSLSocket.shutdown takes the TLS state away from a thread that is reading.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        self._http.close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            stream = info["return_value"]
            self._socket = stream.get_extra_info("socket")
            read = stream.read
            stream.read = lambda max_bytes, timeout=None: read(max_bytes, self.patience_s)
            if self.is_cut:
                self.cut()
