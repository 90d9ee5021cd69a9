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
from .test_stream import LIVE, SAVED, gated, open_notebook

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
    # The page says so after it has drawn it; a subshell hears that while the cell runs.
    page.wait_output(page.run_new(GONE), text="gone")


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


GONE = "from edenai_nb.views.answers_view import _kept\nimport time\nwhile _kept: time.sleep(0.05)\nprint('gone')"
OUTPUT = "import ipywidgets\nout = ipywidgets.Output(); display(out)\nwith out: display(eden.Chat().send('hello'))"
INTERACT = "@ipywidgets.interact(x=['a', 'b'])\ndef ask(x): return eden.Chat().send(x)"
TAB = "box = ipywidgets.Output(); display(ipywidgets.Tab([box]))\nwith box: eden.Chat().send('hello').show()"
BUTTON = """button, log = ipywidgets.Button(description='Go'), ipywidgets.Output()
@log.capture()
def go(_): display(eden.Chat().send('hello'))
button.on_click(go); display(button, log)"""


def test_an_answer_inside_of_another_widget_stays(lab: Lab, sandbox: Sandbox) -> None:
    gates = [gated(sandbox, TEXT[:15], TEXT[15:]) for _ in range(4)]
    page = open_notebook(lab, sandbox, OUTPUT, INTERACT, TAB, BUTTON)
    for cell in range(1, 5):
        page.run(cell)
        if cell == 4:
            page.output(cell).locator("button").click()
        page.wait_output(cell, css=LIVE, text="The first half")
        gates[cell - 1].set()
        page.wait_output(cell, text=SHOWN, js=SAVED)
    page.save()
    left = page.run_new(f"{GONE}\nprint(out.outputs[0]['data']['text/plain'])")
    page.wait_output(left, text=f"gone\n{TEXT}")  # the Output holds it, nobody else needs to
    reload(page)
    for cell in range(1, 5):
        page.wait_output(cell, text=SHOWN, js=SAVED)
    assert page.page_errors == []


def test_an_answer_that_was_captured_is_there_once_whenever_it_is_shown(lab: Lab, sandbox: Sandbox) -> None:
    gate = gated(sandbox, TEXT[:15], TEXT[15:])
    page = open_notebook(lab, sandbox, "%%capture cap\nturn = eden.Chat().send('hello'); display(turn)", "cap.show()")
    page.run(1)
    page.run(2)
    page.wait_output(2, css=LIVE, text="The first half")
    gate.set()
    page.wait_output(2, text=SHOWN, js=SAVED)
    later = page.run_new("cap.show()")
    page.wait_output(later, text=SHOWN, js=SAVED)
    page.save()
    for cell in (2, later):
        assert [output.data["text/plain"] for output in page.read_nb().cells[cell].outputs] == [TEXT]


def test_an_answer_ends_well_beside_a_cell_that_captures(lab: Lab, sandbox: Sandbox) -> None:
    gate = gated(sandbox, TEXT[:15], TEXT[15:])
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello", "%%capture cap\n_eden.complete", "len(cap.outputs)")
    page.run(1)
    page.run(2, wait=False)
    page.run(3, wait=False)
    page.wait_output(1, text="The first half")
    gate.set()
    assert page.finished(3)
    page.wait_output(1, text=SHOWN, js=SAVED)
    assert page.text(3) == "1"  # its own value, no part of the answer and no waiting line


def talk(page: NotebookPage, sandbox: Sandbox, *questions: str) -> None:
    for question in questions:
        sandbox.enqueue(f"Answer to {question}")
        page.run_new(f"window.chat.ask({question!r});")
    page.wait_output(1, text=f"Answer to {questions[-1]}", js="!node.querySelector('[aria-busy=true]')")


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


