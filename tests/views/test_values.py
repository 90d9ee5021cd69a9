"""What a chat window knows of the notebook's variables."""

from __future__ import annotations

import math
import sys
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from edenai_nb import attachments
from edenai_nb.errors import InvalidInput
from edenai_nb.views import values

TABLE = pd.DataFrame({"city": [f"town {i}" for i in range(80)]})


@pytest.fixture(autouse=True)
def notebook(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names of a notebook, which has had no error."""
    names: dict[str, Any] = {"In": [], "sales": TABLE, "rate": 0.25, "_hidden": 1, "math": math, "f": len}
    shell = SimpleNamespace(user_ns=names, user_ns_hidden={"In": []})
    monkeypatch.setattr(values, "get_ipython", lambda: shell)
    monkeypatch.delattr(sys, "last_value", raising=False)
    return names


def test_offered_is_what_the_user_has_made_with_its_type() -> None:
    assert values.names() == [["rate", "float"], ["sales", "DataFrame"]]


def test_of_a_large_table_its_schema_goes_along_and_no_value() -> None:
    (part,) = values.parts("sales")
    assert attachments.label(part) == "sales · schema of 80 x 1"
    assert "town" not in part["text"]


def test_the_last_error_goes_along_unless_the_notebook_has_a_variable_of_this_name(
    monkeypatch: pytest.MonkeyPatch, notebook: dict[str, Any]
) -> None:
    monkeypatch.setattr(sys, "last_value", ZeroDivisionError("no"), raising=False)
    assert "ZeroDivisionError" in values.parts("error")[0]["text"]
    notebook["error"] = "mine"
    assert "mine" in values.parts("error")[0]["text"]


@pytest.mark.parametrize("error", [InvalidInput("of a question"), KeyboardInterrupt()])
def test_a_question_that_failed_is_no_error_of_the_notebook(monkeypatch: pytest.MonkeyPatch, error: Any) -> None:
    monkeypatch.setattr(sys, "last_value", error, raising=False)
    assert [one["name"] for one in values.suggestions()] == ["sales", "sales"]
    with pytest.raises(InvalidInput):
        values.parts("error")


def test_a_variable_that_is_gone_is_refused_by_its_name() -> None:
    for name in ("gone", "error", "_hidden", "math"):
        with pytest.raises(InvalidInput, match=f"no variable '{name}'"):
            values.parts(name)


def test_suggested_is_what_there_is(monkeypatch: pytest.MonkeyPatch, notebook: dict[str, Any]) -> None:
    assert [one["text"] for one in values.suggestions()] == ["Explain sales", "Suggest a chart for sales"]
    notebook |= {"first": 1, "costs": TABLE}
    monkeypatch.setattr(sys, "last_value", ValueError(), raising=False)
    asked = values.suggestions()
    assert [one["text"] for one in asked] == ["Fix the last error", "Explain costs", "Explain sales"]
    assert [one["name"] for one in asked] == ["error", "costs", "sales"]
    notebook.clear()
    monkeypatch.delattr(sys, "last_value")
    assert values.suggestions() == []


def test_messages_that_read_objects_are_told_from_those_that_do_not() -> None:
    assert values.touches({"kind": "send", "text": "{{x}}"})
    assert values.touches({"kind": "send", "text": "x", "values": ["x"]})
    assert values.touches({"kind": "value", "name": "x"})
    assert not values.touches({"kind": "send", "text": "{x}", "values": []})
    assert not values.touches({"kind": "stop"})


def test_without_the_magics_a_text_is_sent_as_typed() -> None:
    assert values.filled("{{rate}}", ()) == ("{{rate}}", [])
