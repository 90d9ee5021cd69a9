"""A reverse proxy in front of a server, as operators put there: it compresses, it buffers, it cuts."""

from __future__ import annotations

import http.client
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from typing import Any
from urllib.parse import urlsplit

UPSTREAM_S = 30.0  # the longest silence of the server behind it
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}  # RFC 9110, 7.6.1


@dataclass(frozen=True)
class Passage:
    """One request that went through: the method, the path, and the headers as they came, names in lower case."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class ReverseProxy:
    """What stands at `base_url`; `passages` are the requests that came, in order."""

    base_url: str
    passages: list[Passage] = field(default_factory=list)


@contextmanager
def reverse_proxy(
    upstream: str,
    *,
    gzip: bool = False,
    buffer: float = 0,
    cut_after: float = inf,
    largest_body: float = inf,
) -> Iterator[ReverseProxy]:
    """A proxy in front of the base URL `upstream`.

    gzip: compresses for whoever accepts it, as nginx does: nothing leaves before the compressor's window is full.
    buffer: bytes that are held back until so many have come, or the end (`inf`: the whole answer).
    cut_after: bytes of the body after which it closes the connection.    largest_body: of a request; above is a 413.
    """
    address = urlsplit(upstream)
    proxy = ReverseProxy("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def _pass_on(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            proxy.passages.append(Passage(self.command, self.path, headers))
            length = int(headers.get("content-length", 0))
            body = self.rfile.read(length)
            if length > largest_body:
                self._too_large()
                return
            behind = http.client.HTTPConnection(address.hostname or "", address.port, timeout=UPSTREAM_S)
            try:
                kept = {name: value for name, value in headers.items() if name not in HOP_BY_HOP}
                behind.request(self.command, self.path, body, kept)
                self._answer(behind.getresponse(), "gzip" in headers.get("accept-encoding", ""))
            finally:
                behind.close()

        do_GET = do_POST = _pass_on

        def _too_large(self) -> None:
            page = b"<html><head><title>413 Request Entity Too Large</title></head></html>"
            self.send_response(413)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def _answer(self, response: http.client.HTTPResponse, accepts_gzip: bool) -> None:
            compress = gzip and accepts_gzip
            self.send_response(response.status)
            for name, value in response.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            if compress:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            sent = 0.0
            for piece in _held_back(_compressed(response) if compress else _pieces(response), buffer):
                piece = piece[: int(min(len(piece), cut_after - sent))]
                sent += len(piece)
                if piece:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                if sent >= cut_after:
                    self.close_connection = True
                    return
            self.wfile.write(b"0\r\n\r\n")

    server = _Server(("127.0.0.1", 0), Handler)
    proxy.base_url = f"http://127.0.0.1:{server.server_address[1]}{address.path}"
    with _serving(server):
        yield proxy


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no error of the proxy's."""


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    with suppress(http.client.HTTPException, OSError):  # the server behind has cut it
        while piece := response.read1(65536):
            yield piece


def _compressed(response: http.client.HTTPResponse) -> Iterator[bytes]:
    compressor = zlib.compressobj(wbits=31)
    for piece in _pieces(response):
        yield compressor.compress(piece)
    yield compressor.flush()


def _held_back(pieces: Iterator[bytes], size: float) -> Iterator[bytes]:
    held = b""
    for piece in pieces:
        held += piece
        if len(held) >= size:
            yield held
            held = b""
    yield held
