"""`%edenchat fix`: why a cell failed, and the corrected one below it, which is not run."""

from __future__ import annotations

from ..kernel import Kernel

FIXED = 'There is no column `pricee`.\n\n```python\ntotal = df["price"].sum()\n```\n'


def test_the_last_error_is_explained_and_the_corrected_cell_stands_below(notebook: Kernel, sandbox) -> None:
    notebook.run("import pandas as pd; df = pd.DataFrame({'price': [1987654.5] * 3}); words = ['hidden'] * 4")
    failed = notebook.run("n = len(words)\ntotal = df['pricee'].sum()")
    assert failed.error == "KeyError"
    sandbox.enqueue(FIXED)
    fixed = notebook.run("%edenchat fix")

    assert fixed.status == "ok", fixed.traceback
    asked = sandbox.requests[-1].json["messages"][-1]["content"]
    assert "n = len(words)\ntotal = df['pricee'].sum()" in asked
    assert "KeyError: 'pricee'" in asked
    assert "- df: DataFrame, schema of 3 x 1" in asked
    assert "- words: list of 4 str" in asked
    assert "1987654" not in asked
    assert "hidden" not in asked
    offered = [payload for payload in fixed.reply["payload"] if payload["source"] == "set_next_input"]
    assert [(payload["text"], payload["replace"]) for payload in offered] == [('total = df["price"].sum()', False)]
    assert notebook.run("total").error == "NameError"
    assert notebook.run("%edenchat chats").stdout == "No conversation yet.\n"


def test_a_cell_is_meant_by_its_number_and_options_hold(notebook: Kernel, sandbox) -> None:
    number = notebook.run("1 / 0").reply["execution_count"]
    notebook.run("undefined_name")
    sandbox.enqueue("No code here.")
    fixed = notebook.run(f"%edenchat fix {number} -m anthropic/claude-sonnet-latest")
    assert "ZeroDivisionError" in sandbox.requests[-1].json["messages"][-1]["content"]
    assert "undefined_name" not in sandbox.requests[-1].json["messages"][-1]["content"]
    assert sandbox.requests[-1].json["model"] == "anthropic/claude-sonnet-latest"
    assert fixed.reply["payload"] == []


def test_where_nothing_failed_nothing_is_sent(shared_notebook: Kernel, sandbox) -> None:
    refused = shared_notebook.run("%edenchat fix")
    assert refused.traceback[0].endswith(
        "No cell has failed in this session: there is nothing to fix. Nothing was sent."
    )
    refused = shared_notebook.run("%edenchat fix 99")
    assert "Cell 99 has not failed" in refused.traceback[0]
    shared_notebook.run("x = (")
    shown = shared_notebook.run("%edenchat fix --dry-run")
    assert "SyntaxError" in shown.outputs[0].data["text/plain"]
    assert sandbox.requests == []
