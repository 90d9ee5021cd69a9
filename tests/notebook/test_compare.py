"""`-m a -m b`: a cell that several models answer side by side."""

from __future__ import annotations

from edenai_nb.sandbox import Script

MODELS = "-m openai/gpt-5-mini -m openai/gpt-4o-mini"
FIRST, SECOND = "openai/gpt-5-mini", "openai/gpt-4o-mini"


def test_a_cell_that_names_the_variable_waits_for_all_and_the_output_is_a_table(shared_notebook, sandbox):
    sandbox.enqueue("**One**", "Two")
    cell = shared_notebook.run(f"%%edenchat answers {MODELS} --new\nHello", cell_id="compare")
    assert cell.status == "ok", cell.traceback
    known = shared_notebook.run(f"print(sorted(answers.values()), answers[{FIRST!r}].complete, len(answers.frame()))")
    assert known.stdout == "['**One**', 'Two'] True 2\n"
    shared_notebook.wait(lambda: "text/html" in cell.outputs[0].data)
    data = cell.outputs[0].data
    assert "<table" in data["text/html"]
    assert "<strong>One</strong>" in data["text/html"]
    assert "tokens/s" in data["text/markdown"]
    assert SECOND in data["text/plain"]
    assert set(cell.outputs[0].metadata["edenai_nb"]["compared"]) == {FIRST, SECOND}


def test_run_again_it_takes_its_place_and_pick_chooses_the_branch(shared_notebook, sandbox):
    for _ in range(2):
        shared_notebook.run(f"%%edenchat pair {MODELS} -c pair\nHello", cell_id="again")
        shared_notebook.run("pair")
    assert shared_notebook.run("%edenchat chats").stdout.splitlines()[-1].startswith("pair: 1 turn,")
    assert "goes on after" in shared_notebook.run(f"%edenchat pick {SECOND} pair").stdout
    shared_notebook.run("%edenchat -c pair and then?")
    told = shared_notebook.run(f"print(pair[{SECOND!r}])").stdout.strip()
    assert sandbox.requests[-1].json["messages"][1]["content"].strip() == told
    assert shared_notebook.run("%edenchat pick nosuch/model pair").error == "InvalidInput"


def test_one_line_gives_the_dict_and_shows_it_once(shared_notebook, sandbox):
    shown = shared_notebook.run(f"%edenchat {MODELS} --once Hello")
    assert [output.output_type for output in shown.outputs] == ["display_data"]
    assert shared_notebook.run(f"x = %edenchat -q {MODELS} --once Hello\nprint(list(x))").stdout == (
        f"['{FIRST}', '{SECOND}']\n"
    )


def test_where_all_fail_the_variable_stays_unbound(shared_notebook, sandbox):
    sandbox.enqueue(*[Script.error(400, {"detail": "no"})] * 2)
    shared_notebook.run(f"%%edenchat bad {MODELS} --once\nHello")
    assert shared_notebook.run("bad").error == "RequestRefused"


def test_a_dry_run_tells_of_each(shared_notebook, sandbox):
    before = len(sandbox.requests)
    shown = shared_notebook.run(f"%%edenchat {MODELS} --dry-run\nHello")
    assert [FIRST in output.data["text/plain"] for output in shown.outputs] == [True, False]
    assert len(sandbox.requests) == before
