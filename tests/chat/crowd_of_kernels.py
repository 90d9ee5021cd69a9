"""Processes that ask at once under one day's budget, some of them killed on the way.

    python -m tests.chat.crowd_of_kernels 8 2000

prints what was billed, booked and allowed, for so many processes and turns (heavy: run it by hand).
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime

from edenai_nb import Sandbox, settings
from edenai_nb.chat.ledger import ledger_of
from edenai_nb.sandbox import Script

USD = 0.01  # what each answer costs; with 400 tokens it may cost a little more
DEADLINE_S = 240.0
_WORKER = """if True:
    import sys
    from edenai_nb import Chat, errors
    address, key, budget = sys.argv[1:]
    options = dict(base_url=address, api_key=key, model="anthropic/claude-opus-5", requests_per_s=1e6)
    while True:
        try:
            Chat(**options, max_tokens=400, budget_day=float(budget)).ask("Hello")
        except errors.BudgetExceeded as error:
            sys.exit(0 if "budget_day" in str(error) else str(error))
"""


@dataclass(frozen=True)
class Outcome:
    """USD that the sandbox billed, that the ledger holds, and that were allowed; and how many were killed."""

    billed: float
    booked: float
    budget: float
    killed: int


def run(sandbox: Sandbox, processes: int, turns: int, kills: int) -> Outcome:
    """Let them ask until the day's budget is used up; kill -9 so many at random moments, and start others instead."""
    budget = USD * turns
    sandbox.enqueue(*(Script.text("Hi", cost=USD) for _ in range(turns + kills + processes)))
    command = [sys.executable, "-c", _WORKER, sandbox.base_url, sandbox.key, str(budget)]
    running = [subprocess.Popen(command) for _ in range(processes)]
    moments = sorted(random.sample(range(1, turns // 2), kills))
    for moment in moments:
        sandbox.wait_for_requests(moment, DEADLINE_S)
        victim = running.pop(random.randrange(len(running)))
        victim.kill()
        victim.wait(DEADLINE_S)
        running.append(subprocess.Popen(command))
    assert [process.wait(DEADLINE_S) for process in running] == [0] * processes
    asked = [request for request in sandbox.requests if request.path.endswith("/chat/completions")]
    account = settings.resolve(base_url=sandbox.base_url, api_key=sandbox.key).fingerprint
    entries = [entry for entry in ledger_of(settings.resolve()).entries() if entry.account == account]
    return Outcome(USD * len(asked), sum(entry.cost or 0.0 for entry in entries), budget, kills)


def main() -> None:
    """Run it with the numbers of the command line."""
    processes, turns = map(int, sys.argv[1:])
    began = datetime.now()
    with tempfile.TemporaryDirectory() as state, Sandbox(tokens_per_s=None) as sandbox:
        import os

        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CACHE_HOME"] = state
        print(run(sandbox, processes, turns, kills=processes), (datetime.now() - began).total_seconds(), "s")


if __name__ == "__main__":
    main()
