"""The harness itself: what the other browser tests rely on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import edenai_nb

from .lab import Lab

GREETER = """
import threading, time, anywidget

class Greeter(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
        model.on("msg:custom", (message) => { el.textContent = message.greeting; });
        el.textContent = "waiting";
        model.send({ ready: true });
    } }'''

greeter, ready = Greeter(), threading.Event()
greeter.on_msg(lambda widget, content, buffers: ready.set())

def greet():
    if ready.wait(30):
        greeter.send({"greeting": "hello from a thread"})

threading.Thread(target=greet).start()
greeter
"""


def test_a_cell_runs_in_the_python_and_with_the_package_of_the_tests(front_end: Lab) -> None:
    page = front_end.notebook(["import sys, edenai_nb; print(sys.executable); print(edenai_nb.__file__)"])

    assert page.run(0)
    page.wait_output(0, text="edenai_nb")
    assert page.text(0).splitlines() == [sys.executable, edenai_nb.__file__]


def test_a_cell_that_fails_says_so_and_later_cells_still_run(front_end: Lab) -> None:
    page = front_end.notebook(["1 / 0", "x = 20"])

    assert page.run(0) is False
    page.wait_output(0, text="ZeroDivisionError")
    assert page.run_all() is False
    page.set_source(0, "x = 1")
    assert page.run_all() is True
    last = page.run_new("x + 22")
    page.wait_output(last, text="42")
    assert page.text(last) == "42"


def test_a_widget_receives_a_message_from_a_thread_while_the_kernel_is_idle(front_end: Lab) -> None:
    page = front_end.notebook([GREETER])
    before = page.bytes_received

    page.run(0)

    page.wait_output(0, text="hello from a thread")
    assert page.output(0).locator(".jp-OutputArea-output").inner_text() == "hello from a thread"
    assert page.bytes_received > before + len(GREETER) // 4
    assert page.frames_received > 0


def test_a_started_cell_leaves_the_page_free_and_can_be_interrupted(front_end: Lab) -> None:
    page = front_end.notebook(["import time; print('asleep', flush=True); time.sleep(600)", "'awake'"])

    page.run(0, wait=False)
    page.wait_output(0, text="asleep")
    page.interrupt()

    assert page.finished(0) is False
    page.wait_output(0, text="KeyboardInterrupt")
    assert page.run(1)
    page.wait_output(1, text="awake")


def test_a_restarted_kernel_has_forgotten(lab: Lab) -> None:
    page = lab.notebook(["x = 1", "x"])
    page.run(0)

    page.restart()

    assert page.run(1) is False
    page.wait_output(1, text="NameError")


def test_saved_outputs_are_on_disk_and_back_after_reopening(front_end: Lab) -> None:
    page = front_end.notebook(["from IPython.display import HTML; HTML('<b class=\"mine\">kept</b>')"])
    page.run(0)
    page.wait_output(0, css=".mine")
    page.save()

    assert page.read_nb().cells[0].outputs[0].data["text/html"] == '<b class="mine">kept</b>'
    page.reopen()
    page.wait_output(0, css=".mine")
    assert page.trusted()
    assert page.run(0)


def test_trust_is_as_asked_for(lab: Lab) -> None:
    page = lab.notebook(["from IPython.display import HTML; HTML('<b onclick=\"1\">kept</b>')"])
    page.run(0)
    page.wait_output(0, css="[onclick]")
    page.save()

    page.reopen(trusted=False)
    page.wait_output(0, css="b:not([onclick])")
    assert not page.trusted()

    page.reopen(trusted=True)
    page.wait_output(0, css="b[onclick]")
    assert page.trusted()


def test_a_reopened_notebook_has_the_same_kernel_a_new_one_or_none(lab: Lab) -> None:
    page = lab.notebook(["import os; os.getpid()"])
    page.run(0)
    page.wait_output(0, js="/\\d/.test(node.innerText)")
    first = page.text(0)
    page.save()

    page.reopen(same_kernel=True)
    same = page.run_new("os.getpid()")
    page.wait_output(same, text=first)

    page.reopen(kernel=False)
    page.wait_output(0, text=first)
    assert page.page.evaluate("panel.sessionContext.session") is None

    page.reopen()
    page.run(0)
    page.wait_output(0, js=f"/\\d/.test(node.innerText) && !node.innerText.includes('{first}')")


def test_the_theme_is_as_asked_for(front_end: Lab, tmp_path: Path) -> None:
    background = "getComputedStyle(panel.content.node).backgroundColor"
    pages = [front_end.notebook(["1"], theme=theme) for theme in ("dark", "light")]

    assert [page.page.evaluate(background) for page in pages] == ["rgb(17, 17, 17)", "rgb(255, 255, 255)"]
    pages[0].screenshot(tmp_path / "theme.png")
    assert (tmp_path / "theme.png").read_bytes().startswith(b"\x89PNG")


def test_a_wait_that_fails_says_what_the_cell_shows(lab: Lab) -> None:
    page = lab.notebook(["print('something else')"])
    page.run(0)
    page.wait_output(0, text="something")

    with pytest.raises(AssertionError, match=r"not so within 0\.1 s.*cell 0 shows: 'something else'"):
        page.wait_output(0, text="nowhere", timeout_s=0.1)


def test_requests_and_errors_of_the_page_are_seen(lab: Lab) -> None:
    page = lab.notebook(["1"])
    assert page.foreign_requests() == []
    assert page.page_errors == []
    assert any("/channels" in url for url in page.requests)

    page.page.evaluate("fetch('http://127.0.0.1:9/x').catch(() => console.error('refused'))")
    page.page.evaluate("setTimeout(() => { throw new Error('on purpose'); })")
    page.wait("true")

    assert page.foreign_requests() == ["http://127.0.0.1:9/x"]
    assert "refused" in page.console_errors
    assert any("on purpose" in error for error in page.page_errors)
