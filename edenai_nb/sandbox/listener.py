"""The sandbox's thread: accepts connections and answers each request by playing a script."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import cast

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError

from . import payload
from .player import Player
from .record import File, Request
from .routes import Answer
from .uploads import MAX_FILE_BYTES

MAX_BODY_BYTES = MAX_FILE_BYTES + 16 * 1024 * 1024  # so that a file that is too large is answered with 413
BACKLOG = 1024


class Listener:
    """Listens on 127.0.0.1 as soon as it is created. Raises OSError if the port is taken."""

    def __init__(self, port: int, answer: Callable[[Request], Answer]) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        # Not `asyncio.run`: nest_asyncio patches it in the user's process.
        self._loop = asyncio.SelectorEventLoop()
        self._ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="edenai-sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection; returns when the thread has ended."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = HTTPServer(self._handle, max_body_size=MAX_BODY_BYTES, max_buffer_size=MAX_BODY_BYTES)
        server.add_socket(self._socket)
        await self._ended.wait()
        server.stop()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await server.close_all_connections()

    def _handle(self, message: HTTPServerRequest) -> None:
        connection = cast(HTTP1Connection, message.connection)
        request = _record(message)
        task = self._loop.create_task(_play(Player(connection, request, *self._answer(request)), connection, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        connection.set_close_callback(partial(_leave, request, task))


def _leave(request: Request, task: asyncio.Task[None]) -> None:
    request.client_gone.set()
    task.cancel()


async def _play(player: Player, connection: HTTP1Connection, request: Request) -> None:
    try:
        await player.play()
    except StreamClosedError:
        request.client_gone.set()
    except BaseException:
        connection.set_close_callback(None)
        connection.close()
        raise
    finally:
        request.finished.set()


def _record(message: HTTPServerRequest) -> Request:
    files = message.files.get("file", ())
    value, unread = payload.read(message.body, message.headers.get("Content-Type"))
    return Request(
        method=message.method or "",
        path=message.path,
        query={name: values[-1].decode("utf-8", "replace") for name, values in message.query_arguments.items()},
        headers={name.lower(): value for name, value in message.headers.items()},
        json=value,
        unread=unread,
        form={name: values[-1].decode("utf-8", "replace") for name, values in message.body_arguments.items()},
        files=tuple(File(file["filename"], file["content_type"], len(file["body"])) for file in files),
    )
