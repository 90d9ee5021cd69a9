"""The notebooks run from top to bottom where nobody watches, and leave whole outputs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """For each path the notebook after its run, or why that failed. All run at once: they wait for answers mostly."""

    async def run(path):
        notebook = nbformat.read(path, as_version=4)
        folder = tmp_path_factory.mktemp(path.stem)
        return await NotebookClient(
            notebook, timeout=120, resources={"metadata": {"path": str(folder)}}
        ).async_execute()

    async def run_all():
        return await asyncio.gather(*map(run, NOTEBOOKS), return_exceptions=True)

    return dict(zip(NOTEBOOKS, asyncio.run(run_all()), strict=True))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_headless_and_its_file_holds_whole_answers(path, runs):
    notebook = runs[path]
    if isinstance(notebook, Exception):
        raise notebook
    answers = [cell for cell in notebook.cells if cell.source.startswith("%%edenchat")]
    for cell in answers:
        (output,) = cell.outputs
        assert {"text/html", "text/markdown", "text/plain"} == set(output.data)
        assert output.metadata["edenai_nb"]["complete"] is True
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    assert last.outputs
    assert "SANDBOX REPLY" not in str(last.outputs), "what a reader leaves with is a shout"


def test_the_notebooks_are_saved_without_outputs_and_know_their_language():
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        assert not any(cell.get("outputs") for cell in notebook.cells), path.name
        assert notebook.metadata.language_info.pygments_lexer == "ipython3"
