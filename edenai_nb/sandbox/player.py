"""Plays a script on one HTTP connection."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from email.utils import formatdate
from http.client import responses

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders, HTTPOutputError, ResponseStartLine

from ..settings import SANDBOX_SERVER
from . import cors
from . import script as do
from .completion import Completion, sse, tokens
from .record import Request

GATE_S = 0.005  # interval at which a gate is polled
BREATH = 64  # events after which other connections get a turn, even if the client reads without pause


class Player:
    """Plays one script once. Cancel `play()` to end it early."""

    def __init__(self, connection: HTTP1Connection, request: Request, script: do.Script, answer: Completion) -> None:
        self._connection = connection
        self._request = request
        self._script = script
        self._answer = answer
        self._ready: list[bytes] = []  # rendered, not yet written
        self._began = False  # the headers have been sent
        self._connection.stream.set_nodelay(True)

    async def play(self) -> None:
        """Send the answer. Raises tornado's StreamClosedError if the client disconnects."""
        if self._request.method == "HEAD":
            return await self._end_body()  # it has no body
        for step in self._script.steps:
            if await self._ends_with(step):
                return
        await self._end_body()

    async def _ends_with(self, step: do.Step) -> bool:
        if isinstance(step, (do.Pause, do.Stall, do.Gate, do.Close, do.HangUp, do.Reset)):
            await self._flush()
        if isinstance(step, (do.Close, do.HangUp, do.Reset)):
            await self._leave(step)
            return True
        if isinstance(step, (do.Pause, do.Stall, do.Gate)):
            await self._be_silent(step)
        elif isinstance(step, (str, do.Thinking, do.Call)):
            await self._speak(step)
        elif isinstance(step, do.Headers):
            await self._write(b"")
        elif isinstance(step, bytes):
            self._request.events_sent += step.count(b"\n\n")
            await self._send(step)
        else:
            await self._send(self._frame(step))
        return False

    def _frame(self, step: do.Step) -> bytes:
        answer = self._answer
        if isinstance(step, do.Choice):
            frame = answer.turn_to(step.index)
        elif isinstance(step, do.Opening):
            frame = answer.opening()
        elif isinstance(step, do.Finish):
            frame = answer.finish(step.reason)
        elif isinstance(step, do.Bill):
            frame = answer.bill(step.usage, step.cost)
        elif isinstance(step, do.Done):
            frame = answer.done()
        else:
            frame = sse(step)
        self._request.events_sent += frame.endswith(b"\n\n")
        return frame

    async def _speak(self, step: str | do.Thinking | do.Call) -> None:
        """Send text at the script's pace. Each token has a due time, so that delays are made up for."""
        rate, start = self._script.tokens_per_s, _now()
        for number, frame in enumerate(self._spoken(step), 1):
            if rate and (wait := start + number / rate - _now()) > 0:
                await self._flush()
                await asyncio.sleep(wait)
            elif number % BREATH == 0:
                await asyncio.sleep(0)
            self._request.events_sent += bool(frame)
            await self._send(frame)

    def _spoken(self, step: str | do.Thinking | do.Call) -> Iterable[bytes]:
        if isinstance(step, do.Call):
            return self._answer.call(step.name, tokens(step.arguments), step.id)
        field, text = ("content", step) if isinstance(step, str) else ("reasoning_content", step.text)
        return self._answer.deltas(field, tokens(text))

    async def _be_silent(self, step: do.Pause | do.Stall | do.Gate) -> None:
        if isinstance(step, do.Pause):
            await asyncio.sleep(step.seconds)
        elif isinstance(step, do.Gate):
            while not step.event.is_set():
                await asyncio.sleep(GATE_S)
        else:
            await asyncio.Event().wait()

    async def _leave(self, step: do.Close | do.HangUp | do.Reset) -> None:
        stream = self._connection.stream
        self._connection.set_close_callback(None)  # the sandbox, not the client, closes it
        if isinstance(step, do.Close) and self._began:
            await self._end_body()
            await stream.write(b"")  # returns when everything before it has been sent
        if isinstance(step, do.Reset) and not stream.closed():
            stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.close()

    async def _send(self, data: bytes) -> None:
        if data:
            self._ready.append(data)
        if self._script.packets != "whole":
            await self._flush()

    async def _flush(self) -> None:
        if not self._ready:
            return
        data = self._ready[0] if len(self._ready) == 1 else b"".join(self._ready)
        self._ready.clear()
        for packet in _packets(data, self._script.packets):
            await self._write(packet)

    async def _write(self, packet: bytes) -> None:
        if self._began:
            await self._connection.write(packet)
        else:
            self._began = True
            line = ResponseStartLine("HTTP/1.1", self._script.status, responses.get(self._script.status, "Unknown"))
            await self._connection.write_headers(line, self._headers(), packet)
        self._request.bytes_sent += len(packet)

    def _headers(self) -> HTTPHeaders:
        kind = "text/event-stream; charset=utf-8" if self._answer.streamed else "application/json"
        headers = HTTPHeaders({"Content-Type": kind, "Cache-Control": "no-cache", "Server": SANDBOX_SERVER})
        headers.update({"Date": formatdate(usegmt=True), **cors.HEADERS})
        headers.update(self._script.headers)
        return headers

    async def _end_body(self) -> None:
        await self._flush()
        if not self._began:
            await self._write(b"")
        self._connection.set_close_callback(None)  # a client that leaves from here on has received everything
        with suppress(HTTPOutputError):  # the script announced a longer body: tornado closes the connection
            self._connection.finish()


def _packets(data: bytes, size: str | int) -> Iterable[bytes]:
    if isinstance(size, str):
        return (data,)
    return (data[start : start + size] for start in range(0, len(data), size))


def _now() -> float:
    return asyncio.get_running_loop().time()
