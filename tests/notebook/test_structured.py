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
