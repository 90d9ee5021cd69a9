"""What all rows of a batch will cost: only what is still to be asked counts, and `max_cost` stops nothing that fits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edenai_nb import Batch, Sandbox, errors
from edenai_nb.chat import batch_questions
from edenai_nb.chat.batch_arguments import unchecked_job
from edenai_nb.chat.batch_questions import Questions
from edenai_nb.sandbox.script import Bill, Done, Finish, Gate, Opening, Script

from .test_batch import NewMap, posts, start

__all__ = ["start"]
ANSWER = "word " * 20
HOW = {"model": "anthropic/claude-opus-5", "max_tokens": 40, "max_concurrency": 1}
Begin = Callable[..., Batch]


def row(number: int) -> str:
    return f"row {number:04}"


@pytest.fixture(params=["equal rows", "kept", "a frame of pandas", "a frame of polars"])
def few_to_ask(request: Any, start: NewMap, sandbox: Sandbox, tmp_path: Path) -> Begin:
    """Starts a batch of 100 rows of which 20 are to be asked."""
    numbers = [number % 20 for number in range(100)]
    if request.param == "equal rows":
        return lambda **how: start([row(number) for number in numbers], **HOW, **how)
    if request.param == "kept":
        kept = str(tmp_path / "answers.jsonl")
        sandbox.enqueue(*[ANSWER] * 80)
        start([row(number) for number in range(20, 100)], keep=kept, **HOW).wait()
        return lambda **how: start([row(number) for number in range(100)], keep=kept, **HOW, **how)
    library: Any = pd if "pandas" in request.param else pl
    frame = library.DataFrame({"a": [row(number) for number in numbers], "b": range(100)})
    return lambda **how: start(frame, "Say {{row.a}}", **HOW, **how)


@pytest.fixture
def usd(start: NewMap, sandbox: Sandbox) -> float:
    """What a row costs."""
    sandbox.enqueue(ANSWER)
    return start([row(9999)], **HOW).wait().cost


def test_the_line_counts_what_is_still_to_be_asked(sandbox: Sandbox, few_to_ask: Begin, usd: float) -> None:
    gate, before = threading.Event(), posts(sandbox)
    held = Script.raw(Opening(), Gate(gate), ANSWER, Finish(), Bill(), Done())
    sandbox.enqueue(*[ANSWER] * 7, held, *[ANSWER] * 12)
    out = few_to_ask()
    sandbox.wait_for_requests(len(sandbox.requests) - posts(sandbox) + before + 8)
    found = out.progress.forecast
    assert found
    assert found.expected == pytest.approx(20 * usd)
    gate.set()
    assert out.wait().cost == pytest.approx(20 * usd)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=40), st.lists(st.booleans()), st.integers(1, 9))
def test_what_is_counted_between_the_starts_is_what_will_be_asked(rows: list[int], turns: list[bool], at: int) -> None:
    job = unchecked_job([row(number) for number in rows], None, model="a/b")
    questions, stopped, asked, left = Questions(job, range(len(rows)), (), None, print), threading.Event(), 0, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_questions, "COUNTED", at)
        asks = questions.asks(stopped)
        for is_to_count in [*turns, *[False] * (len(rows) + 1)]:
            if is_to_count:
                questions.count(stopped, all_at_once=False)
            else:
                asked += next(asks, None) is not None
            left += [questions.left + asked] if questions.left is not None else []
    assert asked == len(set(rows))
    assert set(left) == {asked}


def test_max_cost_lets_pass_what_fits(sandbox: Sandbox, few_to_ask: Begin, usd: float) -> None:
    sandbox.enqueue(*[ANSWER] * 20)
    out = few_to_ask(max_cost=usd * 25).wait()
    assert out.progress.remark == ""
    assert out.progress.finished == 100


def test_max_cost_still_stops_what_does_not(sandbox: Sandbox, few_to_ask: Begin, usd: float) -> None:
    sandbox.enqueue(*[ANSWER] * 20)
    before = posts(sandbox)
    out = few_to_ask(max_cost=usd * 15).wait()
    assert out.progress.remark.startswith("Stopped after 5 requests: all 100 rows would cost about")
    assert posts(sandbox) - before == 5


def test_a_retry_counts_what_it_asks_and_what_was_paid_before(sandbox: Sandbox, start: NewMap, usd: float) -> None:
    broken = Script.error(400, {"detail": "broken"})
    sandbox.enqueue(*[ANSWER] * 30, *[broken] * 10)
    out = start([row(number) for number in range(40)], **HOW, max_cost=usd * 45).wait()
    gate, before = threading.Event(), len(sandbox.requests)
    sandbox.enqueue(*[Script.raw(Opening(), Gate(gate), ANSWER, Finish(), Bill(), Done())] * 10)
    out.retry()
    sandbox.wait_for_requests(before + 1)
    assert out.progress.forecast.expected == pytest.approx(40 * usd)
    gate.set()
    assert out.wait().progress.remark == ""
    assert out.cost == pytest.approx(40 * usd)


def test_max_cost_holds_over_all_retries(sandbox: Sandbox, start: NewMap, usd: float) -> None:
    sandbox.enqueue(*[ANSWER] * 10, *[Script.error(400, {"detail": "broken"})] * 10, *[ANSWER * 2] * 20)
    out = start([row(number) for number in range(20)], **HOW, max_cost=usd * 21).wait()
    assert out.retry().wait().stopped
    assert out.cost <= usd * 21
    with pytest.raises(errors.BudgetExceeded):
        out.retry().wait()


def test_a_retry_after_a_stop_in_the_pilot_has_a_pilot(sandbox: Sandbox, start: NewMap, usd: float) -> None:
    gate, before = threading.Event(), len(sandbox.requests)
    sandbox.enqueue(ANSWER, ANSWER, Script.raw(Opening(), Gate(gate)))
    out = start([row(number) for number in range(100)], **HOW, max_cost=usd * 50)
    sandbox.wait_for_requests(before + 3)
    out.stop()
    gate.set()
    sandbox.enqueue(*[ANSWER] * 100)
    out.retry().wait()
    assert "all 100 rows would cost about" in out.progress.remark
    assert out.progress.finished < 10


def test_a_dry_run_counts_the_same(sandbox: Sandbox, few_to_ask: Begin, request: Any) -> None:
    before = posts(sandbox)
    said = str(few_to_ask(dry_run=True))
    is_kept = "kept" in request.node.name
    assert ("100 rows, 100 of them different, 80 of those kept: " if is_kept else "20 of them different: ") in said
    assert posts(sandbox) == before