def test_a_waiting_cell_says_so_and_leaves_nothing_behind(
    front_end: Lab, sandbox: Sandbox, rest: threading.Event
) -> None:
    page = open_notebook(front_end, sandbox, "%%edenchat ans\nhello", "print('before')\nprint(ans)\nprint('after')")
    page.run(1)
    page.run(2, wait=False)
    page.wait_output(2, css=".edenai-waiting", text="waiting for ans")
    rest.set()
    assert page.finished(2)
    page.wait_output(2, text=f"{TEXT}\nafter", js="!node.querySelector('.edenai-waiting')")
    page.save()
    assert [output.output_type for output in page.read_nb().cells[2].outputs] == ["stream", "stream"]


WAYS = [(True, True), (True, False), (False, True), (False, False)]  # trusted, with a kernel
STILL = "still streaming when this was saved"


def assert_windows_are_read(page: NotebookPage, texts: list[str], ways: list[tuple[bool, bool]]) -> None:
    """Whoever opens the file sees these texts, a cell each, and the file holds them and no widget."""
    nb = page.read_nb()
    nbformat.validate(nb)
    assert "widgets" not in nb.metadata
    for cell, text in enumerate(texts, start=1):
        (output,) = nb.cells[cell].outputs
        assert text in output.data["text/plain"]
        assert not any("widget" in kind for kind in output.data)
    for trusted, kernel in ways:
        page.reopen(trusted=trusted, kernel=kernel)
        for cell, text in enumerate(texts, start=1):
            page.wait_output(cell, text=text)


def test_a_window_is_read_again_whenever_it_was_saved(front_end: Lab, sandbox: Sandbox) -> None:
    """Before the first word, in mid-text, ended while the page was away, ended; and all after the kernel's end."""
    starts = ["", "The first", "The second", "The third"]
    first = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), Gate(first)))
    gates = [gated(sandbox, start, " half, and the rest.") for start in starts[1:]]
    page = open_notebook(front_end, sandbox, *("window = eden.ChatWidget(); window" for _ in starts))
    for cell, start in enumerate(starts, start=1):
        page.run(cell)
        page.wait_output(cell, css=CHAT)
        page.run_new(f"window.chat.send('question {cell}');")
        page.wait_output(cell, js=f"node.textContent.includes('{start or 'question 1'}')")  # it may be out of sight
    gates[2].set()
    page.wait_output(4, js="node.textContent.includes('The third half, and the rest.')")
    page.save()
    page.page.goto("about:blank")
    gates[1].set()
    reload(page)
    assert "The third half" in saved_text(page, 4)  # also while the page waits for the kernel's first word
    page.wait_output(3, js="node.textContent.includes('The second half, and the rest.')")
    page.wait_output(1, js="node.textContent.includes('question 1')")
    page.save()
    ways = WAYS if front_end.frontend == "lab" else WAYS[1::2]
    texts = [STILL, "The first", "The second half, and the rest.", "The third half, and the rest."]
    assert_windows_are_read(page, texts, ways)
    for gate in (first, *gates):
        gate.set()


def test_a_window_keeps_what_was_said_when_its_kernel_restarts_and_goes_on_with_it(
    front_end: Lab, sandbox: Sandbox
) -> None:
    page = open_notebook(front_end, sandbox, WINDOW)
    page.run(1)
    page.wait_output(1, css=CHAT)
    talk(page, sandbox, "one", "two")
    page.restart()
    page.wait_output(1, text="Answer to two", js=f"!node.querySelector('{CHAT}')")
    # not saved meanwhile: the page remembers
    go_on(page, "three", sandbox)
    page.save()
    assert_windows_are_read(page, ["Answer to three"], WAYS[::3] if front_end.frontend == "lab" else WAYS[3:])
    assert "Answer to one" in page.read_nb().cells[1].outputs[0].data["text/plain"]
    # another page, another kernel: the file remembers
    page.reopen()
    go_on(page, "four", sandbox)


def go_on(page: NotebookPage, question: str, sandbox: Sandbox) -> None:
    """Run the window's cell with a new kernel, and ask: the model is told what was said before."""
    page.run(0)
    page.run(1)
    page.wait_output(1, css=CHAT, text="Answer to one")
    talk(page, sandbox, question)
    told = [message["content"] for message in sandbox.requests[-1].json["messages"]]
    assert told[:3] == ["one", "Answer to one", "two"]
    assert told[-1] == question
