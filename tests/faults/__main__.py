"""Runs the fault matrix and prints it as a table: `python -m tests.faults`."""

from __future__ import annotations

import sys
from unittest.mock import patch

from edenai_nb.api import stream

from . import matrix


def main() -> int:
    wrong = 0
    print(f"{'stage':24}{'fault':14}{'ended as':19}{'text kept':26}{'closed':8}{'thread':8}")
    with patch.object(stream, "AFTER_FINISH_S", matrix.SILENT_S):
        for stage, fault in matrix.CELLS:
            outcome = matrix.run(stage, fault)
            is_right = outcome == matrix.expected(stage, fault)
            wrong += not is_right
            closed, thread = ("yes" if outcome.closed else "NO"), ("ended" if outcome.thread_ended else "LEFT")
            mark = "" if is_right else f"  expected: {matrix.expected(stage, fault)}"
            print(f"{stage:24}{fault:14}{outcome.ended:19}{outcome.kept!r:26}{closed:8}{thread:8}{mark}")
    print(f"{len(matrix.CELLS)} cells, {wrong} not as they should be.")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
