"""What JSONTestSuite tries on parsers, in our own words, inside the chunks of a stream (RFC 8259)."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from edenai_nb import errors
from edenai_nb.api import chunks
from edenai_nb.settings import Settings

SETTINGS = Settings()

_VALID_WORDS = rb"""
0 -0 1 -1 123 1.5 -1.5e10 1e1 1E1 1e+2 1E-2 0e1 0e+1 -0.0 0.1 1e22 -123123e100000 1e-400 123456789012345678901234567890
true false null [] {} [[]] [{}] [null] [1,2] [[1],[2]] {"a":1} {"":0} {"a":{}} {"a":[]} {"a":1,"b":2} {"a":1,"a":2}
"" "a" "a/b" "\"" "\\" "\/" "\b\f\n\r\t" "\u0041" "\u00e9" "\u0000" "\u2028\u2029" "\uD834\uDD1E" "\u0022" "\u005C"
"\uFFFE" "\uFDD0" "\uDBFF\uDFFF" "\u200B" "\\u0000" "\\n" "'" "{}" "[1" ",," "//" "/*c*/" "#" "0x1" "NaN" "a\u000ab"
"""
VALID = [
    *_VALID_WORDS.split(),
    b" 1 ",
    b"\t1\t",
    b"[ 1 , 2 ]",
    b'{ "a" : 1 , "b" : [ ] }',
    b'" "',
    b'"a b"',
    '"é 日本語 🎉 \u2028 \u2029 \u00a0 \ufeff"'.encode(),
    b'"\x7f"',
    b'"' + b"x" * 100_000 + b'"',
    b"[" * 100 + b"]" * 100,
    b"[" + b"1," * 10_000 + b"1]",
]

# JavaScript's numbers are not among them: Python writes them, every client reads them, and so do we.
_INVALID_WORDS = rb"""
00 01 -01 +1 .5 1. -. - -a 1e 1e+ 1E 1.e1 0x1 0xF 1_000 1,5 1e1.5 --1 -+1 1+2 ++1 1a 0e 0E+ Inf nan nul tru True None
TRUE fals undefined ' 'a' a a"b" "a" "b" "\x41" "\a" "\'" "\u" "\u12" "\u12G4" "\U0041" "\ " "\ "a "unclosed "\"
[ ] [1 [1, [,1] [1,,2] [1,] [,] [1;2] [1:2] [a] [1}  ["a" [[] [] ] [3[4]] [1 2] ["a",] [*] [/*c*/] [//c
{ } {"a" {"a": {"a":1 {"a":1,} {,} {"a",1} {"a"::1} {a:1} {'a':1} {1:1} {null:1} {"a":1,,"b":2} {"a" 1} {"a":1 "b":2}
{"a":1] {[:]} {"a":/*c*/1} {"a":1}} {"a":"b"]} <null> <html> @ # * ~ \ & ! { [ "
"""
INVALID = [
    *_INVALID_WORDS.split(),
    b"",
    b" ",
    b'"a\nb"',
    b'"a\tb"',
    b'"\x00"',
    b'"\x1f"',
    b"\xa01",
    b"\x0c1",
    "\u20601".encode(),
    b"[1]\x00",
    "“a”".encode(),
    "１".encode(),
    b"\xef\xbb\xbf1",
]


def chunk(value: bytes) -> bytes:
    """A chunk that says `x`, with this in a field that nobody reads."""
    return b'{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"extra":' + value + b"}"


def said(data: bytes) -> str:
    """What an event that holds this says. Raises an EdenError if it is no chunk."""
    return "".join(delta.text for delta in chunks.deltas(data, SETTINGS))


def is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


@pytest.mark.parametrize("value", VALID, ids=lambda value: repr(value[:40]))
def test_a_chunk_with_any_json_in_it_is_read(value: bytes) -> None:
    assert is_json(chunk(value)), "the case itself is wrong"
    assert said(chunk(value)) == "x"


@pytest.mark.parametrize("value", [v for v in INVALID if not is_json(chunk(v))], ids=lambda value: repr(value[:40]))
def test_a_chunk_that_is_no_json_is_an_error_of_ours(value: bytes) -> None:
    with pytest.raises(errors.MalformedStream):
        said(chunk(value))


@pytest.mark.parametrize("value", [*VALID, *INVALID], ids=lambda value: repr(value[:40]))
def test_whatever_an_event_holds_no_foreign_error_comes_out(value: bytes) -> None:
    with suppress(errors.EdenError):
        assert said(value) == ""


@pytest.mark.parametrize("depth", [1_000, 100_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_without_an_end_is_an_error_of_ours(opening: bytes, depth: int) -> None:
    with pytest.raises(errors.MalformedStream):
        said(opening * depth)
