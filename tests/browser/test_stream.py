"""An answer in a real JupyterLab and Notebook 7: live, stopped, saved, reopened."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script, Stall

from .chromium import nodes
from .lab import Lab, NotebookPage

LIVE = ".edenai-view"
TEXT = "# Title\n\nSome **bold** text.\n\n```python\nprint('hi')\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\nThe end."
SAVED = f"!node.querySelector('{LIVE}')"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=200) as sandbox:
        yield sandbox


def open_notebook(front_end: Lab, sandbox: Sandbox, *cells: str, **how) -> NotebookPage:
    """A notebook whose first cell has pointed the extension at the sandbox."""
    setup = (
        "%load_ext edenai_nb\n"
        f"import edenai_nb as eden; eden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r})"
    )
    page = front_end.notebook([setup, *cells], **how)
    assert page.run(0), page.text(0)
    return page


def gated(sandbox: Sandbox, before: str, after: str) -> threading.Event:
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), before, Gate(gate), *Script.text(after).steps[1:]))
    return gate


def test_an_answer_streams_while_the_next_cell_runs_and_is_saved_as_ordinary_output(front_end, sandbox):
    page = open_notebook(front_end, sandbox, "%%edenchat ans\nhello", "1 + 1", "print(ans.complete)")
    gate = gated(sandbox, "# Title\n\nSome **bold** text.", "\n\nThe end.")
    page.run(1)
    page.wait_output(1, css=f"{LIVE} strong")
    page.run(2)
    assert page.text(2) == "2"
    assert "streaming" in page.text(1)
    gate.set()
    page.run(3)
    page.wait_output(1, text="The end.", js=SAVED)
    assert page.text(3) == "True"
    assert page.page_errors == []
    assert page.foreign_requests() == []


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("kernel", [True, False])
def test_a_reopened_notebook_shows_the_answer_and_holds_no_widget(lab, sandbox, trusted, kernel):
    sandbox.enqueue(TEXT)
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")
    page.run(1)
    page.wait_output(1, text="The end.", js=SAVED)
    page.save()
    page.reopen(trusted=trusted, kernel=kernel)
    page.wait_output(1, text="The end.", css="strong")
    page.wait_output(1, css="table td")
    nb = page.read_nb()
    assert "widgets" not in nb.metadata
    (output,) = nb.cells[1].outputs
    assert output.data["text/plain"] == TEXT
    assert not any("widget" in kind for kind in output.data)


def test_nbconvert_shows_the_answer_offline(lab, sandbox, tmp_path):
    sandbox.enqueue(TEXT)
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")
    page.run(1)
    page.wait_output(1, text="The end.", js=SAVED)
    page.save()
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(tmp_path), str(page.path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    html = (tmp_path / page.path.with_suffix(".html").name).read_text("utf-8")
    assert "<strong>bold</strong>" in html


def test_the_stop_button_is_there_from_the_first_moment_and_works_from_the_keyboard(front_end, sandbox):
    sandbox.enqueue(Script.raw(Stall()))
    page = open_notebook(front_end, sandbox, "%%edenchat ans\nhello")
    page.run(1)
    page.wait_output(1, css=".edenai-stop:enabled")
    button = page.output(1).locator(".edenai-stop")
    button.focus()
    page.page.keyboard.press("Enter")
    page.wait_output(1, text="Stopped.", js=SAVED)
    assert page.page.evaluate("Boolean(document.activeElement.closest('.jp-Cell'))")  # the focus is not lost
    assert sandbox.requests[0].client_gone.wait(5)


def test_the_stop_button_works_while_a_cell_waits_for_the_answer(front_end, sandbox):
    sandbox.enqueue(Script.raw(Opening(), "So far", Stall()))
    page = open_notebook(front_end, sandbox, "%%edenchat ans\nhello", "print(ans)")
    page.run(1)
    page.wait_output(1, text="So far")
    page.run(2, wait=False)
    page.output(1).locator(".edenai-stop").click()
    assert page.finished(2)
    assert page.text(2) == "So far"


# The loop turns only while the cell waits.
WAITING = "import asyncio; asyncio.get_running_loop().call_soon(print, 'now')\n%edenchat wait ans"


def test_an_interrupt_while_a_cell_waits_stops_the_answer(lab, sandbox):
    sandbox.enqueue(Script.raw(Opening(), "So far", Stall()))
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello", WAITING, "print(ans)")
    page.run(1)
    page.wait_output(1, text="So far")
    page.run(2, wait=False)
    page.wait_output(2, text="now")
    page.interrupt()
    page.wait_output(1, text="Stopped.", js=SAVED)
    assert not page.finished(2)
    assert page.run(3)
    assert page.text(3) == "So far"


def test_a_page_that_is_opened_again_in_mid_stream_shows_the_whole_answer(lab, sandbox):
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")
    gate = gated(sandbox, "The first half", ", the second half.")
    page.run(1)
    page.wait_output(1, text="The first half")
    page.save()
    page.reopen(trusted=True, same_kernel=True)
    page.wait_output(1, text="The first half")
    gate.set()
    page.wait_output(1, text="The first half, the second half.")


def test_a_view_shown_twice_draws_both(lab, sandbox):
    page = open_notebook(lab, sandbox, "turn = eden.Chat().send('hi')\nview = turn.show()", "display(view.widget)")
    gate = gated(sandbox, "The first half", ", the second half.")
    page.run(1)
    page.wait_output(1, text="The first half")
    page.run(2)
    page.wait_output(2, text="The first half")
    gate.set()
    page.wait_output(1, text="second half.", js=SAVED)


def test_a_selection_and_an_opened_block_survive_what_comes_after_them(lab, sandbox):
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")
    gate = threading.Event()
    before = "Please **select this**.\n\n<details><summary>More</summary>\n\ninside\n\n</details>\n\nNext"
    sandbox.enqueue(Script.raw(Opening(), before, Gate(gate), " one.", Stall()))
    page.run(1)
    page.wait_output(1, text="Next", css="details")
    page.page.evaluate(
        "() => { const area = panel.content.widgets[1].outputArea.node; area.querySelector('details').open = true;"
        " getSelection().selectAllChildren(area.querySelector('strong')); window.kept = area.querySelector('strong'); }"
    )
    gate.set()
    page.wait_output(1, text="Next one.", css=LIVE)
    live = page.page.evaluate(
        "() => [String(getSelection()), window.kept.isConnected, document.querySelector('details').open]"
    )
    assert live == ["select this", True, True]


def test_an_answer_that_is_asked_again_takes_the_place_of_the_one_before_in_memory_too(lab, sandbox):
    sandbox.enqueue(*["\n\n".join(f"*Line* {number}\n\n```python\nprint({number})\n```" for number in range(60))] * 4)
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")

    def ask() -> int:
        page.run(1)
        page.wait_output(1, js=f"{SAVED} && !!node.querySelector('.edenai-ends')")
        return nodes(page.page)

    first = ask()
    one = page.output(1).evaluate("(node) => node.querySelectorAll('*').length")
    held = [ask() for _ in range(3)]
    assert held[-1] < first + 2 * one, (one, first, held)


@pytest.mark.parametrize("live", [True, False])
def test_code_can_be_copied_and_put_into_a_cell_below(front_end, sandbox, live):
    page = open_notebook(front_end, sandbox, "%%edenchat ans\nhello")
    gate = gated(sandbox, "```python\nx = [1]\nprint(x)\n```\n\nSo", " it is.")
    page.run(1)
    if not live:
        gate.set()
    page.wait_output(1, text="So", js="true" if live else SAVED)
    page.output(1).locator(".edenai-code").hover()
    page.output(1).locator(".edenai-codetools button", has_text="Insert below").click()
    page.wait("panel.content.widgets.some((cell) => cell.model.sharedModel.source === 'x = [1]\\nprint(x)')")
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.output(1).locator(".edenai-codetools button", has_text="Copy").click()
    page.wait_output(1, text="Copied")
    assert page.page.evaluate("() => navigator.clipboard.readText()") == "x = [1]\nprint(x)"
    gate.set()


def test_the_page_follows_the_end_only_while_the_reader_sees_it(lab, sandbox):
    lines = "".join(f"- line {n}\n" for n in range(60))
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")
    gate, more = threading.Event(), threading.Event()
    sandbox.enqueue(Script.raw(Opening(), lines, Gate(gate), lines, Gate(more), *Script.text(lines).steps[1:]))
    page.run(1)
    page.wait_output(1, text="line 59")
    end = (
        "(() => { const stop = document.querySelector('.edenai-stop').getBoundingClientRect(); return stop.bottom; })()"
    )
    page.wait(f"{end} <= innerHeight")
    page.page.evaluate("() => { document.querySelector('.edenai-view li').scrollIntoView(); }")
    gate.set()
    page.wait_output(1, js="node.querySelectorAll('li').length >= 120")
    page.wait(f"{end} > innerHeight")
    more.set()


def test_the_status_is_announced_and_the_answer_is_labelled(lab, sandbox):
    sandbox.enqueue(Script.raw(Opening(), "So far", Stall()))
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")
    page.run(1)
    page.wait_output(1, css="[role=status][aria-live=polite]", text="streaming")
    page.wait_output(1, css="section[aria-label]")
    page.output(1).locator(".edenai-stop").click()
    page.wait_output(1, js=SAVED)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_status_follow_the_theme(lab, sandbox, theme):
    sandbox.enqueue(Script.raw(Opening(), TEXT, Stall()))
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello", theme=theme)
    page.run(1)
    page.wait_output(1, text="The end")
    colours = page.page.evaluate(
        "() => ['.edenai-markdown p', '.edenai-status']"
        ".map((css) => getComputedStyle(document.querySelector(css)).color)"
    )
    for colour in colours:
        brightness = sum(map(float, colour[colour.index("(") + 1 : -1].split(",")[:3])) / 3
        assert (brightness > 128) == (theme == "dark")
    page.output(1).locator(".edenai-stop").click()
    page.wait_output(1, js=SAVED)


def test_the_swap_to_the_saved_output_moves_nothing(lab, sandbox):
    page = open_notebook(lab, sandbox, "%%edenchat ans\nhello")
    gate = gated(sandbox, TEXT, "")
    page.run(1)
    page.wait_output(1, text="The end")
    boxes = (
        "() => ['h3', 'p', 'pre', 'table', 'th', 'td'].map((tag) => { const cell = panel.content.widgets[1]"
        ".outputArea.node.querySelector(`.edenai-markdown ${tag}`), box = cell.getBoundingClientRect();"
        " const align = getComputedStyle(cell).textAlign; return [tag + align, box.x, box.y, box.width, box.height]; })"
    )
    live = page.page.evaluate(boxes)
    gate.set()
    page.wait_output(1, text="The end", js=SAVED)
    saved = page.page.evaluate(boxes)
    for before, after in zip(live, saved, strict=True):
        assert before[0] == after[0]
        assert all(abs(b - a) <= 1 for b, a in zip(before[1:], after[1:], strict=True)), (before, after)


def test_the_quickstart_runs_from_top_to_bottom(lab):
    from pathlib import Path

    import nbformat

    quickstart = Path(__file__).parents[2] / "notebooks" / "1-quickstart.ipynb"
    cells = [cell.source for cell in nbformat.read(quickstart, 4).cells if cell.cell_type == "code"]
    page = lab.notebook(cells)
    assert page.run_all()
    page.wait(f"!document.querySelector('{LIVE}')")
    assert page.page_errors == []


def test_fifty_answers_at_once_all_end_complete(lab, sandbox):
    for n in range(50):
        sandbox.enqueue(
            Script.text(f"Answer {n}: " + "some words that take a while. " * 20 + f"End {n}.", tokens_per_s=60)
        )
    ask = "for n in range(50): get_ipython().run_cell_magic('edenchat', f'a{n} --once', 'go')"
    page = open_notebook(lab, sandbox, ask, "print(all(globals()[f'a{n}'].complete for n in range(50)))")
    page.run(1)
    ended = "[...Array(50).keys()].every((n) => node.innerText.includes(`End ${n}.`))"
    page.wait_output(1, js=f"{SAVED} && {ended}", timeout_s=90)
    page.run(2)
    assert page.text(2) == "True"
