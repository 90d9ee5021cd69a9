"""Nothing is lost: pages that close, load again or come back, cells and chat windows, in the file and on the screen."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator

import nbformat
import pytest

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script

from .lab import Lab, NotebookPage
from .test_stream import LIVE, SAVED, open_notebook

MOMENTS = int(os.environ.get("EDENAI_TEST_MOMENTS", "4"))  # each loads the page again, which takes three seconds
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
    left = page.run_new("from edenai_nb.views import live; print(len(live._kept))")
    page.wait_output(left, text="0")


@pytest.mark.timeout(400)
def test_an_answer_survives_a_reload_at_any_of_many_moments(lab: Lab, sandbox: Sandbox) -> None:
    words = [f"word{number} " for number in range(MOMENTS)]
    gates = [threading.Event() for _ in words]
    steps = [step for word, gate in zip(words, gates, strict=True) for step in (word, Gate(gate))]
    sandbox.enqueue(Script.raw(Opening(), *steps, *Script.text("the end").steps[1:]))
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")
    page.run(1)
    for word, gate in zip(words, gates, strict=True):
        page.wait_output(1, css=LIVE, text=word.strip())
        page.save()
        reload(page)
        page.wait_output(1, css=LIVE, text=word.strip())
        gate.set()
    page.wait_output(1, text="the end", js=SAVED)
    assert saved_text(page, 1) == "".join(words) + "the end"


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


def test_a_window_is_there_again_whoever_opens_the_notebook(front_end: Lab, sandbox: Sandbox) -> None:
    page = open_notebook(front_end, sandbox, WINDOW)
    page.run(1)
    page.wait_output(1, css=CHAT)
    talk(page, sandbox, "one", "two")
    assert "Answer to two" in saved_text(page, 1)
    # with its kernel: the window itself
    page.reopen(same_kernel=True)
    page.wait_output(1, css=f"{CHAT} textarea", text="Answer to two")
    assert "Answer to two" in saved_text(page, 1)
    # without: what was said
    for trusted, kernel in itertools.product((True, False), (True, False)):
        page.reopen(trusted=trusted, kernel=kernel)
        page.wait_output(1, text="Answer to two")
    assert not any("widget" in kind for kind in page.read_nb().cells[1].outputs[0].data)
    assert "widgets" not in page.read_nb().metadata
    assert page.page_errors == []


@pytest.mark.parametrize("first", ["", TEXT[:15]], ids=["before the first word", "in mid-text"])
def test_an_answer_that_was_saved_as_it_came_can_be_read_without_its_kernel(
    lab: Lab, sandbox: Sandbox, first: str
) -> None:
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), *([first] if first else []), Gate(gate)))
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")
    page.run(1)
    page.wait_output(1, css=LIVE, text=first or "waiting")
    page.save()
    for trusted, kernel in itertools.product((True, False), (True, False)):
        page.reopen(trusted=trusted, kernel=kernel)
        page.wait_output(1, text="still streaming when this was saved")
        assert first in page.text(1)
    gate.set()


def test_saving_leaves_a_live_view_alone(lab: Lab, sandbox: Sandbox, rest: threading.Event) -> None:
    page = half_an_answer(lab, sandbox)
    page.page.evaluate(f"window.live = document.querySelector('{LIVE}')")
    for _ in range(2):
        page.save()
    assert page.page.evaluate(f"window.live.isConnected && document.querySelector('{LIVE}') === window.live")
    assert page.page.evaluate("panel.context.model.dirty") is False
    rest.set()
    page.wait_output(1, text=SHOWN, js=SAVED)


def test_a_window_whose_cell_is_run_again_takes_its_conversation_up(lab: Lab, sandbox: Sandbox) -> None:
    page = open_notebook(lab, sandbox, WINDOW)
    page.run(1)
    page.wait_output(1, css=CHAT)
    talk(page, sandbox, "one")
    page.run(1)
    page.wait_output(1, css=CHAT, text="Answer to one")
