"""`--schema` and `--json` in a real kernel: the variable is the object."""

from __future__ import annotations

import pytest

from ..kernel import Kernel

LABEL = """
from dataclasses import dataclass

@dataclass
class Label:
    name: str
    score: float | None = None
"""


def test_the_variable_is_the_object_and_eden_keeps_the_reply(notebook: Kernel, sandbox) -> None:
    assert notebook.run(LABEL).status == "ok"
    sandbox.enqueue('{"value": [{"name": "a", "score": null}]}')
    notebook.run("%%edenchat labels --schema list[Label]\nWhich?")
    told = notebook.run("print(labels, _eden.value == labels, _eden.cost > 0)")
    assert told.stdout == "[Label(name='a', score=None)] True True\n", told.traceback

    sandbox.enqueue('{"value": "yes"}')
    assert notebook.run("""%edenchat --schema 'Literal["yes", "no"]' Is it?""").value == "'yes'"

    notebook.run("%%edenchat data --json\nAny")
    assert notebook.run("type(data).__name__").value == "'dict'"

    for _ in range(2):
        sandbox.enqueue('{"value": [{"name": 1, "score": null}]}')
    notebook.run("%%edenchat labels --schema list[Label]\nWhich?")
    failed = notebook.run("labels")
    assert failed.error == "SchemaMismatch"
    assert len(failed.traceback) == 1
    assert "$[0].name: expected `str`, got `int`" in failed.traceback[0]
    assert notebook.run("print(_eden)").stdout == '{"value": [{"name": 1, "score": null}]}\n'


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Lable", "There is no Lable for --schema: did you mean Label?"),
        ("Label(", "--schema takes a type, such as Label"),
        ("3", "schema takes a type"),
        ("Label --json", "take one of them"),
    ],
)
def test_what_is_no_schema_is_refused_before_anything_is_sent(shared_notebook, sandbox, typed: str, words: str) -> None:
    shared_notebook.run("class Label: pass")
    refused = shared_notebook.run(f"%%edenchat --schema {typed}\nWhich?")
    assert refused.error == "InvalidInput"
    assert words in refused.traceback[0]
    assert "othing was sent" in refused.traceback[0]
    assert sandbox.requests == []


def test_a_frame_is_the_variable_and_the_output_is_a_table(notebook: Kernel, sandbox) -> None:
    notebook.run(LABEL)
    sandbox.enqueue('{"value": [{"name": "a", "score": null}, {"name": "b", "score": 2}]}')
    shown = notebook.run("%%edenchat df --schema list[Label] --frame\nWhich?")
    told = notebook.run("print(type(df).__module__, df.shape, df.score.dtype, type(_eden).__name__)")
    assert told.stdout == "pandas (2, 2) Float64 Reply\n", told.traceback
    notebook.wait(lambda: "<table" in shown.outputs[0].data.get("text/html", ""))
    assert "JSON" in shown.outputs[0].data["text/html"]
    assert shown.outputs[0].data["text/plain"].startswith('{"value"')

    notebook.run("del df; import polars as pl; globals().pop('pd', None)")
    sandbox.enqueue('{"rows": [{"a": 1}]}')
    notebook.run("%%edenchat df --frame\nWhich?")
    assert notebook.run("print(type(df).__module__.partition('.')[0], df.shape)").stdout == "polars (1, 1)\n"

    sandbox.enqueue('{"a": 1}')
    notebook.run("%%edenchat df --frame\nWhich?")
    failed = notebook.run("df")
    assert failed.error == "InvalidInput"
    assert "holds no table" in failed.traceback[0]


def test_the_form_decides_how_an_answer_is_shown(shared_notebook, sandbox) -> None:
    sandbox.enqueue("# Title")
    shown = shared_notebook.run("%%edenchat -f text --wait\nWhich?")
    assert "<h1" not in shown.outputs[0].data["text/html"]
    assert "# Title" in shown.outputs[0].data["text/html"]
    sandbox.enqueue("Here:\n\n```python\nx = 1\n```\n\n```python\ny = 2\n```\n")
    coded = shared_notebook.run("%%edenchat -f code --wait\nWhich?")
    assert [payload["text"] for payload in coded.reply["payload"]] == ["x = 1\n\ny = 2"]
    assert "<p>Here" not in coded.outputs[0].data["text/html"]
    refused = shared_notebook.run("%%edenchat -f xml\nWhich?")
    assert "'xml' is none of markdown, text, code, json" in refused.traceback[0]
