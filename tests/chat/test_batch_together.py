"""Several rows in one request: each is checked by its id, and what comes wrong is asked alone."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import edenai_nb as eden
from edenai_nb import Sandbox, errors
from edenai_nb.chat.ledger import ledger_of
from edenai_nb.sandbox.script import Opening, Script
from edenai_nb.settings import resolve

from .test_batch import NewMap, posts, start

__all__ = ["start"]
Kind = Literal["good", "bad"]


def item(number: Any, value: Any = "good") -> dict[str, Any]:
    return {"id": number, "value": {"value": value}}


def listed(*items: Any) -> str:
    return json.dumps({"answers": items})


def alone(value: str) -> str:
    return json.dumps({"value": value})


def asked(sandbox: Sandbox) -> list[str]:
    """What each request asked."""
    return [one.json["messages"][-1]["content"] for one in sandbox.requests if one.method == "POST"]


def test_rows_that_share_a_request_share_its_bill(sandbox: Sandbox, start: NewMap) -> None:
    sandbox.enqueue(listed(item(3, "bad"), item(1), item(2)), listed(item(1, "bad"), item(2)))
    began = time.time()
    out = start(
        ["a", "b", "c", "a", "d", 'e"}, {"id": 1'], schema=Kind, rows_per_call=3, max_concurrency=1, max_tokens=5
    )
    assert list(out) == ["good", "good", "bad", "good", "bad", "good"]
    assert posts(sandbox) == 2
    questions = json.loads("[" + asked(sandbox)[1].partition("\n[")[2])
    assert questions == [{"id": 1, "question": "Say d"}, {"id": 2, "question": 'Say e"}, {"id": 1'}]
    billed = ledger_of(resolve()).entries(began)
    assert len(billed) == 2
    assert out.cost == pytest.approx(sum(entry.cost or 0.0 for entry in billed))
    assert out.cost == pytest.approx(sum(reply.cost for reply in out.replies))
    assert (
        sum(reply.usage.total_tokens for reply in out.replies[:3]) == billed[0].prompt_tokens + billed[0].answer_tokens
    )


@pytest.mark.parametrize(
    "wrong",
    [
        listed(item(1)),
        listed(item(1), item(2, "so so")),
        listed(item(1), item(2), item(2, "bad")),
        listed(item(1), item(7), {"id": 2}, "odd"),
        json.dumps([item("1")]),
    ],
)
def test_what_is_missing_wrong_or_there_twice_is_asked_alone(sandbox: Sandbox, start: NewMap, wrong: str) -> None:
    sandbox.enqueue(wrong, alone("bad"))
    out = start(["a", "b"], schema=Kind, rows_per_call=8, max_concurrency=1)
    assert list(out) == ["good", "bad"]
    assert asked(sandbox)[1:] == ["Say b"]
    assert out.cost == pytest.approx(sum(reply.cost for reply in out.replies))


@pytest.mark.parametrize(
    "failed",
    [
        Script.text("no list"),
        Script.text(""),
        Script.text(listed(item(1), item(2)), finish_reason="length"),
        Script.error(400, {"error": {"message": "too deep", "type": "invalid_request_error", "code": None}}),
        Script.raw(Opening(), b'{"choices"'),
    ],
)
def test_a_request_that_fails_is_followed_by_single_ones(sandbox: Sandbox, start: NewMap, failed: Script) -> None:
    sandbox.enqueue(failed, alone("bad"), Script.text("", finish_reason="content_filter"))
    out = start(["a", "b"], schema=Kind, rows_per_call=2, max_concurrency=1)
    assert list(out) == ["bad", None]
    assert list(out.failures) == [1]
    assert asked(sandbox)[1:] == ["Say a", "Say b"]
    assert out.cost == pytest.approx(sum(reply.cost or 0.0 for reply in out.replies))


def test_a_hopeless_error_ends_it_with_the_first_request(sandbox: Sandbox, start: NewMap) -> None:
    sandbox.enqueue(Script.error(402, {"detail": "no"}))
    with pytest.raises(errors.OutOfCredits):
        start(list("abcd"), schema=Kind, rows_per_call=2, max_concurrency=1).wait()
    assert posts(sandbox) == 1


def test_each_row_is_kept_by_itself(sandbox: Sandbox, start: NewMap, tmp_path: Path) -> None:
    kept = str(tmp_path / "answers.jsonl")
    sandbox.enqueue(listed(item(1), item(2, "bad")), listed(item(1, "bad"), item(2)))
    assert list(start(["a", "b"], schema=Kind, keep=kept, rows_per_call=2)) == ["good", "bad"]
    assert list(start(["b", "a"], schema=Kind, keep=kept)) == ["bad", "good"]
    again = start(["c", "b", "d"], schema=Kind, keep=kept, rows_per_call=3)
    assert list(again) == ["bad", "bad", "good"]
    assert [reply.kept is not None for reply in again.replies] == [False, True, False]
    assert posts(sandbox) == 2


def test_each_row_has_the_room_of_a_row(sandbox: Sandbox, start: NewMap) -> None:
    sandbox.enqueue(listed(item(1), item(2)))
    start(["a", "b"], schema=Kind, rows_per_call=2, max_tokens=5).wait()
    (body,) = [one.json for one in sandbox.requests if one.method == "POST"]
    assert body["max_tokens"] >= 2 * 5
    form = body["response_format"]["json_schema"]["schema"]
    assert form["properties"]["answers"]["items"]["required"] == ["id", "value"]


def test_any_json_and_objects_come_back_as_they_would_alone(sandbox: Sandbox, start: NewMap) -> None:
    sandbox.enqueue(json.dumps({"answers": [{"id": 1, "value": {"value": 3}}, {"id": 2, "value": [None]}]}))
    assert list(start(["a", "b"], json=True, rows_per_call=2)) == [{"value": 3}, [None]]
    sandbox.enqueue(listed({"id": 1, "value": {"value": [{"key": "k", "value": 1}]}}, item(2, [])))
    assert list(start(["c", "d"], schema=dict[str, int], rows_per_call=2)) == [{"k": 1}, {}]


def test_a_prompt_of_several_messages_is_asked_alone(sandbox: Sandbox, start: NewMap) -> None:
    sandbox.enqueue(listed(item(1), item(2)), alone("bad"))
    rows = [
        "a",
        [{"role": "user", "content": "b"}, {"role": "assistant", "content": "?"}, {"role": "user", "content": "c"}],
        "d",
    ]
    assert list(start(rows, None, schema=Kind, rows_per_call=3, max_concurrency=1)) == ["good", "bad", "good"]


@pytest.mark.parametrize(("options", "said"), [({"rows_per_call": 2}, "schema="), ({"rows_per_call": 0}, "above 0")])
def test_it_needs_a_schema_and_a_number(sandbox: Sandbox, start: NewMap, options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.InvalidInput, match=said):
        start(["a", "b"], **options)
    assert not sandbox.requests


def test_max_cost_is_never_exceeded(sandbox: Sandbox, start: NewMap) -> None:
    how = {"model": "anthropic/claude-opus-5", "max_tokens": 200, "schema": Kind, "rows_per_call": 4}
    one = start([f"{n} first" for n in range(4)], **how).wait().cost
    for most in (one * 2, one * 40):
        out = start([f"{n} {most} " + "word " * 100 for n in range(200)], max_cost=most, **how)
        with suppress(errors.BudgetExceeded):
            out.wait()
        assert out.cost <= most
    assert out.stopped


def test_a_dry_run_shows_the_first_request_with_several_rows(sandbox: Sandbox, start: NewMap) -> None:
    eden.models(base_url=sandbox.base_url, api_key=sandbox.key)  # the prices
    how = {"model": "anthropic/claude-opus-5", "rate": 10, "schema": Kind, "rows_per_call": 5}
    said = str(start([f"{n} word" for n in range(500)], dry_run=True, **how))
    assert "500 rows, 500 of them different: 10 s or more" in said
    assert "Say 4 word" in said
    assert "Say 5 word" not in said
    assert posts(sandbox) == 0


def test_the_sandbox_answers_each_row_of_a_request(sandbox: Sandbox, start: NewMap) -> None:
    rows = [*(f"row {n}" for n in range(40)), '{"id": 77}']
    out = start(rows, schema=Kind, rows_per_call=8, model="openai/gpt-5-mini", max_tokens=20)
    assert set(out) == {"good"}
    assert posts(sandbox) == 6
    start(["a", "b"], schema=dict[str, int], rows_per_call=2, model="openai/gpt-5-mini").wait()
    assert posts(sandbox) == 7


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.integers(0, 12), max_size=30),
    faults=st.lists(st.sampled_from(["429", "400", "length", "empty", "some", "one"]), max_size=12),
    at_once=st.integers(1, 4),
    size=st.integers(2, 5),
)
def test_rows_in_are_rows_out_whatever_fails(
    sandbox: Sandbox, start: NewMap, rows: list[int], faults: list[str], at_once: int, size: int
) -> None:
    scripts = {
        "429": Script.error(429, {"detail": "later"}),
        "400": Script.error(400, {"detail": "broken"}),
        "length": Script.text("cut", finish_reason="length"),
        "empty": Script.text(""),
        "some": Script.text(listed(item(1), item(3, "bad"))),
        "one": Script.text(alone("bad")),
    }
    sandbox.enqueue(*[scripts[fault] for fault in faults])
    before, began = posts(sandbox), time.time()
    how = {"model": "openai/gpt-5-mini", "rows_per_call": size, "max_concurrency": at_once, "retry_s": 30}
    out = start([str(row) for row in rows], schema=Kind, **how).wait()
    assert len(out.replies) == len(rows) == out.progress.finished
    assert all((value is None) == (row in out.failures) for row, value in enumerate(out))
    distinct, groups = len(set(rows)), -(-len(set(rows)) // size)
    assert posts(sandbox) - before <= groups + 2 * distinct + faults.count("429")
    billed = sum(entry.cost or 0.0 for entry in ledger_of(resolve()).entries(began))
    assert billed == pytest.approx(out.cost) == pytest.approx(sum(reply.cost or 0.0 for reply in out.replies))
    sandbox._routes.scripts.clear()
