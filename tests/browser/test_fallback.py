"""A front end that cannot draw our widget: the answer grows as plain markdown, and is saved as everywhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script

from .chromium import Sync
from .lab import Lab, Server
from .test_stream import open_notebook


@pytest.fixture
def lab_without_widgets(browser: Sync, tmp_path: Path) -> Iterator[Lab]:
    """A JupyterLab in which anywidget's part of the front end is switched off."""
    server = Server("lab", tmp_path)
    settings = tmp_path / "config" / "labconfig" / "page_config.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"disabledExtensions": {"anywidget": True}}))
    try:
        lab = Lab(server, browser)
        yield lab
        lab.close()
    finally:
        server.stop()


def test_the_answer_grows_as_markdown_and_says_how_to_stop_it(lab_without_widgets: Lab) -> None:
    rest = threading.Event()
    with Sandbox(tokens_per_s=None) as sandbox:
        half = Script.text(", and the **rest**.").steps[1:]
        sandbox.enqueue(Script.raw(Opening(), "The first **half**", Gate(rest), *half))
        page = open_notebook(lab_without_widgets, sandbox, "%%edenchat ans\nhello")
        page.run(1)
        page.wait_output(1, css=".jp-RenderedMarkdown strong", text="%edenchat stop")
        rest.set()
        page.wait_output(1, text="The first half, and the rest.", css=".edenai-markdown strong")
    page.save()
    assert page.read_nb().cells[1].outputs[0].data["text/plain"] == "The first **half**, and the **rest**."


def test_stop_works_there_too(lab_without_widgets: Lab) -> None:
    rest = threading.Event()
    with Sandbox(tokens_per_s=None) as sandbox:
        sandbox.enqueue(Script.raw(Opening(), "The first **half**", Gate(rest)))
        page = open_notebook(lab_without_widgets, sandbox, "%%edenchat ans\nhello")
        page.run(1)
        page.wait_output(1, text="%edenchat stop")
        page.run_new("%edenchat stop")
        page.wait_output(1, text="Stopped", css=".edenai-markdown strong")
        rest.set()
