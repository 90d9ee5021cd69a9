"""A batch in a notebook: one live line, the kernel free meanwhile, and a summary in the saved file."""

from __future__ import annotations

import threading

import nbformat
from nbclient import NotebookClient

from edenai_nb import Sandbox
from edenai_nb.sandbox.script import Bill, Done, Finish, Gate, Opening, Script

from ..kernel import Kernel

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
    assert shown.outputs[0].data["text/plain"].startswith("3 rows · <$0.0001")
    assert len(shown.outputs) == 1


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


def test_where_nobody_watches_a_cell_waits_and_leaves_the_summary(sandbox: Sandbox, clean_surroundings: object) -> None:
    setup = f"import edenai_nb as eden\neden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r})"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (setup, MAP)])
    NotebookClient(nb, timeout=60, kernel_name="python3").execute()
    (output,) = nb.cells[1].outputs
    assert output.data["text/plain"].startswith("3 rows")
    assert VIEW not in output.data
    assert "widgets" not in nb.metadata
