"""How far a batch is, in one line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edenai_nb.chat.batch_progress import Progress, causes, duration
from edenai_nb.chat.forecast import Forecast

RUNNING = Progress(10_000, 4_120, 3, 0.41, Forecast(1.02, 0.05), 429.0, 9.6, "", "")


def test_a_running_batch_says_how_far_how_fast_how_dear_and_how_long() -> None:
    assert RUNNING.line == "4,120 of 10,000 · 9.6/s · $0.41 of about $1.02 ± 0.05 · 3 failed · 10 min left"


def test_what_is_not_known_is_not_said() -> None:
    assert replace(RUNNING, finished=0, failed=0, cost=0.0, forecast=None, per_s=0.0).line == "0 of 10,000"


def test_what_a_sandbox_answers_would_have_cost_that() -> None:
    assert "· would have cost $0.41 of about $1.02" in replace(RUNNING, sandbox=True).line
    ended = replace(RUNNING, sandbox=True, ended="done", finished=10_000)
    assert ended.line.startswith("10,000 rows · would have cost $")


@pytest.mark.parametrize(
    ("ended", "finished", "remark", "line"),
    [
        ("done", 10_000, "", "10,000 rows · $0.41 · 3 failed"),
        ("stopped", 5, "It costs too much.", "stopped after 5 of 10,000 · $0.41 · 3 failed · It costs too much."),
        ("failed", 5, "", "failed after 5 of 10,000 · $0.41 · 3 failed"),
    ],
)
def test_the_end_says_what_came(ended: str, finished: int, remark: str, line: str) -> None:
    assert replace(RUNNING, ended=ended, finished=finished, remark=remark).line == line


def test_times_are_short() -> None:
    assert [duration(seconds) for seconds in (8.4, 89, 100, 7500)] == ["8 s", "89 s", "2 min", "2 h 05 min"]


def test_causes_are_counted_and_the_rarest_are_told_together() -> None:
    assert causes({name: count for count, name in enumerate("abcdefg", 1)}) == [
        *("7 × g", "6 × f", "5 × e", "4 × d", "3 × c"),
        "3 × other reasons (see .failures)",
    ]
