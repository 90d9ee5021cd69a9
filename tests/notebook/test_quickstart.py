"""The notebooks run from top to bottom where nobody watches, and leave whole outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_headless_and_its_file_holds_whole_answers(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    answers = [cell for cell in notebook.cells if cell.source.startswith("%%edenchat")]
    for cell in answers:
        (output,) = cell.outputs
        assert {"text/html", "text/markdown", "text/plain"} == set(output.data)
        assert output.metadata["edenai_nb"]["complete"] is True
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    assert last.outputs
    assert "SANDBOX REPLY" not in str(last.outputs), "what a reader leaves with is a shout"


def test_the_notebooks_are_saved_without_outputs_and_know_their_language():
    for path in NOTEBOOKS.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        assert not any(cell.get("outputs") for cell in notebook.cells), path.name
        assert notebook.metadata.language_info.pygments_lexer == "ipython3"
