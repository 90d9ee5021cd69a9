"""The fault matrix: what becomes of a turn when this fault meets that stage, over real sockets."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import psutil

from edenai_nb import Chat, Sandbox
from edenai_nb.chat.turn import Turn
from edenai_nb.errors import EdenError
from edenai_nb.sandbox.script import Bill, Close, Finish, HangUp, Headers, Opening, Reset, Script, Stall, Step

SILENT_S = 0.5  # how long silence is borne
DEADLINE_S = 20.0
TEXT, FENCE = "Half an answer", "So:\n```python\nprint("

STAGES: Mapping[str, tuple[Step, ...]] = {
    "connect": (),
    "headers": (),
    "before the first token": (Headers(), Opening()),
    "mid-text": (Opening(), TEXT),
    "mid-fence": (Opening(), FENCE),
    "after finish": (Opening(), TEXT, Finish()),
    "at [DONE]": (Opening(), TEXT, Finish(), Bill(), b"data: [DO"),
}
FAULTS: Mapping[str, tuple[Step, ...]] = {
    "end of body": (Close(),),
    "hang-up": (HangUp(),),
    "reset": (Reset(),),
    "silence": (Stall(),),
    "garbage": (b"\n\ndata: {oops\n\n", Stall()),
    "error": (b"\n\n", {"error": {"message": "overloaded", "type": "server_error"}}, Stall()),
}
BEFORE = ("Unreachable", "Unreachable", "Unreachable", "TimedOut", "MalformedStream", "ServerTrouble")
AMID = ("StreamInterrupted", "StreamInterrupted", "StreamInterrupted", "TimedOut", "MalformedStream", "ServerTrouble")
WHOLE = ("complete",) * 6
TABLE: Mapping[str, tuple[tuple[str, ...], str]] = {  # stage -> outcome for each fault, the text that is kept
    "connect": (("Unreachable", "Unreachable", "Unreachable", "TimedOut", "Unreachable", "Unreachable"), ""),
    "headers": (BEFORE, ""),
    "before the first token": (BEFORE, ""),
    "mid-text": (AMID, TEXT),
    "mid-fence": (AMID, FENCE),
    "after finish": (WHOLE, TEXT),
    "at [DONE]": (WHOLE, TEXT),
}
CELLS = [(stage, fault) for stage in STAGES for fault in FAULTS]


@dataclass(frozen=True)
class Outcome:
    """ended: the class of the error, or `complete`.  kept: the text.  closed: no connection of ours is left open."""

    ended: str
    kept: str
    closed: bool
    thread_ended: bool


def expected(stage: str, fault: str) -> Outcome:
    endings, kept = TABLE[stage]
    return Outcome(endings[list(FAULTS).index(fault)], kept, closed=True, thread_ended=True)


def run(stage: str, fault: str) -> Outcome:
    """Play one cell."""
    with ExitStack() as stack:
        if stage == "connect":
            port = stack.enter_context(_CONNECT[fault]())
        else:
            sandbox = stack.enter_context(Sandbox(tokens_per_s=None))
            sandbox.enqueue(_script(stage, fault))
            port = sandbox.port
        others = _open(port)
        return watch(asked(port, fault), port, others)


def asked(port: int, fault: str, silent_s: float = SILENT_S) -> Turn:
    """A turn that does not try again, and is patient where the fault is not silence."""
    patience_s = silent_s if fault == "silence" else DEADLINE_S
    limits = {
        "connect_s": patience_s,
        "first_token_s": patience_s,
        "between_tokens_s": patience_s,
        "retry_s": 1e-6,
    }
    address = f"http://127.0.0.1:{port}/v3"
    return Chat(base_url=address, api_key="sandbox", model="openai/gpt-5-mini", requests_per_s=1e6, **limits).send(
        "Hello"
    )


def watch(turn: Turn, port: int, others: frozenset[int] = frozenset()) -> Outcome:
    """Wait for the end of a turn and of what it used; `others` are local ports that were open before."""
    with suppress(EdenError):
        turn.wait(DEADLINE_S)
    error = turn.reply.error
    assert error is None or error.partial == turn.reply
    ended = type(error).__name__ if error else "complete" if turn.reply.complete else turn.state
    turn._thread.join(DEADLINE_S)
    return Outcome(ended, str(turn.reply), _become_closed(port, others), not turn._thread.is_alive())


def _script(stage: str, fault: str) -> Script:
    if stage == "headers" and fault == "garbage":
        return Script.raw(b"<html>", Stall(), headers={"Content-Type": "text/html"})
    if stage == "headers" and fault == "error":
        return Script.raw(b'{"error": {"message": "overloaded", "type": "server_error"}}', Close(), status=503)
    return Script.raw(*STAGES[stage], *FAULTS[fault])


def _become_closed(port: int, others: frozenset[int]) -> bool:
    deadline = time.monotonic() + DEADLINE_S
    while _open(port) - others:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _open(port: int) -> frozenset[int]:
    """The local ports of this process's connections to that port."""
    found = psutil.Process().net_connections("tcp")
    to_it = (one for one in found if one.raddr and one.raddr.port == port)
    return frozenset(one.laddr.port for one in to_it if one.status == psutil.CONN_ESTABLISHED)


@contextmanager
def _refusing() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield port


@contextmanager
def _full() -> Iterator[int]:
    """Nobody accepts and the queue is full, so that the system drops further connections."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def _accepting(then: Callable[[socket.socket], None]) -> Callable[[], object]:
    @contextmanager
    def listening() -> Iterator[int]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=lambda: then(listener.accept()[0]))
            thread.start()
            yield listener.getsockname()[1]
            thread.join()

    return listening


def _close(client: socket.socket) -> None:
    client.close()


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def _babble(client: socket.socket) -> None:
    client.sendall(b"220 mail.example ESMTP\r\n")
    client.close()


_CONNECT = {
    "end of body": _accepting(_close),
    "hang-up": _accepting(_close),
    "reset": _accepting(_reset),
    "silence": _full,
    "garbage": _accepting(_babble),
    "error": _refusing,
}
