"""Coverage-guided fuzzing of everything that reads bytes off the wire, with atheris.

    pip install atheris
    python tests/bench/fuzz.py          # a million cases; atheris' own options may follow, such as -runs=20000

A case is any row of bytes: a stream cut into pieces at places that the bytes themselves choose, each of its events
read as a chunk. No exception but ours may leave, and the cuts may not change the events. Before that, ten megabytes of
each hostile input are timed, and how many ordinary chunks are read in a second. An error ends a stream, so that a
second one is never read: what is timed is one of ten megabytes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from edenai_nb.api import chunks, failures
from edenai_nb.api.sse import Decoder, Event
from edenai_nb.errors import EdenError
from edenai_nb.settings import Settings

CASES = 1_000_000
SIZE = 10_000_000
SETTINGS = Settings(api_key="sk-eden-0123456789")
PACKETS = {16_384: SIZE, 65_536: SIZE, 1: SIZE // 10}  # bytes in a packet, and in all of them
HOSTILE = {
    "one line": b"x",
    "data without end": b"data: x",
    "empty lines": b"\n",
    "carriage returns": b"\r",
    "empty data lines": b"data\n",
    "comments": b":\n",
    "unknown fields": b"x\n",
    "smallest events": b"data\n\n",
    "small events": b"data: {}\n\n",
    "named events": b"event:x\rdata\r\r",
    "open brackets": b"data: [",
    "error frames": b'data: {"error":{"message":"x"}}\n\n',
}
CHUNK = (
    b'{"id":"chatcmpl-1","created":1788347376,"model":"openai/gpt-5-mini","object":"chat.completion.chunk",'
    b'"choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null,"logprobs":null}]}'
)
HUGE = {  # one event: its beginning, what is repeated, its end
    "text": (b'{"choices":[{"delta":{"content":"', b"x ", b'"}}]}'),
    "parts": (b'{"choices":[{"delta":{"content":[', b'{"text":"x"},', b"{}]}}]}"),
    "choices": (b'{"choices":[', b'{"index":1},', b"{}]}"),
    "unfinished": (b"", b'{"choices":[', b""),
    "error": (b'{"error":{"message":"', b"exceeds a ", b'"}}'),
    "error of keys": (b'{"error":{"message":"', b"eyJ-", b'"}}'),
    "error of many": (b'{"error":[', b'{"loc":["body",1],"msg":"m"},', b"{}]}"),
}
SEEDS = (
    b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}],"model":"a"}\n\n',
    b'data: {"choices":[{"delta":{"content":[{"text":"x"}],"reasoning":"y","refusal":"z"},"finish_reason":"s"}]}\r\n\n',
    b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":"2","prompt_tokens_details":{}},"cost":1}\n\n',
    b'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{"}}]}}]}\n\n',
    b'data: {"error":{"message":"m","type":"t","code":429,"param":"p","provider":"q"},"edenai_metadata":{}}\n\n',
    b'data: {"error":[{"loc":["body",1],"msg":"m"}],"retry_after":"1.5"}\r\rdata: {"error":{"message":{"a":[1]}}}\n\n',
    b"\xef\xbb\xbf: ping\nid: 1\nevent: x\nretry: 1\ndata\ndata: a\n\ndata: [DONE]\n\n",
)


def events(data: bytes, size: int) -> list[Event]:
    decoder = Decoder()
    return [event for start in range(0, len(data), size) for event in decoder.feed(data[start : start + size])]


def one_case(data: bytes) -> None:
    """Raises anything but an EdenError if the case is a bug."""
    whole = events(data, max(1, len(data)))
    pieces = events(data, 1 + (data[0] % 7 if data else 0))
    assert pieces == whole, "the cuts changed the events"
    for part in (data, *(event.data for event in whole)):
        with suppress(EdenError):
            list(chunks.deltas(part, SETTINGS))
        with suppress(EdenError):
            failures.parsed(part)


def time_to_cut(piece: bytes, size: int, packet: int) -> float:
    """CPU seconds for so many bytes of it, in packets of that size, into events."""
    data = piece * (size // len(piece))
    started = time.process_time()
    events(data, packet)
    return time.process_time() - started


def time_to_read(event: bytes, times: int = 1) -> float:
    """CPU seconds for that event into a Delta, or an error, so many times."""
    started = time.process_time()
    for _ in range(times):
        with suppress(EdenError):
            deque(chunks.deltas(event, SETTINGS), 0)
    return time.process_time() - started


def huge(name: str, size: int = SIZE) -> bytes:
    begin, piece, end = HUGE[name]
    return begin + piece * (size // len(piece)) + end


def report() -> None:
    print(f"{'CPU s into events':20}", *(f"{size // 1_000_000:3} MB by {packet:6}" for packet, size in PACKETS.items()))
    for name, piece in HOSTILE.items():
        taken = (time_to_cut(piece, size, packet) for packet, size in PACKETS.items())
        print(f"{name:20}", *(f"{seconds:16.2f}" for seconds in taken), flush=True)
    print("One event of 10 MB into a Delta or an error, CPU s:")
    for name in HUGE:
        print(f"{name:20} {time_to_read(huge(name)):16.2f}")
    print(f"{len(CHUNK)} bytes a chunk, chunks a second: {100_000 / time_to_read(CHUNK, 100_000):,.0f}", flush=True)


def main() -> None:
    import atheris

    report()
    atheris.instrument_all()
    options = sys.argv if any("-runs" in word for word in sys.argv) else [*sys.argv, f"-runs={CASES}"]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.Setup([*options, "-max_len=512", corpus], one_case)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
