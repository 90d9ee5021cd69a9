"""A batch in a notebook: one live line, the kernel free meanwhile, and a summary in the saved file."""

from __future__ import annotations

import threading

import nbformat
from nbclient import NotebookClient

from edenai_nb import Sandbox
from edenai_nb.sandbox.script import Bill, Done, Finish, Gate, Opening, Script

from ..kernel import Kernel
from .test_magic import CAPTURE

VIEW = "application/vnd.jupyter.widget-view+json"
MAP = 'out = eden.map(["a", "b", "c"], "Say {{row}}", model="sandbox/echo", max_concurrency=1)'
# Says so once the cell is inside the wait.
WAIT = """
import sys, threading, time, traceback
main = threading.main_thread().ident
def tell():
    while not any(frame.name == "_block" for frame in traceback.extract_stack(sys._current_frames()[main])):
        time.sleep(0.01)
    print("begun", flush=True)
threading.Thread(target=tell).start()
out.wait()
"""


def gated(sandbox: Sandbox) -> threading.Event:
    """Let the first row wait until the event is set."""
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), Gate(gate), "first", Finish(), Bill(), Done()))
    return gate


def test_a_map_returns_at_once_with_a_line_that_becomes_its_summary(notebook: Kernel, sandbox: Sandbox) -> None:
    gate = gated(sandbox)
    shown = notebook.run(MAP)
    assert VIEW in shown.outputs[0].data
    assert notebook.run("print(out)").stdout.startswith("<Batch, 0 of 3")
    gate.set()
    assert notebook.run("list(out)").value == "['first', 'Say b', 'Say c']"
    notebook.wait(lambda: VIEW not in shown.outputs[0].data)
    assert shown.outputs[0].data["text/plain"].startswith("3 rows · would have cost <$0.0001")
    assert len(shown.outputs) == 1


def test_a_cell_that_captures_has_nothing_of_a_map_beside_it(notebook: Kernel, sandbox: Sandbox) -> None:
    """Without a page its line is text, from its third second on."""
    gate = gated(sandbox)
    shown = notebook.run(MAP)
    notebook.run(CAPTURE)
    assert notebook.run("print(len(cap.outputs))").stdout == "0\n"
    gate.set()
    notebook.wait(lambda: shown.outputs[0].data["text/plain"].startswith("3 rows"))


def test_idle_cells_answer_while_a_map_is_at_work(notebook: Kernel, sandbox: Sandbox) -> None:
    """Each cell ends while rows start; the last row is held up, so that the map has not ended by itself."""
    rows, gate = 400, threading.Event()
    said = [Opening(), "said", Finish(), Bill(), Done()]
    last = Script.raw(Opening(), Gate(gate), *said[1:])
    sandbox.enqueue(*[Script.raw(*said)] * (rows - 1), last)
    notebook.start(f'out = eden.map(range({rows}), "{{{{row}}}}", model="sandbox/echo", rate=200)')
    sandbox.wait_for_requests(20, 30)
    asked = []
    for number in range(3):
        asked.append(len(sandbox.requests))
        assert notebook.run(f"{number} + 1").value == str(number + 1)
    asked.append(len(sandbox.requests))
    assert asked[-1] < rows, f"of {rows} rows so many had started before and after each cell: {asked}"
    assert notebook.run("out.done").value == "False"
    gate.set()
    assert notebook.run("out.wait().progress.finished").value == str(rows)


def test_the_last_expression_of_a_cell_is_shown_once(notebook: Kernel, sandbox: Sandbox) -> None:
    shown = notebook.run(MAP.removeprefix("out = "))
    assert len(shown.outputs) == 1
    assert shown.value is None


def test_an_interrupt_of_a_wait_stops_it_and_keeps_what_there_is(notebook: Kernel, sandbox: Sandbox) -> None:
    gated(sandbox)
    notebook.run(MAP)
    waiting = notebook.start(WAIT)
    notebook.wait(lambda: "begun" in waiting.stdout)
    notebook.interrupt()
    notebook.wait(lambda: waiting.done)
    assert waiting.error == "Interrupted"
    assert notebook.run("print(out.stopped, list(out))").stdout == "True [None, None, None]\n"


