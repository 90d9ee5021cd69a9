"""A kernel that ends in mid-answer: what the reader sees, what the file holds, and what a reopened notebook says."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import nbformat

from edenai_nb import Chat
from edenai_nb.sandbox import Opening, Sandbox, Script, Stall

from .lab import Lab, NotebookPage
from .test_stream import LIVE, SAVED, open_notebook

TEXT = "# Title\n\nHalf an **answer**"
SAYS = "The kernel ended before the answer was complete"


def half_an_answer(front_end: Lab, sandbox: Sandbox, journal: Path) -> NotebookPage:
    sandbox.enqueue(Script.raw(Opening(), TEXT, Stall()))
    setup = f"eden.configure(journal={str(journal)!r}); import os; print(os.getpid())"
    page = open_notebook(front_end, sandbox, setup, "%%edenchat ans\nhello")
    page.run(1)
    page.run(2)
    page.wait_output(2, css=f"{LIVE} strong")
    return page


def test_a_killed_kernel_leaves_its_half_answer_in_the_notebook(lab: Lab, tmp_path: Path) -> None:
    # Given a notebook that is saved while an answer streams
    with Sandbox(tokens_per_s=None) as sandbox:
        page = half_an_answer(lab, sandbox, tmp_path / "journal.jsonl")
        page.save()
        nbformat.validate(early := page.read_nb())
        assert "still streaming" in early.cells[2].outputs[0].data["text/plain"]
        # When its kernel is killed
        os.kill(int(page.text(1)), signal.SIGKILL)
        # Then the text stays, and the notebook says what happened
        page.wait_output(2, text=SAYS, css="strong", js=SAVED)
    page.save()
    nbformat.validate(late := page.read_nb())
    (output,) = late.cells[2].outputs
    assert set(output.data) == {"text/html", "text/plain"}
    # And so it does when it is opened again, trusted or not
    for trusted in (True, False):
        page.reopen(trusted=trusted, kernel=False)
        page.wait_output(2, text=SAYS, css="strong")
    # And the journal has it, too
    assert [str(turn.reply) for turn in Chat.load(str(tmp_path / "journal.jsonl")).turns] == [TEXT]
    assert [error for error in page.page_errors if "Canceled future" not in error] == []  # that one is JupyterLab's


def test_a_restart_in_mid_answer_keeps_the_text_so_far(notebook7: Lab, tmp_path: Path) -> None:
    with Sandbox(tokens_per_s=None) as sandbox:
        page = half_an_answer(notebook7, sandbox, tmp_path / "journal.jsonl")
        page.restart()
    page.wait_output(2, text="Half an answer", js=SAVED)
    page.save()
    assert not any("widget" in kind for kind in page.read_nb().cells[2].outputs[0].data)
