"""Random faults and stops leave nothing behind: the bounded form of `tests/bench/soak.py`."""

from __future__ import annotations

from pathlib import Path

from ..bench import crowd, soak


def test_turns_with_random_faults_and_stops_leave_nothing_behind(clean_surroundings: Path) -> None:
    looks = list(soak.soak(100, clean_surroundings))
    assert [threads for _, threads, _, _, _ in looks] == [0] * 10
    assert [widgets for _, _, _, widgets, _ in looks] == [0] * 10
    files = [files for _, _, files, _, _ in looks]
    assert max(files) <= files[0] + 2  # of another's making; a leak is one a turn


def test_a_hundred_turns_at_once_all_end_complete(clean_surroundings: Path) -> None:
    # The kernel stays free meanwhile: tests/bench/crowd.py tells how free.
    report = crowd.crowd(100, clean_surroundings, tokens=40, tokens_per_s=50)
    assert report.complete == 100
    assert report.idle_s
