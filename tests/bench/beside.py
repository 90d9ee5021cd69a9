"""How long an idle cell takes while `eden.map` asks about many rows in the same kernel.

python -m tests.bench.beside [ROWS]           (2000 if not said; from the repository's root)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from edenai_nb.sandbox import Sandbox

from ..kernel import Kernel

ROWS, TOKENS, TOKENS_PER_S, AT_ONCE = 2000, 60, 60.0, 100
CELL_S = 300.0
SETUP = """
import edenai_nb as eden
%load_ext edenai_nb
eden.configure(base_url={base_url!r}, api_key="sandbox", model="sandbox/echo", requests_per_s=1e6)
"""
MAP = "out = eden.map(range({rows}), 'Row {{{{row}}}}' + ' word' * {tokens}, max_concurrency={at_once})"


def beside(rows: int, folder: Path) -> tuple[list[float], str]:
    """Seconds of each idle cell, from sending it to its end, and the summary of the batch."""
    with Sandbox(tokens_per_s=TOKENS_PER_S) as sandbox:
        kernel = Kernel(folder).ready()
        try:
            kernel.run(SETUP.format(base_url=sandbox.base_url))
            kernel.run("eden.map(['first']).wait()")  # all is imported
            asked = kernel.run(MAP.format(rows=rows, tokens=TOKENS, at_once=AT_ONCE))
            assert asked.status == "ok", asked.traceback
            idle_s = []
            while True:
                cell = kernel.run("print(out.done)", timeout_s=CELL_S)
                if cell.stdout == "True\n":
                    return idle_s, str(kernel.run("print(out.summary)").stdout)
                idle_s.append(cell.duration_s or 0.0)
        finally:
            kernel.shutdown()


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        idle_s, summary = beside(rows, Path(folder))
    idle = sorted(idle_s)
    print(summary.strip())
    print(
        f"{len(idle)} idle cells beside it, {AT_ONCE} rows at once: median {idle[len(idle) // 2]:.3f} s, "
        f"95th percentile {idle[len(idle) * 95 // 100]:.3f} s, longest {idle[-1]:.3f} s"
    )


if __name__ == "__main__":
    main()
