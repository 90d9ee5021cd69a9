"""What was billed is written down by all kernels at once, and budgets of a day and a month hold over all of them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

import edenai_nb
from edenai_nb import Chat, Sandbox, errors, settings
from edenai_nb.chat import ledger
from edenai_nb.chat.ledger import Entry, Ledger
from edenai_nb.sandbox import Opening, Script, Stall
from edenai_nb.views.cost import Amount, Cost

from . import crowd_of_kernels

NewChat = Callable[..., Chat]
ACCOUNT = "0123456789abcdef"
LIMITS = {"budget_day": 1.0, "budget_month": 10.0}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def entries() -> list[Entry]:
    return ledger.ledger_of(settings.resolve()).entries()


def test_a_turn_is_a_row_and_no_word_of_it_is_written(
    sandbox: Sandbox, chat: NewChat, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/u/study.ipynb")
    sandbox.enqueue(Script.text("Pimpernel", cost=0.25))
    key = "sk-eden-0123456789"
    chat(system="Be brief", api_key=key, tags={"team": "red"}).ask("Say marmalade")
    (row,) = entries()
    assert (row.model, row.cost, row.notebook, row.sandbox) == ("openai/gpt-5-mini", 0.25, "/home/u/study.ipynb", True)
    assert row.prompt_tokens > 0
    assert json.loads(row.tags) == {"team": "red"}
    assert sandbox.requests[-1].json["tags"] == {"team": "red"}
    written = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert not [word for word in (b"Pimpernel", b"marmalade", b"brief", key.encode()) if word in written]


def test_a_refusal_is_no_row_and_a_ledger_that_is_off_writes_no_file(
    sandbox: Sandbox, chat: NewChat, state: Path
) -> None:
    sandbox.enqueue(Script.error(400, {"detail": "no"}), "Fine")
    with pytest.raises(errors.RequestRefused):
        chat().ask("Hello")
    assert entries() == []
    before = sorted(state.rglob("*"))
    chat(ledger=False).ask("Hello")
    assert sorted(state.rglob("*")) == before


def test_a_folder_that_cannot_be_written_costs_a_line_and_not_the_answer(
    sandbox: Sandbox, chat: NewChat, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state / "file").write_text("", "utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(state / "file"))
    ours = chat()
    assert ours.ask("Hello").complete
    assert ours.ask("Again").complete
    assert "the ledger cannot be written" in ours.turns[-1].remark
    assert len(entries()) == 2  # of this process


def test_a_file_that_is_no_database_costs_a_line_and_not_the_answer(
    sandbox: Sandbox, chat: NewChat, state: Path
) -> None:
    (state / "edenai-nb").mkdir()
    (state / "edenai-nb/ledger.sqlite").write_bytes(b"no database" * 100)
    assert chat().ask("Hello").complete


@pytest.mark.parametrize("name", ["budget_day", "budget_month"])
def test_a_budget_of_a_time_holds_over_all_kernels(sandbox: Sandbox, chat: NewChat, name: str) -> None:
    sandbox.enqueue(Script.text("Hi", cost=0.3))
    options = {"model": "anthropic/claude-opus-5", name: 0.31}
    assert chat(**options).ask("Hello").cost == 0.3
    other = f"""if True:
        from edenai_nb import Chat, errors
        try:
            Chat(base_url={sandbox.base_url!r}, api_key={sandbox.key!r}, **{options!r}).ask("Hello")
        except errors.BudgetExceeded as error:
            print(error)
    """
    run = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True)
    assert f"$0.01 of {name} is left" in run.stdout


def test_a_turn_without_a_limit_counts_while_it_runs_where_another_kernel_has_one(
    sandbox: Sandbox, chat: NewChat
) -> None:
    edenai_nb.models(**chat().options)
    sandbox.enqueue(Script.raw(Opening(), Stall()))
    running = chat(model="anthropic/claude-opus-5").send("Hello", max_tokens=40_000)  # up to $1
    sandbox.wait_for_requests(2)
    with pytest.raises(errors.BudgetExceeded, match="budget_day"):
        chat(model="anthropic/claude-opus-5", budget_day=1.01).ask("Hello")
    running.stop()


def test_what_a_killed_kernel_had_reserved_is_released_and_a_living_ones_is_not(state: Path) -> None:
    ours = Ledger(state / "ledger.sqlite")
    mine = ours.reserve(ACCOUNT, 0.4, LIMITS)
    gone = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    began = psutil.Process(gone.pid).create_time()
    with sqlite3.connect(state / "ledger.sqlite") as database:
        database.execute("INSERT INTO reserved VALUES (?, 0.5, ?, ?)", (ACCOUNT, gone.pid, began))
        database.execute("INSERT INTO reserved VALUES (?, 0.5, ?, ?)", (ACCOUNT, psutil.Process().pid, began - 1e6))
    with pytest.raises(errors.BudgetExceeded, match="budget_day"):
        ours.reserve(ACCOUNT, 0.2, LIMITS)
    gone.kill()
    gone.communicate()
    ours.settle(ours.reserve(ACCOUNT, 0.6, LIMITS), None)
    ours.settle(mine, Entry(ACCOUNT, "a/b", cost=0.9))
    with pytest.raises(errors.BudgetExceeded, match=r"\$0.10 of budget_day is left"):
        ours.reserve(ACCOUNT, 0.2, LIMITS)
    ours.reserve("another account", 0.2, LIMITS)


def test_kernels_that_ask_at_once_and_are_killed_keep_to_the_days_budget(sandbox: Sandbox) -> None:
    outcome = crowd_of_kernels.run(sandbox, processes=4, turns=100, kills=3)
    in_flight = crowd_of_kernels.USD * outcome.killed
    assert outcome.booked <= outcome.budget + 1e-9
    assert outcome.booked - 1e-9 <= outcome.billed <= outcome.booked + in_flight + 1e-9
    assert outcome.booked > outcome.budget - 4 * 2 * crowd_of_kernels.USD  # and it is used


def test_what_is_dear_is_said_and_sent(sandbox: Sandbox, chat: NewChat) -> None:
    ours = chat(model="anthropic/claude-opus-5", warn=0.02)
    assert ours.ask("Hello").complete
    assert ours.turns[-1].remark == "may cost ~$0.025, more than $0.02"


def test_cost_is_told_by_what_is_asked_and_never_0_where_it_is_not_known() -> None:
    ours = ledger.ledger_of(settings.resolve())
    ours.settle(None, Entry(ACCOUNT, "a/known", cost=0.5, chat="main"))
    ours.settle(None, Entry(ACCOUNT, "a/<both>", cost=0.25, process="another"))
    ours.settle(None, Entry(ACCOUNT, "a/<both>", cost=None, guess=0.1))
    ours.settle(None, Entry(ACCOUNT, "a/unknown"))
    ours.settle(None, Entry(ACCOUNT, "a/canned", cost=7.0, sandbox=True))
    told = edenai_nb.cost()
    lines = repr(told).splitlines()
    assert [line.split()[3:6] for line in lines[1:3]] == [["$0.50", "$0.50", "$0.50"], ["?", "$0.25", "+"]]
    assert lines[3].split() == ["a/unknown", "1", "0", "?", "?", "?"]
    assert lines[4].startswith("all")
    assert "1 from the sandbox, not billed: would have cost $7.00" in lines[-1]
    assert "a/&lt;both&gt;" in told._repr_html_()
    assert (told.session, told.total) == (Amount(0.5, 2), Amount(0.75, 2))
    assert len(told.frame()) == 4
    assert "no conversation" in repr(edenai_nb.cost(by="chat", since="7d"))
    for wrong in ({"by": "colour"}, {"since": "yesterday"}):
        with pytest.raises(errors.InvalidInput):
            edenai_nb.cost(**wrong)
    assert str(Cost([]).total) == "$0"
