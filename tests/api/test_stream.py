"""Whole answers over a real connection, however other people's servers write them."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import brotli
import pytest
import zstandard

from edenai_nb import Chat, Reply, Sandbox, errors
from edenai_nb.api import stream
from edenai_nb.sandbox.script import (
    Bill,
    Close,
    Done,
    Finish,
    Gate,
    HangUp,
    Headers,
    Opening,
    Pause,
    Script,
    Stall,
    Step,
)

from .failing import NewChat, failure

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


ANSWER = b'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize("kind", ["text/html", "text/event-stream", "application/json"])
def test_a_web_page_is_no_answer(sandbox: Sandbox, chat: NewChat, kind: str) -> None:
    sandbox.enqueue(Script.raw(b"\n <!doctype html><p>Log in", headers={"Content-Type": kind}))
    assert "web page" in str(failure(chat(), errors.MalformedStream))


def test_text_that_is_no_stream_is_no_answer(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(b"upstream hiccup\nretry later\n"))
    assert "not the stream" in str(failure(chat(), errors.MalformedStream))


def test_garbage_before_the_first_event_is_no_harm(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(b"\xff\xfegarbage: here\n\n" + ANSWER))
    assert chat().ask("Hello") == "Hi"


def test_an_empty_answer_says_so(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(Headers()))
    assert "before the first word" in str(failure(chat(), errors.Unreachable))


def test_json_that_is_no_answer_is_an_error(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.json({"object": "list", "data": []}))
    assert "not a chat completion" in str(failure(chat(), errors.MalformedStream))


@pytest.mark.parametrize("garbage", [b"data: {oops\n\n", b"data: 7\n\n", b'data: {"choices": {"a": 1}}\n\n'])
def test_a_malformed_chunk_ends_the_turn_with_the_text_so_far(sandbox: Sandbox, chat: NewChat, garbage: bytes) -> None:
    sandbox.enqueue(Script.raw(Opening(), "Half", garbage, " lost", Finish(), Done()))
    assert failure(chat(), errors.MalformedStream).partial == "Half"


def packer(coding: str) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    """What packs a piece so that it can be unpacked at once, and what ends it."""
    if coding == "br":
        br = brotli.Compressor()
        return lambda piece: br.process(piece) + br.flush(), br.finish
    if coding == "zstd":
        zstd = zstandard.ZstdCompressor().compressobj()
        return lambda piece: zstd.compress(piece) + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK), zstd.flush
    packed = zlib.compressobj(wbits=31 if coding == "gzip" else 15)
    return lambda piece: packed.compress(piece) + packed.flush(zlib.Z_SYNC_FLUSH), packed.flush


CODINGS = ["gzip", "deflate", "br", "zstd"]


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("packets", ["token", 1])
def test_compressed_answers_are_unpacked(sandbox: Sandbox, chat: NewChat, coding: str, packets: str | int) -> None:
    pack, end = packer(coding)
    packed = b"".join(map(pack, ANSWER.splitlines(keepends=True))) + end()
    sandbox.enqueue(Script.raw(packed, headers={"Content-Encoding": coding}, packets=packets))
    assert chat().ask("Hello") == "Hi"
    assert sandbox.requests[-1].headers["accept-encoding"] == "identity"  # a gateway would hold back what it packs


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_answer_streams(sandbox: Sandbox, chat: NewChat, coding: str) -> None:
    # Given an answer whose second half is held back
    gate, (pack, end) = threading.Event(), packer(coding)
    half = ANSWER.index(b"data: [DONE]")
    one, two = pack(ANSWER[:half]), pack(ANSWER[half:]) + end()
    sandbox.enqueue(Script.raw(one, Gate(gate), two, headers={"Content-Encoding": coding}))
    # When it is asked for
    turn = chat().send("Hello")
    # Then the first half is there before the second is sent
    assert next(reply for reply in turn.frames() if reply) == "Hi"
    gate.set()
    assert turn.wait(10).complete


def test_what_cannot_be_unpacked_says_so(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(b"\x1f\x8b no gzip", headers={"Content-Encoding": "gzip"}))
    assert "cannot be unpacked" in str(failure(chat(), errors.MalformedStream))


@pytest.mark.parametrize("coding", ["none", "identity", "None, identity", "utf-8", "gzip", "br", "aws-chunked", ""])
@pytest.mark.parametrize("packets", ["token", "whole"])
def test_an_answer_that_only_says_it_is_packed_is_read(
    sandbox: Sandbox, chat: NewChat, coding: str, packets: str
) -> None:
    sandbox.enqueue(Script.raw(b": ping\n\n", ANSWER, headers={"Content-Encoding": coding}, packets=packets))
    assert chat().ask("Hello") == "Hi"


@pytest.mark.parametrize("coding", ["exotic", "gzip, exotic"])
def test_a_coding_that_was_not_asked_for_is_named(sandbox: Sandbox, chat: NewChat, coding: str) -> None:
    sandbox.enqueue(Script.raw(b"\x01\x02", headers={"Content-Encoding": coding}))
    assert "as exotic" in str(failure(chat(), errors.MalformedStream))


def test_a_whole_answer_instead_of_a_stream_is_read_and_said(sandbox: Sandbox, chat: NewChat) -> None:
    message = {"role": "assistant", "content": "Whole"}
    sandbox.enqueue(Script.json({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}))
    turn = chat().send("Hello")
    assert turn.wait() == "Whole"
    assert turn.note == stream.BUFFERED


@pytest.mark.parametrize(("waits", "note"), [(True, stream.BUFFERED), (False, None)])
def test_a_stream_that_comes_all_at_once_after_a_long_wait_is_said_to_be_held_back(
    sandbox: Sandbox, chat: NewChat, monkeypatch: pytest.MonkeyPatch, waits: bool, note: str | None
) -> None:
    monkeypatch.setattr(stream, "BUFFERED_S", 0.3 if waits else 30)
    monkeypatch.setattr(stream, "FASTEST_PER_S", 200)
    sandbox.enqueue(Script.raw(Pause(0.4), Opening(), "word " * 60, Finish(), Bill(), Done(), packets="whole"))
    turn = chat().send("Hello")
    assert turn.wait().complete
    assert turn.note == note


def test_a_megabyte_in_one_event_is_read(sandbox: Sandbox, chat: NewChat) -> None:
    text = "x" * 1_000_000
    sandbox.enqueue(Script.raw({"choices": [{"index": 0, "delta": {"content": text}}]}, Finish(), Done(), packets=1000))
    assert chat().ask("Hello") == text


def test_one_byte_a_packet_is_read(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.text("naïve ∑ 🙂", packets=1))
    reply = chat().ask("Hello")
    assert reply == "naïve ∑ 🙂"
    assert reply.usage


def test_a_hundred_thousand_events_are_read(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.text("abcd" * 100_000, packets="whole"))
    assert len(chat().ask("Hello")) == 400_000
