"""Notebooks that run where nobody watches: every answer is whole in the file, and no widget of ours is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import nbformat
import pytest
from nbclient import NotebookClient

from edenai_nb.sandbox import Sandbox, Script

SAID = "It is four. " * 20


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        for _ in range(4):
            sandbox.enqueue(Script.text(SAID, tokens_per_s=400))
        yield sandbox


@pytest.fixture
def run(sandbox: Sandbox, clean_surroundings: object) -> Callable[..., nbformat.NotebookNode]:
    def run(*cells: str) -> nbformat.NotebookNode:
        setup = f"import edenai_nb as eden\neden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r})"
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (setup, *cells)])
        NotebookClient(nb, timeout=60, kernel_name="python3").execute()
        return nb

    return run


def texts(nb: nbformat.NotebookNode, cell: int = -1) -> list[str]:
    return [str(output.data["text/plain"]) for output in nb.cells[cell].outputs]


@pytest.mark.parametrize("last", ["eden.Chat().send('2 + 2?')", "eden.Chat().send('2 + 2?').show();"])
def test_a_turn_at_the_end_is_whole(run, last):
    nb = run(last)
    assert texts(nb) == [SAID]
    assert nb.cells[-1].outputs[0].metadata["edenai_nb"]["complete"] is True
    assert "widgets" not in nb.metadata


def test_a_failed_turn_at_the_end_says_so_and_the_notebook_goes_on(run, sandbox):
    sandbox.requests.clear()
    nb = run("eden.Chat(base_url='http://127.0.0.1:9', retry_s=0.01).send('2 + 2?')", "1 + 1")
    assert "refuses the connection" in nb.cells[1].outputs[0].data["text/html"]
    assert texts(nb) == ["2"]


def test_a_window_at_the_end_waits_for_what_it_asked_and_is_whole(run):
    nb = run("window = eden.ChatWidget()\nwindow.chat.send('2 + 2?')\nwindow")
    (text,) = texts(nb)
    assert SAID in text
    assert "2 + 2?" in text
    assert "widgets" not in nb.metadata


def test_a_window_holds_what_later_cells_ask(run):
    nb = run("window = eden.ChatWidget()\nwindow", "window.chat.ask('2 + 2?')", "window.chat.ask('3 + 3?')")
    (text,) = texts(nb, 1)
    assert text.count(SAID) == 2
    assert "widgets" not in nb.metadata


def test_an_answer_inside_of_the_users_widgets_is_whole(run):
    nb = run(
        "import ipywidgets\nout, html = ipywidgets.Output(), ipywidgets.HTML()\ndisplay(out, html)",
        "with out: display(eden.Chat().send('2 + 2?'))",
        "eden.Chat().send('2 + 2?').show(into=html)",
    )
    state = nb.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    states = {model["model_name"]: model["state"] for model in state.values()}
    (output,) = states["OutputModel"]["outputs"]
    assert output["data"]["text/plain"] == SAID
    assert "It is four." in states["HTMLModel"]["value"]
    assert "AnyModel" not in states
