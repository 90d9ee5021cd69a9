"""Coverage-guided fuzzing of everything that reads bytes off the wire, with atheris.

    pip install atheris
    python tests/bench/fuzz.py          # a million cases; atheris' own options may follow, such as -runs=20000

A case is any row of bytes: a stream cut into pieces at places that the bytes themselves choose, each of its events
read as a chunk. No exception but ours may leave, and the cuts may not change the events. At the end, ten megabytes of
each hostile input are timed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from edenai_nb.api import chunks, failures
from edenai_nb.api.sse import Decoder, Event
from edenai_nb.errors import EdenError
from edenai_nb.settings import Settings

CASES = 1_000_000
SIZE = 10_000_000
SETTINGS = Settings(key="sk-eden-0123456789")
HOSTILE = {
    "one line": b"x",
    "data without end": b"data: x",
    "empty lines": b"\n",
    "carriage returns": b"\r",
    "empty data lines": b"data\n",
    "comments": b":\n",
    "small events": b"data: {}\n\n",
    "open brackets": b"data: [",
    "error frames": b'data: {"error":{"message":"x"}}\n\n',
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
            chunks.delta(part, SETTINGS)
        with suppress(EdenError):
            failures.parsed(part)


def time_of(piece: bytes, size: int = SIZE) -> tuple[float, float]:
    """CPU seconds for so many bytes of it in packets of 16 kB: into events, and those into Deltas."""
    data = piece * (size // len(piece))
    started = time.process_time()
    found = events(data, 16_384)
    cut = time.process_time()
    for event in found:
        with suppress(EdenError):
            chunks.delta(event.data, SETTINGS)
    return cut - started, time.process_time() - cut


def main() -> None:
    import atheris

    for name, piece in HOSTILE.items():
        cut_s, read_s = time_of(piece)
        print(f"{name:20} {cut_s:6.2f} s into events, {read_s:6.2f} s into Deltas, {SIZE // 1_000_000} MB", flush=True)
    atheris.instrument_all()
    options = sys.argv if any("-runs" in word for word in sys.argv) else [*sys.argv, f"-runs={CASES}"]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.Setup([*options, "-max_len=512", corpus], one_case)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
