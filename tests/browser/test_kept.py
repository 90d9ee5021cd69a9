"""Nothing is lost: pages that close, load again or come back, cells and chat windows, in the file and on the screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import nbformat
import pytest

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script

from .lab import Lab, NotebookPage
from .test_stream import LIVE, SAVED, open_notebook

TEXT = "The first half, and the **rest**."
SHOWN = "The first half, and the rest."
WINDOW = "import ipywidgets\nwindow = eden.ChatWidget(); window"
CHAT = ".edenai-chat"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as sandbox:
        yield sandbox


@pytest.fixture
def rest(sandbox: Sandbox) -> threading.Event:
    """The next answer says its first half, and the rest once this is set."""
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), TEXT[:15], Gate(gate), *Script.text(TEXT[15:]).steps[1:]))
    return gate


def reload(page: NotebookPage) -> None:
    """Close the page without a word, as a closed tab does, and open it again; the kernel lives."""
    page.reopen(same_kernel=True)


def saved_text(page: NotebookPage, cell: int) -> str:
    page.save()
    nbformat.validate(nb := page.read_nb())
    return str(nb.cells[cell].outputs[0].data.get("text/plain"))


def half_an_answer(front_end: Lab, sandbox: Sandbox) -> NotebookPage:
    page = open_notebook(front_end, sandbox, "%%edenchat ans\nhello")
    page.run(1)
    page.wait_output(1, css=LIVE, text="The first half")
    return page


def test_a_cells_answer_is_there_after_the_page_was_away_while_it_ended(
    front_end: Lab, sandbox: Sandbox, rest: threading.Event
) -> None:
    page = half_an_answer(front_end, sandbox)
    page.save()
    assert "The first half" in page.read_nb().cells[1].outputs[0].data["text/plain"]
    page.page.goto("about:blank")
    rest.set()
    reload(page)
    page.wait_output(1, text=SHOWN, js=SAVED)
    assert saved_text(page, 1) == TEXT
    for trusted in (True, False):
        page.reopen(trusted=trusted, kernel=False)
        page.wait_output(1, text=SHOWN, css="strong")


def test_a_page_that_is_loaded_again_in_mid_answer_holds_the_ordinary_output_in_the_end(
    front_end: Lab, sandbox: Sandbox, rest: threading.Event
) -> None:
    page = half_an_answer(front_end, sandbox)
    page.save()
    reload(page)
    page.wait_output(1, css=LIVE, text="The first half")
    rest.set()
    page.wait_output(1, text=SHOWN, js=SAVED)
    assert saved_text(page, 1) == TEXT
    left = page.run_new("from edenai_nb.notebook import view; print(len(view._kept))")
    page.wait_output(left, text="0")


def test_an_answer_inside_of_an_output_widget_stays(lab: Lab, sandbox: Sandbox) -> None:
    sandbox.enqueue(TEXT)
    cell = "import ipywidgets\nout = ipywidgets.Output(); display(out)\nwith out: display(eden.Chat().send('hello'))"
    page = open_notebook(lab, sandbox, cell)
    page.run(1)
    page.wait_output(1, text=SHOWN)
    page.wait("new Promise((done) => setTimeout(() => done(true), 1500))")  # longer than what could take it away
    assert SHOWN in page.text(1)


def talk(page: NotebookPage, sandbox: Sandbox, *questions: str) -> None:
    for question in questions:
        sandbox.enqueue(f"Answer to {question}")
        page.run_new(f"window.chat.ask({question!r});")
    page.wait_output(1, text=f"Answer to {questions[-1]}")
    page.wait("panel.context.model.getMetadata('widgets')")


def test_a_window_is_there_again_whoever_opens_the_notebook(front_end: Lab, sandbox: Sandbox) -> None:
    page = open_notebook(front_end, sandbox, WINDOW)
    page.run(1)
    page.wait_output(1, css=CHAT)
    talk(page, sandbox, "one", "two")
    assert "Answer to two" in saved_text(page, 1)
    # with its kernel: the window itself
    page.reopen(same_kernel=True)
    page.wait_output(1, css=f"{CHAT} textarea", text="Answer to two")
    page.save()
    # without: what was said, drawn by the window where the notebook is trusted, else as it was saved
    page.reopen(trusted=True)
    page.wait_output(1, css=f"{CHAT} .edenai-kept", text="Answer to two")
    for kernel in (True, False):
        page.reopen(trusted=False, kernel=kernel)
        page.wait_output(1, text="Answer to two")
    assert page.page_errors == []


def test_the_notebook_keeps_one_window_once(lab: Lab, sandbox: Sandbox) -> None:
    page = open_notebook(lab, sandbox, WINDOW)
    for question in ("one", "two"):
        page.run(1)
        page.wait_output(1, css=CHAT)
        talk(page, sandbox, question)
    page.save()
    state = page.read_nb().metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert sum("_esm" in model["state"] for model in state.values()) == 1


def test_a_window_whose_cell_is_run_again_takes_its_conversation_up(lab: Lab, sandbox: Sandbox) -> None:
    page = open_notebook(lab, sandbox, WINDOW)
    page.run(1)
    page.wait_output(1, css=CHAT)
    talk(page, sandbox, "one")
    page.run(1)
    page.wait_output(1, css=CHAT, text="Answer to one")
