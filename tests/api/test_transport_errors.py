"""A limit that is exceeded is named, with what to set."""

from __future__ import annotations

import socket

from edenai_nb import Sandbox, errors
from edenai_nb.sandbox.script import Done, Finish, Opening, Pause, Script, Stall

from .failing import DEADLINE_S, NewChat, failure


def test_silence_before_the_first_token_names_its_limit(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(Stall()))
    said = str(failure(chat(first_token_s=0.1), errors.TimedOut))
    assert "0.1 s: raise first_token_s" in said
    assert "%edenchat config first_token_s=0.2, in Python edenai_nb.configure(first_token_s=0.2)" in said


def test_silence_between_tokens_names_its_limit_and_keeps_the_text(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(Opening(), "Half", Stall()))
    error = failure(chat(between_tokens_s=0.1), errors.TimedOut)
    assert "0.1 s: raise between_tokens_s" in str(error)
    assert error.partial == "Half"


def test_a_connection_that_takes_too_long_names_its_limit(chat: NewChat) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        queue = [socket.socket() for _ in range(3)]  # nobody accepts, and the queue is full: SYNs are dropped
        for waiting in queue:
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        error = failure(chat(base_url=f"http://127.0.0.1:{port}/v3", connect_s=0.2), errors.TimedOut)
        for waiting in queue:
            waiting.close()
    assert "0.2 s" in str(error)
    assert "connect_s" in str(error)


def test_keep_alive_comments_are_no_words(sandbox: Sandbox, chat: NewChat) -> None:
    # Given comments that would never end, where no single read is silent for long
    pings = [step for _ in range(1000) for step in (b": ping\n\n", Pause(0.05))]
    # Then the limits count from the question to the first word, and from word to word
    sandbox.enqueue(Script.raw(*pings), Script.raw(Opening(), "Half", *pings))
    assert "0.3 s: raise first_token_s" in str(failure(chat(first_token_s=0.3), errors.TimedOut))
    error = failure(chat(between_tokens_s=0.3), errors.TimedOut)
    assert "0.3 s: raise between_tokens_s" in str(error)
    assert error.partial == "Half"


def test_keep_alive_comments_do_no_harm(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(*[b": ping\n\n", Pause(0.02)] * 5, Opening(), "H", b": ping\n\n", "i", Finish(), Done()))
    assert chat(first_token_s=DEADLINE_S).ask("Hello") == "Hi"
