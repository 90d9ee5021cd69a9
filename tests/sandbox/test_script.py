"""A script does to the wire exactly what it says, at any stage of an answer."""

import gzip
import http.client
import json
import pickle
import socket
import threading
import time
import zlib

import pytest

from edenai_nb.sandbox import (
    Bill,
    Close,
    Done,
    Finish,
    Gate,
    HangUp,
    Headers,
    Opening,
    Pause,
    Reset,
    Sandbox,
    Script,
    Stall,
    Thinking,
)

from .client import DEADLINE_S, Client, read_to_end, said

END_OF_BODY = b"0\r\n\r\n"  # of chunked encoding
HALF_AN_EVENT = b'data: {"choices": [{"del'

STAGES = {
    "before the headers": (),
    "after the headers": (Headers(),),
    "before the first token": (Opening(),),
    "in mid-text": (Opening(), "Some text"),
    "inside an event": (Opening(), "Some text", HALF_AN_EVENT),
    "after the finish_reason": (Opening(), "Some text", Finish()),
    "before [DONE]": (Opening(), "Some text", Finish(), Bill()),
}
# What the client must have received when each stage is reached.
MARKS = {
    "before the headers": b"",
    "after the headers": b"200 OK\r\n",
    "before the first token": b'"role":"assistant"',
    "in mid-text": b'"content":" text"',
    "inside an event": HALF_AN_EVENT,
    "after the finish_reason": b'"finish_reason":"stop"',
    "before [DONE]": b'"cost":',
}
at_every_stage = pytest.mark.parametrize("stage", STAGES)


def after(stage, *steps):
    return Script.raw(*STAGES[stage], *steps)


def open_stream(client):
    return client.open(stream_options={"include_usage": True})


def read_until(wire, mark):
    data = b""
    while mark not in data:
        piece = wire.recv(65536)
        assert piece, f"the connection ended before {mark!r}"
        data += piece
    return data


@at_every_stage
def test_close_ends_the_body_properly_at_any_stage(client, sandbox, stage):
    sandbox.enqueue(after(stage, Close()))
    with open_stream(client) as wire:
        data, end = read_to_end(wire)
    assert end == "closed"
    assert MARKS[stage] in data
    assert b"[DONE]" not in data
    assert data.endswith(END_OF_BODY) == (stage != "before the headers")


@at_every_stage
def test_hang_up_leaves_the_body_without_an_end(client, sandbox, stage):
    sandbox.enqueue(after(stage, HangUp()))
    with open_stream(client) as wire:
        data, end = read_to_end(wire)
    assert (end, data.endswith(END_OF_BODY)) == ("closed", False)
    assert MARKS[stage] in data


@at_every_stage
def test_reset_resets_after_what_was_sent(client, sandbox, stage):
    gate = threading.Event()
    sandbox.enqueue(after(stage, Gate(gate), Reset()))
    with open_stream(client) as wire:
        if MARKS[stage]:
            read_until(wire, MARKS[stage])
        gate.set()
        assert read_to_end(wire)[1] == "reset"


@at_every_stage
def test_a_stall_is_silent_and_notices_that_the_client_leaves(client, sandbox, stage):
    sandbox.enqueue(after(stage, Stall(), "never said"))
    with open_stream(client) as wire:
        if MARKS[stage]:
            read_until(wire, MARKS[stage])
        [request] = sandbox.wait_for_requests(1)
        wire.settimeout(0.05)
        with pytest.raises(TimeoutError):
            wire.recv(1)
        assert not request.client_gone.is_set()
    assert request.client_gone.wait(DEADLINE_S)
    assert request.finished.wait(DEADLINE_S)


def test_a_client_that_shuts_its_socket_down_counts_as_gone_before_it_closes(client, sandbox):
    sandbox.enqueue(Script.raw(Headers(), Stall()))
    with open_stream(client) as wire:
        read_until(wire, b"\r\n\r\n")
        wire.shutdown(socket.SHUT_RDWR)
        assert sandbox.requests[0].client_gone.wait(DEADLINE_S)


@pytest.mark.parametrize("silence", [Stall(), Pause(3600), Gate(threading.Event())], ids=["stall", "pause", "gate"])
def test_stopping_the_sandbox_ends_every_silence(silence):
    with Sandbox() as sandbox:
        sandbox.enqueue(Script.raw(Headers(), silence))
        with Client(sandbox).open() as wire:
            read_until(wire, b"\r\n\r\n")
            sandbox.stop()
            assert read_to_end(wire)[1] == "closed"
    [request] = sandbox.requests
    assert request.finished.is_set()
    assert not request.client_gone.is_set()


def test_a_client_that_does_not_read_holds_the_answer_up_and_is_noticed_when_it_leaves(client, sandbox):
    sandbox.enqueue(Script.raw(Opening(), b"x" * 50_000_000, Done()))
    with open_stream(client) as wire:
        read_until(wire, b"xxx")
        [request] = sandbox.wait_for_requests(1)
        assert not request.finished.is_set()
        assert request.bytes_sent < 50_000_000
    assert request.client_gone.wait(DEADLINE_S)


