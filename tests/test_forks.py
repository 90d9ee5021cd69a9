"""A forked process asks for itself: no connection, lock or running turn of the other process is its own."""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.pool import Pool
from typing import Any

import pytest

from edenai_nb import Chat, Sandbox, settings
from edenai_nb.api import account
from edenai_nb.api.account import account_of
from edenai_nb.api.client import Client
from edenai_nb.chat.turn import Turn
from edenai_nb.sandbox.script import Gate, Opening, Script

from . import tls

NewChat = Callable[..., Chat]
DEADLINE_S = 20.0
# Python warns of forking beside threads, which is what this is about.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


@pytest.fixture
def echo() -> Iterator[str]:
    """A server that answers what it was asked, slowly, on connections that it keeps."""

    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["content-length"])))["messages"][-1]["content"]
            waiting.wait(0.2)
            chunk = {"choices": [{"index": 0, "delta": {"content": f"answer to {question}"}, "finish_reason": "stop"}]}
            body = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    waiting = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v3"
        waiting.set()
        server.shutdown()
        thread.join()
    account.forget()


def ask(base_url: str, question: str) -> str:
    options = {"base_url": base_url, "api_key": "sandbox", "model": "openai/x", "retry_s": 1e-6}
    return str(Chat(**options, requests_per_s=1e6).ask(question))


def forked(count: int) -> Pool:
    return multiprocessing.get_context("fork").Pool(count)


def test_workers_get_their_own_answers(echo: str) -> None:
    # Given connections that are idle, and one that is in use
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda n: ask(echo, str(n)), range(3)))
        asked = threads.submit(ask, echo, "the parent's")
        # When workers are forked and ask all at once
        questions = [f"question {n}" for n in range(8)]
        with forked(4) as pool:
            answers = pool.starmap_async(ask, [(echo, question) for question in questions], 1).get(DEADLINE_S)
        # Then each has the answer to its own question, and so has the parent, before and after
        assert answers == [f"answer to {question}" for question in questions]
        assert asked.result() == "answer to the parent's"
        assert ask(echo, "after") == "answer to after"


def in_child(do: Callable[[], object]) -> str:
    """What `do()` returns, or the name of what it raises, in a forked process that ends as `sys.exit` ends it."""
    result, told = os.pipe()
    if not (child := os.fork()):
        try:
            said = str(do())
        except BaseException as error:
            said = type(error).__name__
        os.write(told, said.encode())
        atexit._run_exitfuncs()
        os._exit(0)
    os.close(told)
    with os.fdopen(result) as pipe, ThreadPoolExecutor(1) as reader:
        try:
            return reader.submit(pipe.read).result(DEADLINE_S)
        except TimeoutError:
            return "hangs"
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)


def test_locks_that_are_held_at_the_fork_do_not_hold_the_child(sandbox: Sandbox, chat: NewChat) -> None:
    # Given a thread that holds every lock of the account and of the conversation
    ours = chat(requests_per_s=10.0)
    ours.ask("Hello")
    shared = account_of(settings.resolve(base_url=sandbox.base_url, api_key=sandbox.key))
    locks = [shared.limiter._lock, shared.budget._lock, ours._lock]
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        for lock in locks:
            lock.acquire()
        held.set()
        done.wait(DEADLINE_S)
        for lock in reversed(locks):
            lock.release()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(DEADLINE_S)
    # Then a child can ask
    sandbox.enqueue("Hi")
    assert in_child(lambda: ours.ask("Hello")) == "Hi"
    done.set()
    holder.join()


def test_a_turn_that_runs_at_the_fork_goes_on_where_it_was_asked(sandbox: Sandbox, chat: NewChat) -> None:
    # Given a turn in mid-answer
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), "Half", Gate(gate), *Script.text(" and half").steps[1:]))
    turn = chat().send("Hello")
    assert next(reply for reply in turn.frames() if reply) == "Half"

    def use(turn: Turn) -> str:
        turn.stop()
        return f"{type(turn.reply.error).__name__}: {turn.reply}"

    # Then a child neither waits for it nor stops it, not even when it exits
    assert in_child(lambda: turn.wait()) == "StreamInterrupted"
    assert in_child(lambda: use(turn)) == "StreamInterrupted: Half"
    gate.set()
    assert turn.wait(DEADLINE_S) == "Half and half"


def test_a_child_does_not_end_the_parents_tls(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = tls.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with tls.serving(pem, keeps=True) as base_url:
        client = Client(settings.resolve(base_url=base_url))
        client.json("/models")
        _, idle = client.account._idle[0]
        assert in_child(lambda: len(client.account._idle)) == "0"
        assert in_child(lambda: client.json("/models")["data"][0]["id"]) == "over/tls"
        client.json("/models")
        assert client.account._idle[0][1] is idle
        client.account.close()
