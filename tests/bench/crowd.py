"""A hundred turns at once in one kernel, each at 50 tokens/s: do they all end, and is the kernel free meanwhile?

python -m tests.bench.crowd [TURNS]           (100 if not said; from the repository's root)
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from edenai_nb.sandbox import Sandbox

from ..kernel import Kernel

TURNS, TOKENS, TOKENS_PER_S = 100, 1000, 50.0
CELL_S = 300.0
SETUP = """
import json, resource, edenai_nb as eden
%load_ext edenai_nb
eden.configure(base_url={base_url!r}, api_key="sandbox", model="sandbox/long", requests_per_s=1e6)
"""
ASK = """
for number in range({turns}):
    get_ipython().run_cell_magic("edenchat", f"answer{{number}} --once --max-tokens {tokens}", "Hello")
"""
BUSY = 'print(sum(f"answer{{number}}" not in globals() for number in range({turns})))'
LOOK = """
complete = sum(globals()[f"answer{{number}}"].complete for number in range({turns}))
print(json.dumps([complete, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


@dataclass(frozen=True)
class Report:
    """complete: turns.  idle_s: how long each small cell took while they streamed.  peak_kb: memory of the kernel."""

    complete: int
    idle_s: tuple[float, ...]
    peak_kb: int


def crowd(turns: int, folder: Path, *, tokens: int = TOKENS, tokens_per_s: float = TOKENS_PER_S) -> Report:
    """Ask so many at once, and run small cells until all have ended."""
    with Sandbox(tokens_per_s=tokens_per_s) as sandbox:
        kernel = Kernel(folder).ready()
        try:
            kernel.run(SETUP.format(base_url=sandbox.base_url))
            asked = kernel.run(ASK.format(turns=turns, tokens=tokens), timeout_s=CELL_S)
            assert asked.status == "ok", asked.traceback
            idle_s = []
            while True:
                look = kernel.run(BUSY.format(turns=turns), timeout_s=CELL_S)
                idle_s.append(look.duration_s or 0.0)
                if look.stdout == "0\n":
                    break
            complete, peak_kb = json.loads(kernel.run(LOOK.format(turns=turns)).stdout)
            return Report(complete, tuple(idle_s), peak_kb)
        finally:
            kernel.shutdown()


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    with tempfile.TemporaryDirectory() as folder:
        report = crowd(turns, Path(folder))
    idle = sorted(report.idle_s)
    print(f"{report.complete} of {turns} complete, peak {report.peak_kb / 1000:.0f} MB")
    print(f"{len(idle)} small cells meanwhile: median {idle[len(idle) // 2]:.3f} s, longest {idle[-1]:.3f} s")


if __name__ == "__main__":
    main()
