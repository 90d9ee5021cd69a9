"""How much slower a pure-Python loop in a cell runs while an answer streams in above it at 100 tokens/s.

python -m tests.bench.loop [mixed fence table list paragraph]       (from the repository's root)

The loop runs alone and beside the stream in turns, each for a few seconds. `slower` compares how long a step takes;
`ours` is the CPU of all other threads of the kernel for each second of the loop's own.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

from edenai_nb.sandbox import Sandbox, Script

from ..kernel import Kernel
from .lab import text

ROUNDS, TOKENS_PER_S, LOOP_S = 5, 100.0, 5.0
SETUP = """
%load_ext edenai_nb
import json, time, edenai_nb as eden
eden.configure(base_url={base_url!r}, api_key="sandbox")
def loop(seconds):
    wall, own, every, steps, x = time.perf_counter(), time.thread_time(), time.process_time(), 0, 0
    while time.perf_counter() - wall < seconds:
        for i in range(100_000):
            x += i * i % 7
        steps += 100_000
    own, every = time.thread_time() - own, time.process_time() - every
    return (time.perf_counter() - wall) / steps * 1e6, (every - own) / own
"""
LOOP = f"print(json.dumps(loop({LOOP_S})))"


def measure(kernel: Kernel, sandbox: Sandbox, kind: str) -> tuple[float, float]:
    """Medians of: how much slower a step is beside the stream; CPU of other threads for a second of the loop's."""
    rounds = []
    for _ in range(ROUNDS):
        alone, _ = json.loads(kernel.run(LOOP).stdout)
        sandbox.enqueue(Script.text(text(kind, 2000), tokens_per_s=TOKENS_PER_S))
        asked = len(sandbox.requests)
        kernel.run("%%edenchat ans --once\ngo")
        sandbox.wait_for_requests(asked + 1, 10)
        beside, others = json.loads(kernel.run(LOOP).stdout)
        kernel.run("%edenchat stop")
        rounds.append((beside / alone - 1, others))
    return statistics.median(slower for slower, _ in rounds), statistics.median(others for _, others in rounds)


def main() -> None:
    kinds = sys.argv[1:] or ["mixed", "fence", "table", "list", "paragraph"]
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        kernel = Kernel(Path(folder)).ready()
        try:
            kernel.run(SETUP.format(base_url=sandbox.base_url))
            kernel.run(LOOP)
            for kind in kinds:
                slower, ours = measure(kernel, sandbox, kind)
                print(f"{kind:10} {slower:+6.1%} slower   {ours:5.1%} ours", flush=True)
        finally:
            kernel.shutdown()


if __name__ == "__main__":
    main()
