"""What `%load_ext edenai_nb` costs beyond starting Python and importing IPython and ipywidgets.

    python tests/bench/load.py

Each round is a fresh process; the table shows the median of nine, and what was imported. At most 100 ms are promised,
of CPU: on a machine that does nothing else they are the time that a user waits. Bytecode is read from a folder of the
bench's own, as pip leaves it after installing, also where the environment tells Python to write none.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from tempfile import TemporaryDirectory

ROUNDS, PROMISED_MS = 9, 100
CODE = """if True:
    import sys, time
    import ipywidgets
    from IPython.core.interactiveshell import InteractiveShell
    shell = InteractiveShell.instance()
    before, start = set(sys.modules), time.process_time()
    shell.run_line_magic("load_ext", "edenai_nb")
    took = time.process_time() - start
    print(took, *sorted({name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))
"""


def load(bytecode: str) -> tuple[float, list[str]]:
    """Milliseconds of CPU of one load in a new process, and the packages that it has imported."""
    env = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", CODE]
    took, *packages = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.split()
    return float(took) * 1000, packages


def main() -> None:
    with TemporaryDirectory() as bytecode:
        load(bytecode)  # writes it, and brings the files into the cache
        rounds = [load(bytecode) for _ in range(ROUNDS)]
    times = [took for took, _ in rounds]
    spread = f"from {min(times):.0f} to {max(times):.0f}; promised: {PROMISED_MS}"
    print(f"%load_ext edenai_nb   {statistics.median(times):.0f} ms of CPU ({spread})")
    print(f"packages imported     {', '.join(rounds[0][1])}")


if __name__ == "__main__":
    main()