def test_a_cell_asks_about_each_row_and_a_later_one_waits_for_it(notebook: Kernel, sandbox: Sandbox) -> None:
    gate = gated(sandbox)
    notebook.run("rows = [{'title': 'a'}, {'title': 'b'}]; tone = 'softly {{row}}'")
    cell = '%%edenchat labels --over rows -m sandbox/echo\nSay {{row.title}} {{tone}} {"a": {{1}}}'
    shown = notebook.run(cell)
    assert VIEW in shown.outputs[0].data
    assert notebook.run("'labels' in globals()").value == "False"
    later = notebook.start("print(labels[1], type(labels).__name__)")
    gate.set()
    notebook.wait(lambda: later.done)
    assert later.stdout == 'Say b softly {{row}} {"a": {{1}}} Batch\n'


def test_a_cell_may_say_the_pace_and_how_many_rows_go_together(notebook: Kernel, sandbox: Sandbox) -> None:
    notebook.run("from dataclasses import dataclass\n@dataclass\nclass Label:\n    word: str")
    cell = "%%edenchat out --over ['a','b','c'] --schema Label --rows-per-call 3 --rate 50 --max-concurrency 2 --wait"
    shown = notebook.run(f"{cell}\nLabel {{{{row}}}}")
    assert shown.status == "ok", shown.traceback
    asked = [request.json for request in sandbox.requests if request.method == "POST"]
    assert all(word in str(asked[0]["messages"]) for word in ("Label a", "Label b", "Label c"))
    assert notebook.run("out._job.told, out._job.at_once").value == "(True, 2)"


def test_stop_stops_batches_too(notebook: Kernel, sandbox: Sandbox) -> None:
    gated(sandbox)
    notebook.run(MAP)
    notebook.run("%edenchat stop")
    assert notebook.run("out.stopped").value == "True"


def test_what_does_not_go_with_over_is_said_and_a_dry_run_sends_nothing(notebook: Kernel, sandbox: Sandbox) -> None:
    for line, said in {
        "--over [1]": "needs a name",
        "out --over [1] -m a/b -m c/d": "one model",
        "out --over nowhere": "There is no nowhere",
        "out --over [1] --frame": "does not go with",
        "out --over [1] --chat other": "--chat does not go with",
        "out --over [1] --once": "--once does not go with",
        "out --over 1": "takes rows",
        "out --over [1] --rate fast": "argument --rate: invalid float value",
        "out --over [1] --rate 0": "above 0",
        "out --over [1] --max-concurrency 0": "max_concurrency must be a whole number above 0",
        "out --over [1] --rows-per-call 2": "needs a schema=",
        "out --over [1] --executor client": "eden.map takes executor=, in Python",
        "out --rate 5": "--rate goes with --over",
        "out --max_concurrency 5": "--max-concurrency goes with --over",
    }.items():
        assert said in notebook.run(f"%%edenchat {line}\n{{{{row}}}}").error_message
    dry = notebook.run("%%edenchat out --over [1,2,2] --dry-run -m openai/gpt-5-mini\nSay {{row}}")
    assert "3 rows, 2 of them different" in dry.outputs[0].data["text/plain"]
    assert not [request for request in sandbox.requests if request.method == "POST"]


def test_where_nobody_watches_a_cell_waits_and_leaves_the_summary(sandbox: Sandbox, clean_surroundings: object) -> None:
    setup = f"import edenai_nb as eden\neden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r})"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (setup, MAP)])
    NotebookClient(nb, timeout=60, kernel_name="python3").execute()
    (output,) = nb.cells[1].outputs
    assert output.data["text/plain"].startswith("3 rows")
    assert VIEW not in output.data
    assert "widgets" not in nb.metadata
