"""`--image`, `--file` and the last figure in a real kernel, and what the sandbox saw of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..kernel import Kernel


def sent(sandbox: Any) -> list[dict[str, Any]]:
    return list(sandbox.requests[-1].json["messages"][-1]["content"])


def test_pictures_and_files_go_with_the_question(notebook: Kernel, sandbox, tmp_path: Path) -> None:
    (tmp_path / "my notes.txt").write_text("three facts")
    for cell in ("%%edenchat --image last-figure\nWhat is it?", "%%edenchat\nWhat is {{last_figure}}?"):
        assert "No cell has shown a picture" in notebook.run(cell).traceback[0]

    notebook.run("import matplotlib; matplotlib.use('module://matplotlib_inline.backend_inline')")
    notebook.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show(); notes = b'%PDF-1.4 x'")
    shown = notebook.run(f"%%edenchat --once --image last-figure --file '{tmp_path}/my*.txt' --file notes\nWhat is it?")
    assert shown.status == "ok", shown.traceback
    notebook.run("_eden")
    text, picture, words, pdf = sent(sandbox)
    assert text == {"type": "text", "text": "What is it?"}
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert words["text"].startswith('Attached file "my notes.txt"')
    assert pdf["file"]["file_data"].startswith("data:application/pdf;base64,")
    notebook.wait(lambda: "my notes.txt" in shown.outputs[0].data.get("text/html", ""))
    kept = shown.outputs[0].metadata["edenai_nb"]["files"]
    assert [file["name"] for file in kept] == ["last-figure", "my notes.txt", "notes"]

    notebook.run("%%edenchat --once --wait\nWhat is {{last_figure}}?")
    assert sent(sandbox)[1] == picture


def test_a_picture_that_is_the_value_of_a_cell_is_the_last_one(notebook: Kernel, sandbox) -> None:
    notebook.run("from PIL import Image; Image.new('RGB', (2, 3))")
    dry = notebook.run("%%edenchat --dry-run --image last-figure\nWhat?")
    assert "[last-figure]" in dry.outputs[0].data["text/plain"]
    assert "with last-figure" in dry.outputs[0].data["text/plain"]
    refused = notebook.run("%%edenchat --file nowhere.pdf\nWhat?")
    assert "There is no file 'nowhere.pdf'" in refused.traceback[0]
    assert sandbox.requests == []


OLDER = "from IPython.display import SVG, HTML, publish_display_data; from PIL import Image; Image.new('RGB', (2, 3))"
SVG = """SVG('<svg xmlns="http://www.w3.org/2000/svg"/>')"""
AS_PLOTLY = "publish_display_data({'application/vnd.plotly.v1+json': {'data': [], 'layout': {}}})"
AS_VEGA = "display({'application/vnd.vegalite.v6.json': '{}', 'text/plain': 'chart'}, raw=True)"


def test_the_last_figure_is_what_was_shown_last_or_a_line_never_an_older_one(notebook: Kernel, sandbox) -> None:
    for newer in (SVG, AS_PLOTLY, AS_VEGA):
        notebook.run(OLDER)
        assert notebook.run(newer).status == "ok"
        for cell in ("%%edenchat --image last-figure\nWhat?", "%%edenchat\nWhat is {{last_figure}}?"):
            refused = notebook.run(cell)
            assert "nothing was sent" in refused.traceback[0]
            assert len(refused.traceback) == 1
    assert sandbox.requests == []

    notebook.run("display({'image/jpeg': b'\\xff\\xd8\\xff0'}, raw=True); 1")
    notebook.run("%%capture\ndisplay(SVG('<svg/>'))")
    notebook.run(f"{SVG};")  # not shown either
    notebook.run("%%edenchat --once --wait\nWhat is {{last_figure}}?")
    assert sent(sandbox)[1]["image_url"]["url"] == "data:image/jpeg;base64,/9j/MA=="
