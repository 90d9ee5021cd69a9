"""Whole answers over a real connection, however other people's servers write them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from edenai_nb import Chat, Reply, Sandbox, errors
from edenai_nb.api import stream
from edenai_nb.sandbox.script import Close, Done, Gate, HangUp, Pause, Script, Stall, Step

Ask = Callable[..., tuple[Reply, Exception | None]]
ALL = "One half, the other half."
HANG_UP, END = HangUp(), Close()


def chunk(finish_reason: Any = None, index: Any = 0, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish_reason}]}


def say(text: str, finish_reason: Any = None) -> dict[str, Any]:
    return chunk(finish_reason, content=text)


FIRST, OTHER, FINISH = say("One half,"), say(" the other half."), chunk("stop")


@pytest.fixture
def ask() -> Iterator[Ask]:
    with Sandbox(tokens_per_s=None) as sandbox:

        def ask(*steps: Step | str | bytes | dict[str, Any], **options: Any) -> tuple[Reply, Exception | None]:
            sandbox.enqueue(Script.raw(*steps))
            turn = Chat(base_url=sandbox.base_url, api_key=sandbox.key, **options).send("Hello")
            with suppress(errors.EdenError):
                turn.wait(20)
            return turn.reply, turn.reply.error

        yield ask


@pytest.mark.parametrize(
    "steps",
    [
        (say("One half,", "stop"), Pause(0.6), say(" the other half.", "stop"), Done()),
        (chunk("stop", role="assistant"), Pause(0.6), FIRST, OTHER, FINISH, Done()),
        (chunk("stop", reasoning_content="hm"), Pause(0.6), FIRST, OTHER, FINISH, Done()),
        (chunk(reasoning_content="hm"), FINISH, Pause(0.6), FIRST, OTHER, FINISH, Done()),
        (FIRST, FINISH, OTHER, FINISH, Done()),
        (FIRST, FINISH, OTHER, Pause(0.6), FINISH, Done()),
        (say("One half,", "null"), say(" the other half.", "null"), Done()),
        (FIRST, OTHER, Done()),
        (FIRST, OTHER, FINISH, HANG_UP),
        (FIRST, OTHER, FINISH, Stall()),
        (FIRST, say(" the other half.", "stop"), END),
    ],
)
def test_an_answer_is_whole_only_where_its_end_is_said(ask: Ask, monkeypatch: pytest.MonkeyPatch, steps: Any) -> None:
    monkeypatch.setattr(stream, "AFTER_FINISH_S", 0.3)
    reply, error = ask(*steps)
    assert (reply, error, reply.complete) == (ALL, None, True)


@pytest.mark.parametrize(
    "steps",
    [
        (FIRST, HANG_UP),
        (FIRST, END),
        (say("One half,", "null"), HANG_UP),
        (say("One half,", "stop"), HANG_UP),
        (say("One ", "stop"), say("half,", "stop"), HANG_UP),
        (say("One ", "stop"), say("half,", "stop"), END),
        (say("One "), FINISH, say("half,"), HANG_UP),
        (say("One "), FINISH, say("half,"), END),
    ],
)
def test_a_cut_answer_is_never_a_short_one(ask: Ask, steps: Any) -> None:
    reply, error = ask(*steps)
    assert (reply, reply.complete) == ("One half,", False)
    assert isinstance(error, errors.StreamInterrupted)


def test_thinking_that_is_cut_is_no_empty_answer(ask: Ask) -> None:
    reply, error = ask(chunk("stop", reasoning_content="hm"), HANG_UP)
    assert (reply.reasoning, reply.complete, type(error)) == ("hm", False, errors.StreamInterrupted)


def test_an_empty_finish_reason_hides_no_other(ask: Ask) -> None:
    reply, _ = ask(FIRST, OTHER, chunk("length"), {**chunk(""), "usage": {"total_tokens": 3}}, Done())
    assert (reply.finish_reason, reply.complete) == ("length", True)


@pytest.mark.parametrize(
    "event",
    [
        b"data:\n\n",
        b"data: \n\n",
        b"data\n\n",
        b"data: null\n\n",
        b"data: {}\n\n",
        b"data: []\n\n",
        b"event: ping\ndata: 12:00:01\n\n",
        b"event: ping\ndata:\n\n",
        b"event: keepalive\ndata: null\n\n",
        b'event: ping\ndata: {"type": "ping"}\n\n',
        b'event: status\ndata: {"message": "queued", "code": 1}\n\n',
        b": ping\n\n",
        b"retry: 1000\n\n",
        b"id: 7\n\n",
        b"event: ping\n\n",
    ],
)
def test_what_keeps_a_connection_alive_says_nothing(ask: Ask, event: bytes) -> None:
    assert ask(event, FIRST, event, event, OTHER, event, FINISH, event, Done()) == (ALL, None)


@pytest.mark.parametrize(
    "done",
    [
        b"data: [DONE] \n\n",
        b"data:[DONE]\n\n",
        b"data:  [DONE]\t\n\n",
        b"event: done\ndata: [DONE]\n\n",
        b"data: [DONE]",
    ],
)
def test_the_end_is_known_with_spaces_around_it(ask: Ask, done: bytes) -> None:
    assert ask(FIRST, OTHER, done, END) == (ALL, None)


def test_json_that_is_broken_is_an_error(ask: Ask) -> None:
    reply, error = ask(FIRST, b"data: {oops\n\n", OTHER, FINISH, Done())
    assert (reply, type(error)) == ("One half,", errors.MalformedStream)


def lines(*chunks: Any, start: str = "data: ", end: str = "\n") -> bytes:
    return "".join(f"{start}{json.dumps(one)}{end}" for one in chunks).encode()


PRETTY = b"".join(b"data: %s\n" % line for line in json.dumps(FIRST, indent=1).encode().splitlines())


@pytest.mark.parametrize(
    "body",
    [
        lines(FIRST, OTHER, FINISH) + b"data: [DONE]\n\n",
        lines(FIRST, OTHER, FINISH) + b"data: [DONE]\n",
        lines(FIRST, OTHER, FINISH) + b"data: [DONE]",
        lines(FIRST, OTHER, FINISH),
        lines(FIRST, OTHER, FINISH).rstrip(),
        lines(FIRST, OTHER, FINISH, start="data:", end="\r\n"),
        lines(FIRST, OTHER, FINISH, end=" \r"),
        lines(FIRST, end="\n\n") + lines(OTHER, FINISH),
        PRETTY + lines(OTHER, FINISH),
    ],
)
def test_events_may_be_set_apart_by_one_line_end_or_lack_the_last(ask: Ask, body: bytes) -> None:
    assert ask(body, END) == (ALL, None)


def test_events_that_are_set_apart_by_one_line_end_are_shown_as_they_come() -> None:
    go = threading.Event()
    with Sandbox(tokens_per_s=None) as sandbox:
        sandbox.enqueue(Script.raw(lines(FIRST, OTHER), Gate(go), lines(FINISH), b"data: [DONE]\n\n"))
        turn = Chat(base_url=sandbox.base_url, api_key=sandbox.key).send("Hello")
        assert next(reply for reply in turn.frames() if reply) == "One half,"
        go.set()
        assert turn.wait(10) == ALL


def test_a_last_event_that_is_cut_costs_nothing_else(ask: Ask) -> None:
    reply, error = ask(FIRST, b'data: {"choices":[{"delta":{"content":" the', END)
    assert (reply, type(error)) == ("One half,", errors.StreamInterrupted)


def test_half_letters_empty_lists_and_numbers_that_json_has_not_cost_nothing(ask: Ask) -> None:
    odd = b'data: {"choices":[{"index":0,"delta":{"content":"\\ude00!"},"logprobs":{"a":-Infinity}}]}\n\n'
    end = b'data: {"choices":[{"index":0,"delta":[],"finish_reason":"stop"}],"usage":[]}\n\n'
    reply, error = ask(b'data: {"choices":[{"delta":{"content":"Done \\ud83d"}}]}\n\n', odd, end, Done())
    assert (reply, error) == ("Done \U0001f600!", None)


def test_an_error_for_an_ending_keeps_the_text(ask: Ask) -> None:
    reply, error = ask(FIRST, say(" the", "network_error"), Done())
    assert (reply, reply.complete, type(error)) == ("One half, the", False, errors.ServerTrouble)
    assert "network_error" in str(error)


def test_text_of_another_choice_counts_where_there_is_none_of_the_first(ask: Ask) -> None:
    reply, error = ask(chunk(reasoning_content="hm"), chunk(index=1, content="Four."), chunk("stop", index=1), Done())
    assert (reply, reply.reasoning, reply.finish_reason, error) == ("Four.", "hm", "stop", None)


def test_a_picture_alone_is_an_answer(ask: Ask) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    reply, error = ask(chunk(images=[picture]), FINISH, HANG_UP)
    assert (reply, reply.parts, reply.complete, error) == ("", (picture,), True, None)
