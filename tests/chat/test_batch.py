"""A thousand prompts: rows in are rows out, in their order, asked and paid once, and failures are values."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypedDict

import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import edenai_nb as eden
from edenai_nb import Batch, Sandbox, errors
from edenai_nb.chat import row_outcome
from edenai_nb.chat.forecast import Costs
from edenai_nb.chat.ledger import ledger_of
from edenai_nb.sandbox.script import Bill, Done, Finish, Gate, Opening, Script, Stall
from edenai_nb.settings import resolve

DEADLINE_S = 20.0
ECHO = "sandbox/echo"  # says what it was asked
NewMap = Callable[..., Batch]


@pytest.fixture
def start(sandbox: Sandbox) -> NewMap:
    """`eden.map` over the sandbox, without a limit."""

    def new(items: Any, template: str | None = "Say {{row}}", **options: Any) -> Batch:
        given = {"base_url": sandbox.base_url, "api_key": sandbox.key, "model": ECHO, "rate": 1e6, "retry_s": 0.5}
        return eden.map(items, template, **{**given, **options})

    return new


def posts(sandbox: Sandbox) -> int:
    return sum(request.method == "POST" for request in sandbox.requests)


def test_the_values_come_in_the_order_of_the_rows(start: NewMap) -> None:
    out = start([f"word {n}" for n in range(50)])
    assert list(out) == [f"Say word {n}" for n in range(50)]
    assert (len(out), out[-1], out[1:3]) == (50, "Say word 49", ["Say word 1", "Say word 2"])
    assert out.wait() is out
    assert out.cost == pytest.approx(sum(reply.cost for reply in out.replies))


def test_a_batch_returns_at_once_and_a_row_can_be_waited_for(sandbox: Sandbox, start: NewMap) -> None:
    gate = threading.Event()
    sandbox.enqueue(Script.text("first"), Script.raw(Opening(), Gate(gate), "second", Finish(), Bill(), Done()))
    out = start(["a", "b"], max_concurrency=1)
    assert out[0] == "first"
    assert not out.done
    assert out.wait(0.01).replies[1] is None
    gate.set()
    assert out[1] == "second"
    assert asyncio.run(waited(out)) is out


async def waited(out: Batch) -> Batch:
    return await out


def test_the_async_twin_is_awaited(sandbox: Sandbox) -> None:
    how = {"base_url": sandbox.base_url, "api_key": sandbox.key, "model": ECHO, "rate": 1e6}
    assert list(asyncio.run(eden.amap(["a"], "Say {{row}}", **how))) == ["Say a"]


@pytest.mark.parametrize("library", [pd, pl])
def test_a_frame_gives_a_frame_with_its_index(start: NewMap, library: Any) -> None:
    frame = library.DataFrame({"title": ["x", "y"], "price": [1.5, 2.0]})
    if library is pd:
        frame.index = ["one", "two"]
    out = start(frame, "{{row.title}} for {{row['price']}}")
    known = out.frame()
    assert list(known["value"]) == ["x for 1.5", "y for 2.0"]
    assert type(known) is library.DataFrame
    assert list(known.columns) == ["value", "error", "finish_reason", "model", "cost", "tokens"]
    assert set(known["model"]) == {ECHO}
    if library is pd:
        assert list(known.index) == ["one", "two"]


@pytest.mark.parametrize(
    ("items", "labels"),
    [
        (pd.Series([None, "a", None], index=["x", "x", "x"]), ["x", "x", "x"]),
        (pd.Series([None, "a", None], index=[[1, 1, 1], [2, 2, 2]]), [(1, 2)] * 3),
        ({"x": None, "y": "a", "z": None}, ["x", "y", "z"]),
        (pl.Series([None, "a", None]), [0, 1, 2]),
        (iter([None, "a", None]), [0, 1, 2]),
    ],
)
def test_no_failure_is_lost_whatever_rows_are_called(start: NewMap, items: Any, labels: list[Any]) -> None:
    out = start(items)
    assert list(out) == [None, "Say a", None]
    assert list(out.failures) == [0, 2]
    assert list(out.labels) == labels
    assert [error is None or error != error for error in out.frame()["error"]] == [False, True, False]


@pytest.mark.parametrize("library", [pd, pl])
@pytest.mark.parametrize(
    ("answers", "column"),
    [
        ([{"a": 1}, {"a": "x"}, {"a": None}], "a"),
        ([{"a": 2}, {"a": 1.5}], "a"),
        ([{"a": {"b": 1}}, {"a": {"c": "x"}}, {"a": [1]}], "a"),
        ([{"a": 10**30}, {"a": "x"}], "a"),
        ([{"a": 1}, [1, 2], "x"], "value"),
        ([[1], ["x"], []], "value"),
        ([{"a": [{"b": 1}]}, {"a": [{"b": 2, "c": 3}]}], "a"),
    ],
)
def test_no_value_is_lost_or_changed_in_a_frame(
    sandbox: Sandbox, start: NewMap, library: Any, answers: list[Any], column: str
) -> None:
    sandbox.enqueue(*map(json.dumps, answers))
    out = start(library.Series([f"row {number}" for number in range(len(answers))]), json=True, max_concurrency=1)
    given = out.frame()[column].to_list()
    wanted = [answer if column == "value" else answer[column] for answer in answers]
    assert json.loads(json.dumps(given).replace(', "c": null', "")) == wanted


@pytest.mark.parametrize("library", [pd, pl])
def test_a_frame_says_why_each_row_failed(sandbox: Sandbox, start: NewMap, library: Any) -> None:
    sandbox.enqueue("fine", Script.text(""), Script.raw(Opening(), Stall()))
    out = start(library.Series(["a", "b", None, "c"]), max_concurrency=1)
    assert out[2] is None
    sandbox.wait_for_requests(3)
    out.stop()
    told = [None if error is None or error != error else error.split()[-1] for error in out.frame()["error"]]
    assert told == [None, "empty.", "out.", "asked"]


def test_a_column_can_be_assigned_at_once(start: NewMap) -> None:
    frame = pd.DataFrame({"text": ["a", "b", None]}, index=[7, 8, 9])
    out = start(frame["text"])
    frame["label"] = out
    assert list(frame["label"].fillna("?")) == ["Say a", "Say b", "?"]
    assert "missing" in str(out.failures[2])
    assert list(pl.Series("label", start(["a"]))) == ["Say a"]


@pytest.mark.parametrize(
    ("items", "template"),
    [
        (pd.DataFrame([["a", 1]]), "Say {{row[0]}}"),
        (pd.DataFrame([["a", 1]]), "Say {{row['0']}}"),
        (pd.DataFrame([["a", 1]], columns=pd.MultiIndex.from_tuples([("x", "p"), ("x", "q")])), "Say {{row['x / p']}}"),
        (pd.DataFrame({"a.b": ["a"]}), "Say {{row['a.b']}}"),
        (pd.Index(["a"]), "Say {{row}}"),
        (pd.Categorical(["a"]), "Say {{row}}"),
        (pd.DataFrame({"name": ["a"]}).itertuples(), "Say {{row.name}}"),
        ((row for _, row in pd.DataFrame({"name": ["a"]}).iterrows()), "Say {{row.name}}"),
        (pl.DataFrame({"name": ["a"]}).iter_rows(named=True), "Say {{row.name}}"),
        ({"key": {"name": "a"}}, "Say {{row.name}}"),
    ],
)
def test_rows_and_columns_of_any_kind_can_be_named(start: NewMap, items: Any, template: str) -> None:
    assert list(start(items, template)) == ["Say a"]


@pytest.mark.parametrize(
    ("items", "template"),
    [
        (pd.Series(["a", None]), "Say {{row}}"),
        (pl.Series(["a", None]), "Say {{row}}"),
        (pl.Series(["Say a", None]), None),
        (pd.DataFrame({"x": ["a", None]}), "Say {{row.x}}"),
        (pl.DataFrame({"x": ["a", None]}), "Say {{row.x}}"),
        ([{"x": "a"}, {"x": float("nan")}], "Say {{row.x}}"),
        ({"one": "a", "two": None}, "Say {{row}}"),
    ],
)
def test_a_row_in_which_a_named_value_is_missing_fails_unsent_whatever_holds_it(
    sandbox: Sandbox, start: NewMap, items: Any, template: str | None
) -> None:
    out = start(items, template)
    assert list(out) == ["Say a", None]
    assert ["is missing here" in str(error) for error in out.failures.values()] == [True]
    assert posts(sandbox) == 1


def test_rows_that_cannot_be_filled_are_no_slip_where_others_can(sandbox: Sandbox, start: NewMap) -> None:
    out = start([{"b": 1}, {"a": None}, {"a": "x"}], "Say {{row.a}}")
    assert list(out) == [None, None, "Say x"]
    assert list(start([None] * 30, "Say {{row}}")) == [None] * 30
    assert posts(sandbox) == 1


def test_dicts_and_ready_prompts_are_rows(start: NewMap) -> None:
    assert list(start({"k": {"a": [1]}}, "{{row.a[0]}} {{row}}")) == ['1 {"a": [1]}']
    assert list(start(["Hello", [{"role": "user", "content": "You"}]], None)) == ["Hello", "You"]
    assert list(start(iter(["a"]))) == ["Say a"]
    assert list(start([])) == []


@pytest.mark.parametrize(
    ("items", "template", "options", "said"),
    [
        ("text", "{{row}}", {}, "takes rows"),
        ([{"a": 1}], "{{row.b}}", {}, "There is no {{row.b}} in a row: it has a"),
        (["a"], "Classify this", {}, "names no {{row}}"),
        (["a"], "{{row.upper()}}", {}, "more than a name"),
        (["a"], "{{row.__class__}}", {}, "There is no"),
        ([1], None, {}, "Without a template"),
        (["a"], "{{row}}", {"temprature": 1}, "temperature"),
        (["a"], "{{row}}", {"max_concurrency": 0}, "max_concurrency"),
        (["a"], "{{row}}", {"max_concurrency": True}, "max_concurrency"),
        (["a"], "{{row}}", {"max_cost": True}, "max_cost"),
        (["a"], "{{row}}", {"rate": 0}, "requests_per_s"),
        (pl.LazyFrame({"a": [1]}), "{{row.a}}", {}, "collect"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "{{row.x}}", {}, "Two columns are called x"),
        (["a"], "{{row}}", {"system": "Speak {{row.lang}}"}, "{{row.lang}} belongs into the template"),
        (["a"], "{{row}}", {"model": ["a/b", "c/d"]}, "model must be text"),
    ],
)
def test_a_slip_is_named_before_anything_is_sent(
    sandbox: Sandbox, start: NewMap, items: Any, template: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(errors.InvalidInput) as caught:
        start(items, template, **options)
    assert said in str(caught.value)
    assert not sandbox.requests


def test_equal_rows_are_asked_and_billed_once(sandbox: Sandbox, start: NewMap) -> None:
    out = start(["a", "b", "a", "b", "a"] * 20)
    assert list(out) == ["Say a", "Say b", "Say a", "Say b", "Say a"] * 20
    assert posts(sandbox) == 2
    assert out.cost == pytest.approx(sum(reply.cost for reply in out.replies))


def test_failures_are_values_and_are_asked_again_alone(sandbox: Sandbox, start: NewMap) -> None:
    sandbox.enqueue(
        Script.text("cut", finish_reason="length"),
        Script.text(""),
        Script.text("no", finish_reason="content_filter"),
        Script.error(400, {"error": {"message": "odd", "type": "invalid_request_error", "code": None}}),
        "fine",
    )
    out = start(list("abcde"), max_concurrency=1)
    assert list(out) == [None, None, None, None, "fine"]
    assert list(out.failures) == [0, 1, 2, 3]
    assert out.replies[0].error.partial == "cut"
    assert ["max_tokens" in str(out.failures[0]), "empty" in str(out.failures[1])] == [True, True]
    assert "4 failed" in out.summary
    assert "1 × The answer is empty." in out.summary
    assert list(out.retry()) == ["Say a", "Say b", "Say c", "Say d", "fine"]
    assert posts(sandbox) == 9
    assert out.failures == {}


@pytest.mark.parametrize(
    ("status", "kind"), [(401, errors.AuthenticationFailed), (402, errors.OutOfCredits), (404, errors.UnknownModel)]
)
def test_a_hopeless_error_ends_all_of_it(sandbox: Sandbox, start: NewMap, status: int, kind: type[Exception]) -> None:
    said = {"error": {"message": "model not found", "type": "invalid_request_error", "code": "model_not_found"}}
    sandbox.enqueue(*[Script.error(status, said if status == 404 else {"detail": "no"})] * 200)
    out = start([str(n) for n in range(200)], max_concurrency=3)
    with pytest.raises(kind):
        out.wait()
    with pytest.raises(kind):
        list(out)
    assert isinstance(out.error, kind)
    assert posts(sandbox) < 10


def test_a_server_that_fails_row_after_row_ends_it_and_retry_goes_on(
    sandbox: Sandbox, start: NewMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_outcome, "ALIKE", 3)
    sandbox.enqueue("fine", *[Script.error(500, {"detail": "down"})] * 3)
    out = start(list("abcdefgh"), max_concurrency=1, retry_s=0.001)
    with pytest.raises(errors.ServerTrouble):
        out.wait()
    assert out.replies[0] == "fine"
    assert list(out.retry()) == ["fine", *(f"Say {word}" for word in "bcdefgh")]


def test_a_row_that_is_refused_with_429_is_asked_again_until_it_is_answered(start: NewMap) -> None:
    with Sandbox(rate=20, tokens_per_s=None) as busy:
        out = start([str(n) for n in range(60)], base_url=busy.base_url, rate=1000, retry_s=30)
        assert list(out) == [f"Say {n}" for n in range(60)]
        assert len(busy.requests) > 60


def test_rows_that_are_only_refused_end_it(sandbox: Sandbox, start: NewMap) -> None:
    sandbox.enqueue(*[Script.error(429, {"detail": "later"}, headers={"Retry-After": "900"})] * 3)
    out = start(["a", "b"], max_concurrency=1)
    with pytest.raises(errors.RateLimited):
        out.wait()


def test_stop_keeps_what_there_is_at_once(sandbox: Sandbox, start: NewMap) -> None:
    sandbox.enqueue("first", *[Script.raw(Opening(), Stall())] * 5)
    out = start(list("abcdef"), max_concurrency=1)
    assert out[0] == "first"
    sandbox.wait_for_requests(2)
    began = time.monotonic()
    out.stop()
    assert list(out) == ["first", None, None, None, None, None]
    assert time.monotonic() - began < 1
    assert out.stopped
    assert out.summary.startswith("stopped after 1 of 6")
    assert out.failures == {}


def test_billing_stops_before_anybody_is_told_of_the_end(sandbox: Sandbox, start: NewMap) -> None:
    sandbox.enqueue(*[Script.raw(Opening(), Stall())] * 3)
    out = start(list("abc"), max_concurrency=3)
    asked = [request for request in sandbox.wait_for_requests(3) if request.method == "POST"]
    gone: list[bool] = []
    out.on_end(lambda _: gone.extend(request.client_gone.wait(5) for request in asked))
    out.stop()
    assert gone == [True] * 3


def test_who_has_seen_all_rows_finds_the_batch_ended(start: NewMap, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = Batch._finish
    told = threading.Event()
    monkeypatch.setattr(Batch, "_finish", lambda *how: (told.wait(0.2), ended(*how)))
    out = start(list("abc"))
    assert list(out) == ["Say a", "Say b", "Say c"]
    assert out.done
    assert out.summary.startswith("3 rows · would have cost")


def test_a_callback_that_fails_or_asks_again_keeps_nobody_waiting(
    sandbox: Sandbox, start: NewMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", shown.append)
    gate, told = threading.Event(), threading.Event()
    sandbox.enqueue(Script.raw(Opening(), Gate(gate), "", Finish(), Bill(), Done()))
    out = start(["a"])
    out.on_end(lambda _: 1 / 0)
    out.on_end(lambda batch: batch.retry().on_end(lambda _: told.set()))
    gate.set()
    assert told.wait(DEADLINE_S)
    assert list(out.wait(DEADLINE_S)) == ["Say a"]
    assert out.done
    assert [one.exc_type for one in shown] == [ZeroDivisionError]


def test_a_batch_cannot_be_copied_or_pickled_and_says_what_can(start: NewMap) -> None:
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(errors.InvalidInput, match="take its frame"):
            copied(start(["a"]))


def test_a_secret_stays_here_and_only_its_row_fails(sandbox: Sandbox, start: NewMap) -> None:
    out = start(["fine", "sk-ant-" + "aB3" * 20])
    assert list(out) == ["Say fine", None]
    assert isinstance(out.failures[1], errors.SecretsFound)
    assert posts(sandbox) == 1


def test_kept_answers_are_neither_asked_nor_paid_again(sandbox: Sandbox, start: NewMap, tmp_path: Path) -> None:
    kept = str(tmp_path / "answers.jsonl")
    assert list(start(["a", "b"], keep=kept)) == ["Say a", "Say b"]
    with Path(kept).open("ab") as file:
        file.write(b'{"answer": {"citations": [], "torn')
    again = start(["b", "c", "a"], keep=kept)
    assert list(again) == ["Say b", "Say c", "Say a"]
    assert posts(sandbox) == 3
    assert [reply.kept is not None for reply in again.replies] == [True, False, True]
    whole = [line for line in Path(kept).read_bytes().splitlines() if b"torn" not in line]
    assert len([json.loads(line) for line in whole]) == 3
    assert list(start(["c"], keep=kept, api_key="")) == ["Say c"]


def test_a_retry_after_a_stop_pays_for_nothing_that_is_kept(sandbox: Sandbox, start: NewMap, tmp_path: Path) -> None:
    kept = str(tmp_path / "answers.jsonl")
    start([f"kept {n}" for n in range(5)], keep=kept).wait()
    rows = ["first", "second", *(f"kept {n}" for n in range(5))]
    sandbox.enqueue(Script.text("first"), Script.raw(Opening(), Stall()))
    out = start(rows, keep=kept, max_concurrency=1)
    sandbox.wait_for_requests(7)
    out.stop()
    before = posts(sandbox)
    assert list(out.retry()) == ["first", "Say second", *(f"Say kept {n}" for n in range(5))]
    assert posts(sandbox) == before + 1


def test_the_ledger_has_a_row_for_each_answer_that_was_billed(sandbox: Sandbox, start: NewMap) -> None:
    ledger = ledger_of(resolve())
    began = time.time()
    out = start([str(n % 7) for n in range(20)]).wait()
    entries = ledger.entries(began)
    assert len(entries) == 7
    assert sum(entry.cost for entry in entries) == pytest.approx(out.cost)
    assert {entry.model for entry in entries} == {ECHO}


def test_max_cost_is_never_exceeded(sandbox: Sandbox, start: NewMap) -> None:
    how = {"model": "anthropic/claude-opus-5", "max_tokens": 200}
    one = start(["0 " + "word " * 100], **how).wait().cost
    out = start([f"{n} " + "word " * 100 for n in range(40)], max_cost=one * 45, **how).wait()
    assert out.cost <= one * 45
    assert out.replies[0].complete


def test_max_cost_is_never_exceeded_whatever_the_lengths(sandbox: Sandbox, start: NewMap) -> None:
    whole = 0
    for seed in range(200):
        chance = random.Random(seed)
        rows, longest, most = chance.randint(6, 30), chance.choice([20, 200]), chance.uniform(0.001, 0.1)
        sandbox._routes.scripts.clear()
        sandbox.enqueue(*[Script.text("word " * chance.randint(1, longest)) for _ in range(rows)])
        prompts = [f"{seed} {row} " + "é" * chance.randint(0, 300) for row in range(rows)]
        how = {"model": "anthropic/claude-opus-5", "max_tokens": 2 * longest, "max_concurrency": chance.choice([1, 8])}
        out = start(prompts, max_cost=most, **how)
        with suppress(errors.BudgetExceeded):
            out.wait()
        assert out.cost <= most
        whole += out.progress.finished == rows
    assert 40 < whole < 160  # of some jobs all rows fit, of some they do not
    sandbox._routes.scripts.clear()


def test_max_cost_holds_where_each_byte_is_a_token_and_each_answer_the_longest(sandbox: Sandbox, start: NewMap) -> None:
    how = {"model": "anthropic/claude-opus-5", "max_tokens": 20}
    (model,) = [one for one in eden.models(base_url=sandbox.base_url, api_key=sandbox.key) if one.id == how["model"]]
    assert model.input_price
    assert model.output_price
    rows = [f"{number:02}{'é' * 500}" for number in range(20)]
    most = len(f"Say {rows[0]}".encode()) * model.input_price + 20 * model.output_price
    sandbox.enqueue(*[Script.text("word", cost=most)] * len(rows))
    out = start(rows, max_cost=3.5 * most, **how).wait()
    assert out.cost == pytest.approx(3 * most)


def test_the_pilot_ends_a_batch_that_would_cost_too_much(sandbox: Sandbox, start: NewMap) -> None:
    how = {"model": "anthropic/claude-opus-5", "max_tokens": 200}
    one = start(["0 word"], **how).wait().cost
    out = start([f"{n} word" for n in range(1000)], max_cost=one * 300, **how).wait()
    assert posts(sandbox) == 1 + 5
    assert [reply is not None for reply in out.replies[:6]] == [True] * 5 + [False]
    assert "more than max_cost" in out.progress.remark
    assert out.stopped
    with pytest.raises(errors.BudgetExceeded):
        start(["a"], max_cost=1e-9, **how).wait()


def test_a_budget_of_the_process_ends_it(sandbox: Sandbox, start: NewMap) -> None:
    how = {"model": "anthropic/claude-opus-5", "max_tokens": 200}
    one = start(["0 word"], api_key="sk-eden-one", **how).wait().cost
    out = start([f"{n} word" for n in range(50)], api_key="sk-eden-two", budget=one * 20, **how).wait()
    assert 0 < out.cost <= one * 20
    assert out.stopped


def test_an_object_that_cannot_be_read_fails_its_row_alone(start: NewMap) -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError("secret words")

    out = start([Odd(), "fine"])
    assert list(out) == [None, "Say fine"]
    assert "secret" not in str(out.failures[0])
    assert "2 rows, 1 of them different" in str(start([Odd(), "fine"], dry_run=True))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.integers(0, 8), max_size=30),
    faults=st.lists(st.sampled_from(["429", "500", "length", "empty", "cut", "fine"]), max_size=20),
    at_once=st.integers(1, 8),
)
def test_rows_in_are_rows_out_whatever_fails(
    sandbox: Sandbox, start: NewMap, rows: list[int], faults: list[str], at_once: int
) -> None:
    scripts = {
        "429": Script.error(429, {"detail": "later"}),
        "500": Script.error(400, {"detail": "broken"}),
        "length": Script.text("cut", finish_reason="length"),
        "empty": Script.text(""),
        "cut": Script.raw(Opening(), b'{"choices"'),
        "fine": Script.text("fine"),
    }
    sandbox.enqueue(*[scripts[fault] for fault in faults])
    before, began = posts(sandbox), time.time()
    index = [row % 3 for row in rows]  # names that occur more than once
    asked = pd.Series([str(row) for row in rows], index=index, dtype=object)
    out = start(asked, max_concurrency=at_once, retry_s=30).wait()
    replies = out.replies
    assert len(replies) == len(rows) == out.progress.finished
    assert list(out.frame().index) == index
    own = [(reply, f"Say {row}") for row, reply in zip(rows, replies, strict=True) if reply.startswith("Say")]
    assert all(reply == said for reply, said in own)
    assert list(out.failures) == [row for row, value in enumerate(out) if value is None]
    by_row = {row: [str(reply) for asked, reply in zip(rows, replies, strict=True) if asked == row] for row in rows}
    assert all(len(set(said)) == 1 for said in by_row.values())
    sent = posts(sandbox) - before
    assert sent == len(set(rows)) + faults[:sent].count("429")
    billed = ledger_of(resolve()).entries(began)
    assert sum(entry.cost or 0.0 for entry in billed) == pytest.approx(out.cost)
    sandbox._routes.scripts.clear()


@pytest.mark.parametrize("billed", [5, 8, 20, 50])
@pytest.mark.parametrize(
    "usd",
    [
        lambda chance: chance.gauss(1, 0.1),
        lambda chance: chance.random(),
        lambda chance: chance.expovariate(1) + 0.1,
        lambda chance: chance.lognormvariate(0, 0.8),  # the dearest tenth costs eight times what the cheapest does
        lambda chance: chance.lognormvariate(0, 1.2),
        lambda chance: chance.paretovariate(2.5),
        lambda chance: chance.paretovariate(1.8),  # of 200 the dearest costs about 20 times the cheapest
        lambda chance: 1.5 if chance.random() < 0.05 else 1.0,
    ],
)
def test_the_interval_holds_the_final_cost_of_nine_batches_in_ten(
    usd: Callable[[random.Random], float], billed: int
) -> None:
    held = 0
    for seed in range(200):
        chance = random.Random(seed)
        bills = [usd(chance) for _ in range(200)]
        costs = Costs()
        for bill in bills[:billed]:
            costs.add(bill)
        found = costs.forecast(len(bills) - billed)
        held += found is not None and abs(found.expected - sum(bills)) <= found.margin
    assert held >= 180


def test_bills_that_are_equal_do_not_say_that_the_rest_is() -> None:
    costs = Costs()
    margins = []
    for billed in range(1, 1001):
        costs.add(0.01)
        if billed in (5, 50, 1000) and (found := costs.forecast(1000 - billed)):
            margins.append(found.margin / found.expected)
    assert margins == [pytest.approx(0.166, abs=0.01), pytest.approx(0.0186, abs=0.001), 0.0]


def test_a_dry_run_shows_the_first_request_and_what_all_would_cost(sandbox: Sandbox, start: NewMap) -> None:
    eden.models(base_url=sandbox.base_url, api_key=sandbox.key)  # the prices
    would = start([f"{n} word" for n in range(500)], model="anthropic/claude-opus-5", rate=10, dry_run=True)
    said = str(would)
    assert "500 rows, 500 of them different: 51 s or more; all ~$" in said
    assert "Say 0 word" in said
    assert posts(sandbox) == 0


class Label(TypedDict):
    topic: str
    sure: bool


class Tightened(TypedDict):
    topic: Literal["x"]
    sure: bool


def test_a_schema_gives_objects_repairs_one_that_does_not_fit_and_fails_one_that_never_does(
    sandbox: Sandbox, start: NewMap
) -> None:
    fits = '{"topic": "x", "sure": true}'
    sandbox.enqueue(fits, '{"topic": "y"}', fits, "odd", "odd", Script.text("{", finish_reason="length"))
    out = start(list("abcd"), schema=Label, max_concurrency=1)
    assert list(out) == [{"topic": "x", "sure": True}, {"topic": "x", "sure": True}, None, None]
    assert {type(error) for error in out.failures.values()} == {errors.SchemaMismatch}
    assert list(out.frame().columns)[:3] == ["topic", "sure", "error"]
    billed = ledger_of(resolve()).entries(0.0)[-4:]
    assert sum(entry.cost for entry in billed) == pytest.approx(out.cost)
    assert posts(sandbox) == 6


def test_kept_objects_are_read_again(sandbox: Sandbox, start: NewMap, tmp_path: Path) -> None:
    kept = str(tmp_path / "answers.jsonl")
    sandbox.enqueue('{"topic": "x", "sure": true}')
    for _ in range(2):
        assert start(["a"], schema=Label, keep=kept)[0] == {"topic": "x", "sure": True}
    assert posts(sandbox) == 1


def test_with_another_schema_the_kept_text_is_checked_again_and_nothing_is_asked(
    sandbox: Sandbox, start: NewMap, tmp_path: Path
) -> None:
    kept = str(tmp_path / "answers.jsonl")
    sandbox.enqueue('{"topic": "x", "sure": true}', '{"topic": "y", "sure": true}')
    start(["a", "b"], schema=Label, keep=kept, max_concurrency=1).wait()
    tightened = start(["a", "b"], schema=Tightened, keep=kept)
    assert list(tightened) == [{"topic": "x", "sure": True}, None]
    assert "retry()" in str(tightened.failures[1])
    assert posts(sandbox) == 2
    sandbox.enqueue('{"topic": "x", "sure": false}')
    assert list(tightened.retry())[1] == {"topic": "x", "sure": False}
    assert start(["b"], schema=Tightened, keep=kept)[0] == {"topic": "x", "sure": False}
    assert posts(sandbox) == 3
