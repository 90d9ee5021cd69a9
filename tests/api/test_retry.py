"""What is tried again, when, and who is told."""

from __future__ import annotations

import datetime
import email.utils
import itertools
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from edenai_nb import Chat, Sandbox, errors
from edenai_nb.api import retry
from edenai_nb.chat.turn import Turn
from edenai_nb.sandbox.script import Reset, Script

from .counting import saying

NewChat = Callable[..., Chat]
DEADLINE_S = 20.0
BUSY = {"error": {"message": "busy", "type": "server_error"}}


def busy(status: int, wait: str = "0.01") -> Script:
    return Script.error(status, BUSY, headers={"Retry-After": wait})


def wait_for_note(turn: Turn) -> str:
    deadline = time.monotonic() + DEADLINE_S
    while not turn.note:
        assert not turn.done, turn.reply.error
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return turn.note


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_what_may_pass_is_tried_again(sandbox: Sandbox, chat: NewChat, status: int) -> None:
    sandbox.enqueue(busy(status), busy(status), "Hi")
    assert chat(retry_s=DEADLINE_S).ask("Hello") == "Hi"
    assert len(sandbox.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 402, 403, 422, 451])
def test_what_will_not_pass_is_not(sandbox: Sandbox, chat: NewChat, status: int) -> None:
    sandbox.enqueue(Script.error(status, {"detail": "no"}), "Hi")
    with pytest.raises(errors.RequestRefused):
        chat(retry_s=DEADLINE_S).ask("Hello")
    assert len(sandbox.requests) == 1


def test_a_connection_that_breaks_before_the_answer_is_made_again(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(Reset()), "Hi")
    assert chat(retry_s=DEADLINE_S).ask("Hello") == "Hi"
    assert len(sandbox.requests) == 2


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
OPENING = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
WORD = b'data: {"choices":[{"index":0,"delta":{"content":"Half"}}]}\n\n'
ACCEPTED = {
    "cut in the status line": b"HTTP/1.1 200",
    "cut in the headers": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "cut after an interim answer": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Ty",
    "no headers at all": b"HTTP/1.1 200 OK\r\noh no",
    "201": b"HTTP/1.1 201 Created\r\n\r\n",
    "nothing": HEAD,
    "a length that does not come": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n",
    "a chunk that does not come": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\ndata: ",
    "the role": HEAD + OPENING,
    "half of an event": HEAD + OPENING + b'data: {"choi',
    "a word": HEAD + OPENING + WORD,
    "an error": HEAD + b'data: {"error":{"message":"busy","type":"server_error","code":503}}\n\n',
    "an error event": HEAD + b'event: error\ndata: {"message":"Overloaded"}\n\n',
    "a whole error": HEAD + b'{"error":{"message":"slow down","code":429}}',
    "no JSON": HEAD + b"data: {oops\n\n",
    "a page": HEAD + b"<html>Log in",
    "no stream": HEAD + b"upstream hiccup\n",
    "no gzip": HEAD[:-2] + b"Content-Encoding: gzip\r\n\r\nno gzip",
}


@pytest.mark.parametrize("then", ["close", "reset", "silence", "keep-alive"])
def test_an_accepted_question_is_asked_once_whatever_breaks_then(chat: NewChat, then: str) -> None:
    # Given every way in which an answer with a 2xx status breaks, all at the same time
    with ExitStack() as stack:
        servers = {name: stack.enter_context(saying(answer, then)) for name, answer in ACCEPTED.items()}
        limits = {"first_token_s": 0.3, "between_tokens_s": 0.3, "retry_s": 900}
        # When each is asked
        turns = {name: chat(base_url=server.base_url, **limits).send("Hello") for name, server in servers.items()}
        for turn in turns.values():
            turn._thread.join(DEADLINE_S)
        # Then each has failed after one request
        assert {name: len(server.requests) for name, server in servers.items()} == dict.fromkeys(ACCEPTED, 1)
        assert [name for name, turn in turns.items() if not isinstance(turn.reply.error, errors.EdenError)] == []