@pytest.mark.parametrize("end", [Close(), HangUp(), Reset()])
def test_it_is_not_the_client_who_left_when_the_script_closes(client, sandbox, end):
    sandbox.enqueue(Script.raw(Opening(), end))
    with open_stream(client) as wire:
        read_to_end(wire)
    [request] = sandbox.wait_for_requests(1)
    assert request.finished.wait(DEADLINE_S)
    assert not request.client_gone.is_set()


def test_a_client_that_leaves_after_the_whole_answer_is_not_reported(client, sandbox):
    for _ in range(20):
        client.chunks()
    sandbox.stop()
    assert not [request for request in sandbox.requests if request.client_gone.is_set()]
    assert all(request.finished.is_set() for request in sandbox.requests)


def test_a_gate_holds_what_follows_until_it_opens(client, sandbox):
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), "before", Gate(gate), "behind", Done()))
    with open_stream(client) as wire:
        assert b"behind" not in read_until(wire, b'"before"')
        gate.set()
        read_until(wire, b'"behind"')


def test_a_pause_lasts(client, sandbox):
    sandbox.enqueue(Script.raw("a", Pause(0.2), "b", Done()))
    start = time.monotonic()
    client.chat(stream=True)
    assert time.monotonic() - start >= 0.2


def test_a_recording_cut_at_any_byte_arrives_up_to_that_byte(client, sandbox):
    recording = client.chat("héllo ✓ wörld", model="sandbox/echo", stream=True)[2]
    for cut in range(0, len(recording) + 1, 7):
        sandbox.enqueue(Script.raw(recording[:cut], Close()) if cut else Script.raw(Headers(), Close()))
        assert client.chat(stream=True)[2] == recording[:cut]


def test_raw_steps_can_cut_inside_a_character_and_inside_an_event(client, sandbox):
    event = 'data: {"choices":[{"delta":{"content":"né"}}]}\n\n'.encode()
    middle = event.index("é".encode()) + 1
    gate = threading.Event()
    sandbox.enqueue(Script.raw(event[:middle], Gate(gate), event[middle:], Done()))
    with open_stream(client) as wire:
        assert "é".encode() not in read_until(wire, event[:middle])
        gate.set()
        read_until(wire, b"[DONE]")


@pytest.mark.parametrize(
    ("coding", "pack", "unpack"),
    [("gzip", gzip.compress, gzip.decompress), ("deflate", zlib.compress, zlib.decompress)],
)
def test_compressed_bodies_are_raw_bytes_and_a_header(client, sandbox, coding, pack, unpack):
    plain = client.chat(stream=True)[2]
    sandbox.enqueue(Script.raw(pack(plain), headers={"Content-Encoding": coding}))
    _, headers, body = client.chat(stream=True)
    assert headers["Content-Encoding"] == coding
    assert unpack(body) == plain


def http_chunks(client, **fields):
    """The sizes of the chunks of chunked encoding: one for each write."""
    with client.open(**fields) as wire:
        data = read_until(wire, END_OF_BODY).partition(b"\r\n\r\n")[2]
    sizes = []
    while size := int(data.partition(b"\r\n")[0], 16):
        sizes.append(size)
        data = data.partition(b"\r\n")[2][size + 2 :]
    return sizes


def test_packets_token_writes_each_event_on_its_own(client, sandbox):
    sandbox.enqueue(Script.text("one two three", packets="token"))
    assert len(http_chunks(client)) == 1 + 3 + 1 + 1  # role, text, finish, [DONE]


def test_packets_whole_writes_all_that_is_ready_at_once(client, sandbox):
    sandbox.enqueue(Script.text("one two three", packets="whole"))
    assert len(http_chunks(client)) == 1


def test_packets_whole_does_not_hold_anything_back_over_a_silence(client, sandbox):
    sandbox.enqueue(Script.raw(Opening(), "before", Stall(), packets="whole"))
    with open_stream(client) as wire:
        read_until(wire, b'"before"')


def test_packets_can_be_as_small_as_a_byte(client, sandbox):
    sandbox.enqueue(Script.text("né ✓", packets=1))
    assert set(http_chunks(client)) == {1}


