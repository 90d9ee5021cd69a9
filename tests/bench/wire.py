"""CPU per token of reading a stream, one token a packet: bare httpx, this package, and the OpenAI SDK.

    python tests/bench/wire.py            (needs the extra `bench`)

The sandbox runs in a process of its own. The readers take turns in one run; the table shows medians. Ours looks at
what has come 20 times a second at most (`edenai_nb.api.stream.GATHER_S`); the others wake up for every packet.
"""

from __future__ import annotations

import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import httpx
import openai

from edenai_nb.api.client import Client
from edenai_nb.api.stream import DeltaStream
from edenai_nb.chat.request import Request
from edenai_nb.settings import Settings

ROUNDS = 3
TOKENS_PER_S = 400  # slow enough that every token travels by itself
MODEL = "sandbox/long"  # about 3,600 tokens
MESSAGES = [{"role": "user", "content": "go"}]


def bare_httpx(base_url: str) -> int:
    body = {"model": MODEL, "messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}}
    headers = {"Authorization": "Bearer sandbox"}
    with httpx.stream("POST", f"{base_url}/chat/completions", json=body, headers=headers, timeout=60) as response:
        return sum(1 for _ in response.iter_raw())


def edenai_nb(base_url: str) -> int:
    settings = Settings(api_key="sandbox", base_url=base_url, model=MODEL)
    return sum(1 for _ in DeltaStream(Client(settings), Request(settings, tuple(MESSAGES), {}).body))


def openai_sdk(base_url: str) -> int:
    client = openai.OpenAI(base_url=base_url, api_key="sandbox")
    options = {"include_usage": True}
    stream = client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, stream_options=options)
    return sum(1 for _ in stream)


def microseconds(read: Callable[[str], int], base_url: str) -> float:
    """CPU of this process for each packet."""
    began = time.process_time()
    count = read(base_url)
    return (time.process_time() - began) / count * 1e6


def main() -> None:
    command = [sys.executable, "-m", "edenai_nb.sandbox", "--port", "0", "--tokens-per-s", str(TOKENS_PER_S)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        found = re.search(r"http://\S+/v3", server.stdout.readline())
        assert found
        measure(found[0])
    finally:
        server.terminate()
        server.wait(10)


def measure(base_url: str) -> None:
    readers = (bare_httpx, edenai_nb, openai_sdk)
    for read in readers:  # warm up: imports, caches
        read(base_url)
    rounds = [[microseconds(read, base_url) for read in readers] for _ in range(ROUNDS)]
    bare = statistics.median(row[0] for row in rounds)
    print(f"Python {platform.python_version()}, httpx {version('httpx')}, openai {version('openai')}; {ROUNDS} rounds")
    for reader, column in zip(readers, zip(*rounds, strict=True), strict=True):
        ratio = statistics.median(value / row[0] for value, row in zip(column, rounds, strict=True))
        print(f"{reader.__name__:12} {statistics.median(column):6.0f} µs CPU a token   {ratio:.2f}x bare httpx")
    print(f"openai_sdk / edenai_nb: {statistics.median(row[2] / row[1] for row in rounds):.1f}x   (bare {bare:.0f} µs)")


if __name__ == "__main__":
    main()