# They say that they close: a request on a connection that is being closed would be an attempt that nobody counts.
FAILING = {
    f"Retry-After: {told}": b"HTTP/1.1 429 No\r\nRetry-After: %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    % told.encode()
    for told in ("0", "0.01", "1e-9", "-5", "nan", "inf", "-0", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT", "0x0")
} | {
    "retry_after: 0": b'HTTP/1.1 429 X\r\nConnection: close\r\nContent-Length: 17\r\n\r\n{"retry_after":0}',
    "503": b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "408": b"HTTP/1.1 408 Late\r\nRetry-After: 0\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "529": b"HTTP/1.1 529 Overloaded\r\nRetry-After: 0\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "no answer": b"",
    "no HTTP": b"220 mail.example\r\n",
}


def test_a_failure_is_tried_four_times_with_half_a_second_between(
    chat: NewChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_S", 0.001)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(saying(answer)) for name, answer in FAILING.items()}
        turns = [chat(base_url=server.base_url, retry_s=900).send("Hello") for server in servers.values()]
        for turn in turns:
            turn._thread.join(DEADLINE_S)
        assert {name: len(server.requests) for name, server in servers.items()} == dict.fromkeys(FAILING, 4)
        pauses = {name: min(b - a for a, b in itertools.pairwise(server.times)) for name, server in servers.items()}
        assert {name: pause for name, pause in pauses.items() if pause < 0.45} == {}


def test_turns_that_fail_together_never_ask_more_than_ten_times_a_second(
    chat: NewChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_S", 0.001)
    with saying(FAILING["Retry-After: 0"]) as server:
        turns = [chat(base_url=server.base_url, retry_s=900, requests_per_s=10.0).send("Hello") for _ in range(8)]
        for turn in turns:
            turn._thread.join(DEADLINE_S)
        assert len(server.requests) == 32
        assert server.most_in_a_second() <= 10


def in_seconds(seconds: int) -> str:
    return str(seconds)


def as_date(seconds: int) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return email.utils.format_datetime(moment, usegmt=True)


@pytest.mark.parametrize("form", [in_seconds, as_date])
def test_the_servers_wait_is_obeyed_said_and_ended_by_stop(
    sandbox: Sandbox, chat: NewChat, form: Callable[[int], str]
) -> None:
    # Given a server that wants a pause
    sandbox.enqueue(busy(429, form(500)))
    turn = chat(retry_s=900).send("Hello")
    # Then the status says how long
    note = wait_for_note(turn)
    assert note.startswith("too many requests: trying again in ")
    assert 480 < int(note.split()[-2]) <= 500
    assert turn.state == "retrying"
    # And Stop ends the pause and its thread, without another request
    turn.stop()
    turn._thread.join(DEADLINE_S)
    assert not turn._thread.is_alive()
    assert len(sandbox.requests) == 1


def test_a_wait_beyond_the_limit_is_not_begun(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(busy(429, "500"))
    with pytest.raises(errors.RateLimited, match="in 500 s") as caught:
        chat(retry_s=60).ask("Hello")
    assert caught.value.retry_after == 500


def test_trying_again_ends_with_the_last_error(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(*[busy(503)] * 100)
    with pytest.raises(errors.ServerTrouble, match="busy"):
        chat(retry_s=0.8).ask("Hello")
    assert len(sandbox.requests) == 2  # the second pause would have ended too late


def test_turns_that_start_together_share_the_accounts_pace(sandbox: Sandbox, chat: NewChat) -> None:
    # Given two places in a thousand seconds
    pace = {"requests_per_s": 0.001}
    assert chat(**pace).ask("Hello").complete
    turns = [chat(**pace).send("Hello") for _ in range(3)]
    # Then the others wait, say so, and are stopped at once
    for turn in turns:
        assert "requests/s are allowed" in wait_for_note(turn)
    for turn in turns:
        turn.stop()
        turn._thread.join(DEADLINE_S)
        assert not turn._thread.is_alive()
    assert len(sandbox.requests) == 1
    # And another account does not wait
    assert chat(**pace, api_key="sk-eden-another-key").ask("Hello").complete