def test_an_answer_that_is_not_streamed_sums_the_steps_up(client, sandbox):
    sandbox.enqueue(Script.text("Answer", reasoning="Hm", finish_reason="length", model="openai/other", cost=0.5))
    answer = client.whole()
    message = answer["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("Answer", "Hm")
    assert (answer["choices"][0]["finish_reason"], answer["model"], answer["cost"]) == ("length", "other", 0.5)


def test_text_says_its_reasoning_first_and_its_usage_as_told(client, sandbox):
    usage = {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16}
    sandbox.enqueue(Script.text("Answer", reasoning="Let me think", usage=usage, model="openai/other"))
    chunks = client.chunks(stream_options={"include_usage": True})
    kinds = [next(iter(chunk["choices"][0]["delta"])) for chunk in chunks]
    assert said(chunks, "reasoning_content") == "Let me think"
    assert kinds.index("reasoning_content") < next(i for i, c in enumerate(chunks) if said([c]))
    assert chunks[-1]["usage"] == usage
    assert {chunk["model"] for chunk in chunks} == {"openai/other"}


def test_chunks_are_sent_as_they_are_with_done_at_the_end(client, sandbox):
    mine = [{"choices": []}, {"error": {"message": "Überlast"}}, {"x": "\u2028"}]
    sandbox.enqueue(Script.chunks(mine))
    assert client.chunks() == mine


def test_thinking_alone_is_reasoning_without_text(client, sandbox):
    sandbox.enqueue(Script.chunks([Thinking("Hm, hm")]))
    chunks = client.chunks()
    assert (said(chunks), said(chunks, "reasoning_content")) == ("", "Hm, hm")


def test_scripts_are_served_first_in_first_out_then_canned_replies(client, sandbox):
    sandbox.enqueue("first", Script.text("second"))
    answers = [client.whole()["choices"][0]["message"]["content"] for _ in range(3)]
    assert answers[:2] == ["first", "second"]
    assert "no model was called" in answers[2]


def test_hostile_text_arrives_unchanged(client, sandbox):
    text = '\x00 "quotes" \\ \u2028 \u2029 \r\n </script> 👩‍👩‍👧 \ud800 é'
    sandbox.enqueue(Script.text(text), Script.text(text))
    assert said(client.chunks()) == text
    assert client.whole()["choices"][0]["message"]["content"] == text


def test_the_pace_is_kept_over_a_whole_text(client, sandbox):
    sandbox.enqueue(Script.text(" word" * 100, tokens_per_s=400))
    start = time.monotonic()
    client.chunks()
    assert time.monotonic() - start >= 100 / 400


def test_connections_are_kept_for_the_next_request(sandbox):
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=DEADLINE_S)
    ports = set()
    for path in ("/v3/models", "/v3/nothing", "/v3/models"):
        connection.request("GET", path)
        ports.add(connection.sock.getsockname()[1])
        connection.getresponse().read()
    connection.close()
    assert len(ports) == 1


def test_a_body_shorter_than_announced_is_cut(client, sandbox):
    sandbox.enqueue(Script.raw(b"short", headers={"Content-Length": "100"}))
    with pytest.raises(http.client.IncompleteRead):
        client.chat(stream=True)


def test_the_record_counts_bytes_and_events(client, sandbox):
    body = client.chat("one two", model="sandbox/echo", stream=True)[2]
    sandbox.enqueue(Script.raw(body))
    client.chat(stream=True)
    for request in sandbox.requests:
        assert request.finished.wait(DEADLINE_S)
        assert (request.bytes_sent, request.events_sent) == (len(body), 5)


def test_the_record_holds_what_was_asked_but_does_not_show_it(client, sandbox):
    client.chat("my secret prompt", key="sk-eden-mykey", headers={"X-Session-Id": "7"})
    [request] = sandbox.requests
    assert (request.method, request.path) == ("POST", "/v3/chat/completions")
    assert request.json["messages"] == [{"role": "user", "content": "my secret prompt"}]
    assert (request.headers["authorization"], request.headers["x-session-id"]) == ("Bearer sk-eden-mykey", "7")
    assert "secret" not in repr(request)
    assert "mykey" not in repr(request)


def test_a_script_is_a_value():
    assert Script.text("a") == Script.text("a") != Script.text("b")
    assert pickle.loads(pickle.dumps(Script.raw("a", Pause(1)))) == Script.raw("a", Pause(1))
    with pytest.raises(AttributeError):
        Script.text("a").status = 500


@pytest.mark.parametrize("step", [None, 3, ["a"], Pause])
def test_what_is_not_a_step_is_refused_when_the_script_is_made(step):
    with pytest.raises(TypeError, match="no step"):
        Script.raw(step)


@pytest.mark.parametrize("packets", [0, -1, "tokens", None])
def test_packets_of_no_known_kind_are_refused(packets):
    with pytest.raises(ValueError, match="packets"):
        Script.text("a", packets=packets)


def test_waiting_for_requests_has_a_deadline(sandbox):
    with pytest.raises(TimeoutError, match="0 of 1 requests"):
        sandbox.wait_for_requests(1, timeout_s=0.01)


def test_waiting_for_requests_ends_when_they_arrive(client, sandbox):
    thread = threading.Thread(target=client.chat)
    thread.start()
    assert [json.dumps(r.json["model"]) for r in sandbox.wait_for_requests(1)] == ['"openai/gpt-mini-latest"']
    thread.join(DEADLINE_S)
