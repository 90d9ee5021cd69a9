"""A large table leaves nothing of its data in a request, of whatever library and types it is."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edenai_nb.notebook.prompt import interpolate

# Values that cannot occur by chance in counts, names of types or of columns.
_LETTERS = "ßæøłžщ漢字🙂"
_VALUES: dict[str, Any] = {
    "int": st.integers(10**11, 10**12),
    "float": st.one_of(st.floats(1e11, 1e12), st.just(float("nan"))),
    "text": st.text(_LETTERS, min_size=4, max_size=20),
    "date": st.dates(datetime.date(1931, 1, 1), datetime.date(1939, 12, 31)),
    "time": st.datetimes(datetime.datetime(1931, 1, 1), datetime.datetime(1939, 12, 31)),
    "list": st.lists(st.integers(10**11, 10**12), min_size=1, max_size=3),
    "dict": st.fixed_dictionaries({"k": st.text(_LETTERS, min_size=4, max_size=9)}),
    "mixed": st.one_of(st.text(_LETTERS, min_size=4, max_size=9), st.integers(10**11, 10**12)),
}
_NAMES = st.one_of(
    st.sampled_from(["n", "n", "größe", ("a", "b"), 7, ""]),
    st.text(max_size=5).filter(lambda name: len(name) < 4 or not set(name) & set(_LETTERS)),  # names are told
)


def _rows(kind: str, size: int) -> st.SearchStrategy[list[Any]]:
    few = st.lists(st.one_of(_VALUES[kind], st.none()), min_size=2, max_size=8)
    return few.map(lambda values: [values[n % len(values)] for n in range(size)])


@st.composite
def frames(draw: st.DrawFn) -> tuple[Any, list[Any]]:
    """A table above the limit, and its values."""
    size = draw(st.integers(51, 120))
    kinds = draw(st.lists(st.sampled_from(sorted(_VALUES)), min_size=1, max_size=4))
    columns = [draw(_rows(kind, size)) for kind in kinds]
    values = [value for column in columns for value in column]
    form = draw(st.sampled_from(["pandas", "category", "index", "series", "polars", "enum", "arrow", "records"]))
    return _built(form, columns, draw(st.lists(_NAMES, min_size=len(kinds), max_size=len(kinds)))), values


def _built(form: str, columns: list[list[Any]], names: list[Any]) -> Any:
    numbered = {f"c{n}": column for n, column in enumerate(columns)}
    if form == "records":
        return [dict(zip(numbered, row, strict=True)) for row in zip(*columns, strict=True)]
    if form in ("polars", "enum", "arrow"):
        words = {name: pl.Series([str(value) for value in column]) for name, column in numbered.items()}
        series = {name: pl.Series(column, strict=False) for name, column in numbered.items()}
        if form == "enum":
            series = {name: one.cast(pl.Enum(one.unique())) for name, one in words.items()}
        frame = pl.DataFrame(series)
        return frame.to_arrow() if form == "arrow" else frame
    frame = pd.DataFrame(dict(enumerate(columns)))
    if form == "series":
        return frame[0]
    if form == "index":
        return frame.set_index(0, drop=False).rename_axis("key")
    if form == "category":
        frame = frame.astype(str).astype("category")
    frame.columns = pd.Index(names, tupleize_cols=False)
    return frame


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames(), st.sampled_from(["{{df}}", "{{df:schema}}", "about {{ df }} and {{[df]}}"]))
def test_no_value_of_a_table_above_the_limit_is_in_a_prompt_at_schema(case: tuple[Any, list[Any]], text: str) -> None:
    table, values = case
    sent = interpolate(text, {"df": table})
    told = json.dumps([sent.text, sent.notes], ensure_ascii=False)
    assert "schema of" in told
    for value in values:
        for atom in _atoms(value):
            assert atom not in told


def _atoms(value: Any) -> list[str]:
    if value is None or value != value:
        return []
    if isinstance(value, dict):
        return [atom for item in value.values() for atom in _atoms(item)]
    if isinstance(value, list):
        return [atom for item in value for atom in _atoms(item)]
    if isinstance(value, datetime.date):
        return [value.isoformat()[:10]]
    return [f"{value:.5g}".rstrip("0"), str(int(value))] if isinstance(value, float) else [str(value)]


HIDDEN = [f"漢字{n}" for n in range(60)]


@pytest.mark.parametrize(
    "value",
    [
        pa.array(HIDDEN),
        pa.array(HIDDEN).dictionary_encode(),
        pa.chunked_array([HIDDEN]),
        pa.record_batch({"a": HIDDEN}),
        pa.table({"a": HIDDEN}),
        pd.Series(pd.arrays.SparseArray(HIDDEN, fill_value=HIDDEN[0])),
        pd.Series(pd.Categorical(HIDDEN)),
        pd.Series(HIDDEN, dtype=pd.ArrowDtype(pa.string())),
        pl.Series(HIDDEN, dtype=pl.Categorical),
        pl.DataFrame({"a": [[{"b": text}] for text in HIDDEN]}),
    ],
    ids=lambda value: f"{type(value).__module__}.{type(value).__name__}",
)
def test_every_form_of_a_column_is_told_without_its_values(value: Any) -> None:
    sent = interpolate("{{df}}", {"df": value})
    assert "schema of 60" in sent.text
    assert "漢字" not in sent.text


@dataclasses.dataclass
class Holder:
    table: Any


INSIDE = {
    "dataclass": Holder,
    "namespace": lambda table: SimpleNamespace(table=table),
    "deque": lambda table: collections.deque([table]),
    "view": lambda table: {"a": table}.values(),
    "deep": lambda table: [[[[[[[[Holder(table)]]]]]]]],
    "error": ValueError,
    "array": lambda table: np.array([Holder(table)], dtype=object),
    "cell": lambda table: pd.DataFrame({"n": [Holder(table)]}),
}


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("make", [lambda v: pd.DataFrame({"a": v}), pd.Series, pd.Index, pl.Series, pl.DataFrame])
def test_a_table_inside_of_something_else_is_told_without_its_values(make: Any, inside: str) -> None:
    table = make(HIDDEN)
    before = repr(table)
    for text in ("{{x}}", "{{x!r}}"):
        sent = interpolate(text, {"x": INSIDE[inside](table)}).text
        assert "schema of 60" in sent
        assert "漢字" not in sent
    assert repr(table) == before
    assert "漢字0" in interpolate("{{x}}", {"x": INSIDE[inside](make(HIDDEN[:9]))}).text  # a small one is whole


def test_a_million_rows_are_counted_in_a_sample_that_says_so() -> None:
    frame = pd.DataFrame({"n": np.arange(1_000_000), "c": np.arange(1_000_000) % 10})
    lines = interpolate("{{df}}", {"df": frame}).text.splitlines()
    assert lines[0] == "df (schema of 1,000,000 x 2):"
    assert lines[4] == "c,int64,0,≥ 10"
    assert lines[5] == "distinct: counted in 142,858 of the rows"


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_what_a_schema_is_read_from_is_left_as_it_was(name: str) -> None:
    frame: Any = pd.DataFrame({"n": range(500)}) if name == "pandas" else pl.DataFrame({"n": range(500)})
    before = frame.copy() if name == "pandas" else frame.clone()
    interpolate("{{df:stats}}", {"df": frame})
    assert frame.equals(before)
