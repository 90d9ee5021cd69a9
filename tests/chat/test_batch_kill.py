"""A batch whose process is killed: run again, no row is paid twice but those that were being asked."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from edenai_nb import Sandbox
from edenai_nb.sandbox.script import Bill, Done, Finish, Opening, Pause, Script

ROWS, AT_ONCE, KILLS, BETWEEN = 200, 4, 20, 8  # fewer than all rows are asked before the last kill
DEADLINE_S = 60.0
# Forks a process for each line that it reads, and says its number: starting Python takes longer than all the rows.
_WORKER = """if True:
    import os, sys, httpx, edenai_nb as eden
    from edenai_nb.chat import batch_start, kept_file
    address, kept, rows, at_once = sys.argv[1:]
    for _ in sys.stdin:
        if pid := os.fork():
            print(pid, flush=True)
            os.waitpid(pid, 0)
            continue
        out = eden.map([f"row {n}" for n in range(int(rows))], "Say {{row}}", model="sandbox/echo", base_url=address,
                       api_key="sandbox", keep=kept, max_concurrency=int(at_once), rate=1e6)
        print(*out, sep=",", flush=True)
        os._exit(0)
"""


def test_what_was_answered_before_a_kill_is_not_asked_again(sandbox: Sandbox, tmp_path: Path) -> None:
    kept = tmp_path / "answers.jsonl"
    slow = Script((Opening(), Pause(0.01), "x", Finish(), Bill(), Done()))
    sandbox.enqueue(*[slow] * (ROWS + KILLS * AT_ONCE))
    command = [sys.executable, "-c", _WORKER, sandbox.base_url, str(kept), str(ROWS), str(AT_ONCE)]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdin
        assert worker.stdout
        for _ in range(KILLS):
            moment = len(sandbox.requests) + random.randint(1, BETWEEN)
            print(file=worker.stdin, flush=True)
            pid = int(worker.stdout.readline())
            sandbox.wait_for_requests(moment, DEADLINE_S)
            os.kill(pid, signal.SIGKILL)
        print(file=worker.stdin, flush=True)
        worker.stdout.readline()
        assert worker.stdout.readline().strip() == ",".join(["x"] * ROWS)
        worker.stdin.close()

    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert len({line["digest"] for line in lines}) == len(lines) == ROWS
    assert len(sandbox.requests) <= ROWS + KILLS * AT_ONCE
