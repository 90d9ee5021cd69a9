"""A batch whose process is killed: run again, no row is paid twice but those that were being asked."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

from edenai_nb import Sandbox
from edenai_nb.sandbox.script import Bill, Done, Finish, Opening, Pause, Script

ROWS, AT_ONCE, KILLS = 60, 4, 3
DEADLINE_S = 60.0
_WORKER = """if True:
    import sys, edenai_nb as eden
    address, kept, rows, at_once = sys.argv[1:]
    out = eden.map([f"row {n}" for n in range(int(rows))], "Say {{row}}", model="sandbox/echo", base_url=address,
                   api_key="sandbox", keep=kept, max_concurrency=int(at_once), rate=1e6)
    print(*out, sep=",")
"""


def test_what_was_answered_before_a_kill_is_not_asked_again(sandbox: Sandbox, tmp_path: Path) -> None:
    kept = tmp_path / "answers.jsonl"
    command = [sys.executable, "-c", _WORKER, sandbox.base_url, str(kept), str(ROWS), str(AT_ONCE)]
    slow = Script((Opening(), Pause(0.01), "x", Finish(), Bill(), Done()))
    sandbox.enqueue(*[slow] * (2 * ROWS))
    for moment in sorted(random.sample(range(1, ROWS - AT_ONCE), KILLS)):
        with subprocess.Popen(command) as process:
            sandbox.wait_for_requests(moment, DEADLINE_S)
            process.kill()
    last = subprocess.run(command, capture_output=True, text=True, check=True, timeout=DEADLINE_S)

    assert last.stdout.strip() == ",".join(["x"] * ROWS)
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert len({line["digest"] for line in lines}) == len(lines) == ROWS
    assert len(sandbox.requests) <= ROWS + KILLS * AT_ONCE
