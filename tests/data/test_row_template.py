"""A prompt with `{{row}}` in it: what a name stands for is in the prompt, or the row is not sent."""

from __future__ import annotations

import json
import math
import sqlite3
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from edenai_nb.data.row_template import MISSING, RowTemplate
from edenai_nb.errors import InvalidInput

ABSENT = [None, math.nan, np.float64("nan"), np.datetime64("NaT"), pd.NA, pd.NaT, Decimal("NaN")]


def record(**fields: Any) -> Any:
    """A row as sqlite3 reads it."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    columns = ", ".join(f"? as {name}" for name in fields)
    return connection.execute(f"select {columns}", list(fields.values())).fetchone()


@pytest.mark.parametrize("absent", ABSENT, ids=repr)
@pytest.mark.parametrize(
    ("template", "wrap"),
    [
        ("{{row}}", lambda value: value),
        ("{{row.a}}", lambda value: {"a": value}),
        ("{{row['a']}}", lambda value: pd.Series({"a": value, "b": "x"}, dtype=object)),
        ("{{row[1]}}", lambda value: ["x", value]),
        ("{{row.a.b[0]}}", lambda value: {"a": value}),
        ("{{row.a!r}}", lambda value: {"a": value}),
        ("{{row.a:.2f}}", lambda value: {"a": value}),
    ],
)
def test_a_missing_value_that_is_named_is_not_sent_wherever_it_lies(template: str, wrap: Any, absent: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        RowTemplate(f"Say {template}").fill(wrap(absent))
    assert caught.value.code == MISSING
    assert str(caught.value).startswith(f"{template} is missing here")


@pytest.mark.parametrize("absent", ABSENT, ids=repr)
@pytest.mark.parametrize("wrap", [dict, lambda fields: pd.Series(fields, dtype=object)])
def test_in_a_whole_record_what_is_missing_is_null(absent: Any, wrap: Any) -> None:
    said = RowTemplate("{{row}}").fill(wrap({"title": "x", "price": absent, "more": [absent, {"deep": absent}]}))
    assert said == '{"title": "x", "price": null, "more": [null, {"deep": null}]}'


def test_a_whole_record_is_json_that_any_reader_takes() -> None:
    odd = {1: np.int64(5), ("a", "b"): math.inf, "day": pd.Timestamp("2026-11-27"), "é": (1.5, True)}
    said = RowTemplate("{{row}}").fill(odd)
    refuse: Any = pytest.fail
    assert json.loads(said, parse_constant=refuse) == {
        "1": 5,
        "('a', 'b')": "inf",
        "day": "2026-11-27 00:00:00",
        "é": [1.5, True],
    }


@pytest.mark.parametrize("value", ["", 0, False, [], {}, math.inf, np.array([]), np.array([1.0, math.nan])])
def test_what_is_there_is_sent(value: Any) -> None:
    assert RowTemplate("{{row}}").fill(value) == RowTemplate("{{row.a}}").fill({"a": value})


@pytest.mark.parametrize("row", [pd.Series({"name": "x", "size": 3}, name="index"), record(name="x", size=3)])
def test_a_field_comes_before_an_attribute(row: Any) -> None:
    assert RowTemplate("{{row.name}} {{row['size']}} {{row}}").fill(row) == 'x 3 {"name": "x", "size": 3}'
    with pytest.raises(InvalidInput, match=r"There is no \{\{row.zip\}\} in a row: it has name, size;"):
        RowTemplate("{{row.zip}}").fill(row)


def test_braces_in_a_row_are_text() -> None:
    assert RowTemplate("{{row}} {{{row}}} {{ row }}").fill("{{row}} {x}") == "{{row}} {x} {{{row}} {x}} {{row}} {x}"
