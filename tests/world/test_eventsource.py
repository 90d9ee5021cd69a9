"""The cases that web-platform-tests has for the format of Server-Sent Events, in our own words.

Each is a stream and the messages that a browser's EventSource would deliver from it, however the bytes are cut.
"""

from __future__ import annotations

import pytest

from edenai_nb.api.sse import Decoder

BOM = b"\xef\xbb\xbf"
CASES = {
    "a byte order mark is not part of the first line": (BOM + b"data:1\n\ndata:2\n\ndata:3\n\n", ["1", "2", "3"]),
    "a second byte order mark is": (BOM + BOM + b"data:1\n\ndata:2\n\n", ["2"]),
    "a mark in front of a later line makes it another field": (
        b"data:1\n\n" + BOM + b"data:2\n\ndata:3\n\n",
        ["1", "3"],
    ),
    "comments, empty ones and long ones too, say nothing": (
        b"data:1\n:\0\n:\r\ndata:2\n:" + b"x" * 2047 + b"\ndata:3\n:data:fail\n:" + b"y" * 2047 + b"\ndata:4\n\n",
        ["1\n2\n3\n4"],
    ),
    "data at the end without its blank line is not delivered": (b"data:test1\n\ndata:test2", ["test1"]),
    "nor with only one line end": (b"data:test1\n\ndata:test2\n", ["test1"]),
    "a field without a colon is an empty one": (b"data\n\ndata\ndata\n\ndata:test\n\n", ["", "\n", "test"]),
    "the first space behind the colon goes, the others stay": (
        b"data:\ttest\rdata: \ndata:test\n\n",
        ["\ttest\n\ntest"],
    ),
    "a space in front of the name, or a name in capitals, is no field that is known": (
        b"data:1\ndata: 2\n data:3\nDATA:4\nevent:\ndata:5\n\n",
        ["1\n2\n5"],
    ),
    "fields that nobody knows are passed over": (
        b"data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n",
        ["test\n\ntest"],
    ),
    "an id changes nothing of the data": (b"id: 1\ndata:a\n\nid\ndata:b\n\nid:\0x\ndata:c\n\n", ["a", "b", "c"]),
    "a retry, a senseless one too, neither": (b"retry:3000\nretry:1000x\nretry\ndata:x\n\n", ["x"]),
    "CR, LF and CRLF end a line, in any mixture": (b"data:test\r\ndata\ndata:test\r\n\r\n", ["test\n\ntest"]),
    "a bare CR ends one, too": (b"data:a\rdata:b\r\rdata:c\r\r\n", ["a\nb", "c"]),
    "a NUL belongs to the data": (b"data:\0\n\n\n\n", ["\0"]),
    "what looks like a line end in Unicode is none": (
        "data:a\u2028b\u2029c\x0bd\x0ce\x1cf\x85g\n\n".encode(),
        ["a\u2028b\u2029c\x0bd\x0ce\x1cf\x85g"],
    ),
    "text is UTF-8": ("data:ok…\n\n".encode(), ["ok…"]),
    "an event without data is none": (b"event: test\n\ndata:x\n\n", ["x"]),
    "blank lines alone are none": (b"\n\n\r\n\n", []),
}
TYPES = {
    "a name belongs to one event": (b"event:test\ndata:x\n\ndata:x\n\n", ["test", "message"]),
    "an empty name is none": (b"event: \ndata:data\n\n", ["message"]),
    "the last name counts": (b"event:a\nevent:b\ndata:x\n\n", ["b"]),
    "a name is forgotten with an event without data": (b"event:a\n\ndata:x\n\n", ["message"]),
}


def read(*pieces: bytes) -> list[tuple[str, str]]:
    decoder = Decoder()
    return [(event.type, event.data.decode("utf-8", "replace")) for piece in pieces for event in decoder.feed(piece)]


@pytest.mark.parametrize("name", CASES)
def test_a_stream_gives_the_messages_that_a_browser_gives(name: str) -> None:
    stream, messages = CASES[name]
    assert [data for _, data in read(stream)] == messages
    assert read(*(bytes([byte]) for byte in stream)) == read(stream)
    for cut in range(min(len(stream), 300)):
        assert read(stream[:cut], stream[cut:]) == read(stream)


@pytest.mark.parametrize("name", TYPES)
def test_a_stream_gives_the_names_that_a_browser_gives(name: str) -> None:
    stream, types = TYPES[name]
    assert [kind for kind, _ in read(stream)] == types
