"""Turns in one kernel with random faults and stops, looking for what they leave behind.

    python -m tests.bench.soak [TURNS]            (2,000 if not said; from the repository's root)

Every tenth of the way it prints threads of ours, open files and sockets, widgets and memory of the kernel.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edenai_nb.sandbox import Sandbox, Script

from ..faults import matrix
from ..kernel import Kernel

TURNS, BATCH = 2000, 10
CELL_S = 120.0
STAGES = [stage for stage in matrix.STAGES if stage != "connect"]
SETUP = """
import gc, json, random, threading, psutil, edenai_nb as eden
from ipywidgets.widgets.widget import _instances
%load_ext edenai_nb
eden.configure(base_url={base_url!r}, api_key="sandbox", model="openai/gpt-5-mini", retry_s=0.001,
               first_token_s=0.5, between_tokens_s=0.5, requests_per_s=1e6)
session = get_ipython().magics_manager.registry["EdenMagics"].session
chance = random.Random(5)
def batch(size):
    for number in range(size):
        get_ipython().run_cell_magic("edenchat", f"answer{{number}} --once", "Hello")
    for number in range(size):
        if chance.random() < 0.3 and (turn := session.variables.waits_for(f"answer{{number}}")):
            turn.stop()
    session.variables.wait(())
    for turn in [turn for _, turns in session._by_cell.values() for turn in turns]:
        turn._thread.join(60)
        assert turn.done
"""
LOOK = """
from edenai_nb.views.painter import PAINTER
from edenai_nb.api.account import account_of
from edenai_nb.settings import resolve
import time
def ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("edenai")]
deadline = time.monotonic() + 30
while (PAINTER._thread or ours()) and time.monotonic() < deadline:
    time.sleep(0.05)
account_of(resolve()).close()  # what is kept for the next request is no leak, and differs from look to look
gc.collect()
process = psutil.Process()
# Not num_fds(): ipykernel opens an event counter for each thread that sends, and closes it up to 10 s after its end.
files = len(process.open_files()) + len(process.net_connections("all"))
print(json.dumps([len(ours()), files, len(_instances), process.memory_info().rss // 1000]))
"""


def soak(turns: int, folder: Path) -> Iterator[tuple[int, int, int, int, int]]:
    """After every tenth of the turns: turns, threads, files and sockets, widgets, kB of the kernel."""
    chance, done = random.Random(7), 0
    with Sandbox(tokens_per_s=None) as sandbox:
        kernel = Kernel(folder).ready()
        try:
            _run(kernel, SETUP.format(base_url=sandbox.base_url))
            for tenth in range(1, 11):
                while done < turns * tenth // 10:
                    sandbox.enqueue(*(_script(chance) for _ in range(BATCH)))
                    _run(kernel, f"batch({BATCH})")
                    done += BATCH
                threads, files, widgets, memory = json.loads(_run(kernel, LOOK))
                yield done, threads, files, widgets, memory
        finally:
            kernel.shutdown()


def _script(chance: random.Random) -> Script:
    if chance.random() < 0.5:
        return Script.text("A few words, and `some code`. " * chance.randrange(1, 40))
    return Script.raw(*matrix.STAGES[chance.choice(STAGES)], *matrix.FAULTS[chance.choice(list(matrix.FAULTS))])


def _run(kernel: Kernel, code: str) -> str:
    result = kernel.run(code, timeout_s=CELL_S)
    assert result.status == "ok", result.traceback
    return result.stdout


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    print(f"{'turns':>8}{'threads':>9}{'files':>7}{'widgets':>9}{'MB':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for done, threads, files, widgets, memory in soak(turns, Path(folder)):
            print(f"{done:8}{threads:9}{files:7}{widgets:9}{memory / 1000:8.1f}", flush=True)


if __name__ == "__main__":
    main()
