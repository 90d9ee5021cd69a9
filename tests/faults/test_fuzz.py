"""No bytes off the wire raise anything but our own errors: the bounded form of `tests/bench/fuzz.py`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..bench import fuzz

PIECES = st.sampled_from(
    [b"data", b": ", b"\n", b"\r", b"\r\n", b"\n\n", b"event", b"\xef\xbb\xbf", b"\xff", b"[DONE]"]
)
JSON = st.sampled_from(
    [b'{"choices":[', b'{"delta":', b'{"error":', b'"code":', b"1e999", b"9" * 400, b"]", b"}", b"null"]
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES | JSON | st.binary(max_size=8), max_size=30).map(b"".join))
def test_no_bytes_raise_anything_but_our_errors(data: bytes) -> None:
    fuzz.one_case(data)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(fuzz.SEEDS), st.integers(0, 200), st.binary(max_size=4))
def test_a_damaged_event_raises_nothing_but_our_errors(seed: bytes, place: int, damage: bytes) -> None:
    fuzz.one_case(seed[:place] + damage + seed[place + len(damage) :])


@pytest.mark.parametrize("name", fuzz.HOSTILE)
def test_a_stream_of_anything_is_cut_in_linear_time(name: str) -> None:
    # Quadratic time would take an hour; the bench tells the seconds.
    for packet, size in fuzz.PACKETS.items():
        fuzz.time_to_cut(fuzz.HOSTILE[name], size // 5, packet)


@pytest.mark.parametrize("name", fuzz.HUGE)
def test_a_huge_event_is_read_in_linear_time(name: str) -> None:
    fuzz.time_to_read(fuzz.huge(name))
