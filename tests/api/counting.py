"""A server that says the same bytes to everybody, and remembers what it was asked and when."""

from __future__ import annotations

import re
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count

KEEP_ALIVE = b": still here\n\n"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Counter:
    """base_url: where it listens.   requests: each whole, as bytes.   times: when each was complete, by monotonic()."""

    base_url: str = ""
    requests: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def most_in_a_second(self) -> int:
        """The largest number of requests that came within any one second."""
        return max(sum(start <= time < start + 1 for time in self.times) for start in self.times)


@contextmanager
def saying(answer: bytes, then: str = "close") -> Iterator[Counter]:
    """`then` is what follows the answer: `close`, `reset`, `silence`, or `keep-alive` (comments for ever)."""
    counter, ended = Counter(), threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            request = _whole_request(self.request)
            if not request:
                return
            counter.times.append(time.monotonic())
            counter.requests.append(request)
            with suppress(OSError):
                self.request.sendall(answer)
                _end(self.request, then, ended)

    with _Server(("127.0.0.1", 0), Handler) as server:
        counter.base_url = f"http://127.0.0.1:{server.server_address[1]}/v3"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield counter
        finally:
            ended.set()
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    request_queue_size = 64  # of five, what comes at once may be turned away before it is counted


def _whole_request(client: socket.socket) -> bytes:
    received = b""
    while piece := client.recv(65536):
        received += piece
        head, blank, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if blank and len(body) >= int(length[1] if length else 0):
            return received
    return b""


def _end(client: socket.socket, then: str, ended: threading.Event) -> None:
    if then == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for _ in count() if then in ("silence", "keep-alive") else ():
        if ended.wait(0.02):
            return
        if then == "keep-alive":
            client.sendall(KEEP_ALIVE)
