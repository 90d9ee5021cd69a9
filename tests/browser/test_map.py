"""A batch in a real JupyterLab: a line with a bar that grows, Stop, and a file without a widget."""

from __future__ import annotations

import threading

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script

from .test_stream import open_notebook

LINE = ".edenai-progress"
MAP = 'out = eden.map(list("abc"), "Say {{row}}", model="sandbox/echo", max_concurrency=1)'


def test_a_map_shows_a_line_while_other_cells_run_and_stop_leaves_its_summary(lab, sandbox: Sandbox):
    gate = threading.Event()
    sandbox.enqueue("first", Script.raw(Opening(), Gate(gate), *Script.text("second").steps[1:]))
    page = open_notebook(lab, sandbox, MAP, "1 + 1", "list(out)")
    page.run(1)
    page.wait_output(1, text="1 of 3", css=f"{LINE} progress")
    page.run(2)
    assert page.text(2) == "2"
    page.output(1).locator(f"{LINE} button").click()
    page.wait_output(1, text="stopped after 1 of 3", js=f"!node.querySelector('{LINE}')")
    page.run(3)
    assert page.text(3) == "['first', None, None]"
    page.save()
    saved = page.read_nb()
    assert set(saved.cells[1].outputs[0].data) == {"text/html", "text/markdown", "text/plain"}
    assert page.page_errors == []
    gate.set()
