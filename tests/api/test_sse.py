"""Bytes into events: the same events, however the bytes are cut."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edenai_nb.api.sse import Decoder, Event

RECORDING = (
    b"\xef\xbb\xbf: a comment\r\n"
    b"event: first\rdata: one\ndata:two\r\n\r\n"
    b'data: {"u": "\xe2\x80\xa8 stays"}\n\n'
    b"id: 7\n\n"
    b": ping\n\n"
    b"data\n\n"
    b"retry: 10\ndata:  two spaces\n\n"
    b"data: [DONE]\n\n"
    b"data: an event without its blank line"
)
EVENTS = [
    Event(b"one\ntwo", "first"),
    Event(b'{"u": "\xe2\x80\xa8 stays"}'),
    Event(b""),
    Event(b" two spaces"),
    Event(b"[DONE]"),
]


def events(*pieces: bytes) -> list[Event]:
    decoder = Decoder()
    return [event for piece in pieces for event in decoder.feed(piece)]


def test_a_recording_gives_its_events():
    assert events(RECORDING) == EVENTS


def test_a_cut_at_any_byte_gives_the_same_events():
    for cut in range(len(RECORDING) + 1):
        assert events(RECORDING[:cut], RECORDING[cut:]) == EVENTS


def test_one_byte_at_a_time_gives_the_same_events():
    assert events(*(bytes([byte]) for byte in RECORDING)) == EVENTS


@settings(deadline=None)
@given(st.binary(max_size=60).map(lambda b: b.translate(bytes(b"\r\n:da t"[i % 7] for i in range(256)))), st.data())
def test_no_cut_of_any_bytes_changes_the_events(recording, data):
    cut = data.draw(st.integers(0, len(recording)))
    assert events(recording[:cut], recording[cut:]) == events(recording)


def as_the_standard_says(stream: bytes) -> list[Event]:
    """The WHATWG algorithm word by word, over the whole stream (9.2.6)."""
    found, data, kind = [], [], ""
    lines = re.split(rb"\r\n|\n|\r", stream.removeprefix(b"\xef\xbb\xbf"))
    for line in lines[:-1]:  # an incomplete line at the end is discarded
        field, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if not line:
            if data:
                found.append(Event(b"\n".join(data), kind or "message"))
            data, kind = [], ""
        elif field == b"data":
            data.append(value)
        elif field == b"event":
            kind = value.decode("utf-8", "replace")
    return found


LINES = st.sampled_from(
    [
        b"",
        b"",
        b"data",
        b"data:a",
        b"data: b",
        b"data:  c",
        b"event:x",
        b"event: y",
        b"event",
        b"id: 1",
        b": c",
        b" data: d",
    ]
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n", b""])


@settings(deadline=None, max_examples=500)
@given(st.lists(st.tuples(LINES, ENDS), max_size=20), st.booleans())
def test_any_stream_gives_the_events_of_the_standard(lines, with_bom):
    stream = b"\xef\xbb\xbf" * with_bom + b"".join(map(b"".join, lines))
    assert events(stream) == as_the_standard_says(stream)


def test_a_long_line_in_small_pieces_is_read_once():
    # Looking through the whole line at each piece would take hours, not seconds.
    pieces = [b"data: ", *[b"x"] * 1_000_000, b"\n\n"]
    assert len(events(*pieces)[0].data) == 1_000_000


@pytest.mark.parametrize(
    "stream",
    [
        b'data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n',
        b'data:{"a":1}\r\ndata:{"b":2}\r\ndata:[DONE]',
        b'data: {"a":1} \rdata: {"b":2}\r\rdata: [DONE]',
        b': c\ndata: {"a":1}\nid: 1\ndata: {"b":2}\n\ndata: [DONE]\n\n',
    ],
)
def test_events_of_json_without_blank_lines_are_told_apart(stream):
    decoder = Decoder()
    found = [event.data.strip() for byte in stream for event in decoder.feed(bytes([byte]))]
    assert found[:1] == [b'{"a":1}']
    assert found + [event.data for event in decoder.rest()] == [b'{"a":1}', b'{"b":2}', b"[DONE]"]


@pytest.mark.parametrize("end", [b"", b"d", b"dat", b"event: x", b"x", b": c", b"\n", b"data: [DONE]\n\n"])
def test_nothing_is_left_where_no_data_is(end):
    decoder = Decoder()
    decoder.feed(b"data: a\n\n" + end)
    assert (decoder.rest(), decoder.strange) == ([], False)
