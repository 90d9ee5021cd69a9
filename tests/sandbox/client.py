"""A client that hides nothing of the wire."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from edenai_nb.sandbox import Sandbox

DEADLINE_S = 10.0


class Client:
    """Speaks to one sandbox over real sockets."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def send(self, method, path, body=None, key="sandbox", headers=None):
        """(status, headers, body bytes) of one request. `key=None` sends no Authorization."""
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox.port, timeout=DEADLINE_S)
        kind = {"Content-Type": "application/json"} if body else {}
        headers = {**kind, **({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def json(self, method, path, body=None, **how):
        status, _, answer = self.send(method, path, body, **how)
        return status, json.loads(answer)

    def chat(self, prompt="Hi", *, path="/v3/chat/completions", key="sandbox", headers=None, **fields):
        """(status, headers, body bytes) of a chat completion."""
        return self.send("POST", path, chat_body(prompt, **fields), key, headers)

    def whole(self, prompt="Hi", **fields):
        """The JSON of an answer that is not streamed."""
        status, _, answer = self.chat(prompt, **fields)
        assert status == 200, answer
        return json.loads(answer)

    def refused(self, prompt="Hi", **fields):
        """(status, JSON) of a chat completion."""
        status, _, answer = self.chat(prompt, **fields)
        return status, json.loads(answer)

    def chunks(self, prompt="Hi", **fields):
        """The JSON chunks of a streamed answer, which must end with [DONE]."""
        status, headers, answer = self.chat(prompt, stream=True, **fields)
        assert status == 200
        assert headers["Content-Type"].startswith("text/event-stream")
        *events, last, rest = answer.split(b"\n\n")
        assert (last, rest) == (b"data: [DONE]", b"")
        return [json.loads(event.removeprefix(b"data: ")) for event in events]

    @contextmanager
    def open(self, **fields) -> Iterator[socket.socket]:
        """A raw socket on which a streamed request has been sent."""
        body = chat_body(stream=True, **fields)
        head = "POST /v3/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox\r\n"
        head += "Content-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", self.sandbox.port), timeout=DEADLINE_S) as wire:
            wire.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            yield wire


def chat_body(prompt="Hi", **fields):
    body = {"model": "openai/gpt-mini-latest", "messages": [{"role": "user", "content": prompt}], **fields}
    return json.dumps({name: value for name, value in body.items() if value is not ...}).encode()


def said(chunks, field="content"):
    return "".join(choice["delta"].get(field) or "" for chunk in chunks for choice in chunk["choices"])


def read_to_end(wire):
    """(bytes, how it ended): "closed" or "reset"."""
    data = b""
    try:
        while piece := wire.recv(65536):
            data += piece
    except ConnectionResetError:
        return data, "reset"
    return data, "closed"
