"""Values reach the model whole, or as what was asked for, and it is told what was left out."""

from __future__ import annotations

import collections
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib.figure import Figure
from PIL import Image

import edenai_nb as eden
from edenai_nb.data.describe import described, formatted
from edenai_nb.data.described import Level
from edenai_nb.errors import InvalidInput


@dataclasses.dataclass
class Holder:
    held: Any


WHOLE = {
    "an array": (np.arange(2000), 1000),
    "a matrix": (np.arange(3600).reshape(60, 60), 1830),
    "a masked array": (np.ma.masked_less(np.arange(3000), 5), 1500),
    "a structured array": (np.array([(n, 0.5) for n in range(1500)], dtype=[("a", "i4"), ("b", "f4")]), 750),
    "dates": (pd.date_range("2026-01-01", periods=50), "2026-02-10"),
    "periods": (pd.period_range("2026-01", periods=50, freq="M"), "2028-06"),
    "intervals": (pd.interval_range(0, 50), "(33, 34]"),
    "a categorical": (pd.Categorical([f"c{n % 40}" for n in range(50)]), "c33"),
    "an index of categories": (pd.CategoricalIndex([f"c{n}" for n in range(50)]), "c25"),
    "an extension array": (pd.array([*range(49), None]), 25),
    "a multi-index": (pd.MultiIndex.from_product([range(4), [f"m{n}" for n in range(12)]]), "m6"),
    "a series": (pd.Series(range(50)), 25),
    "a series of long texts": (pd.Series(["x" * 200 + "y"] * 3), "x" * 200 + "y"),
    "a frame": (pd.DataFrame({"n": range(50)}), 25),
    "a wide frame": (pd.DataFrame([[0] * 60], columns=[f"c{n}" for n in range(60)]), "c31"),
    "a frame with an index": (pd.DataFrame({"n": [1]}, index=pd.Index(["here"], name="place")), "here"),
    "a frame with two columns of one name": (pd.DataFrame([[1, 23]], columns=["n", "n"]), 23),
    "a frame with names in two rows": (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", 7)])), "a / 7"),
    "long cells": (pd.DataFrame({"t": ["x" * 200]}), "x" * 200),
    "lists in cells": (pd.DataFrame({"t": [list(range(150))]}), "75"),
    "an array in a cell": (pd.DataFrame({"t": [np.arange(1500)]}), 750),
    "a polars frame": (pl.DataFrame({"n": range(50), "t": ["x" * 100] * 50}), "x" * 100),
    "a wide polars frame": (pl.DataFrame({f"c{n}": [n] for n in range(60)}), "c31"),
    "a polars series": (pl.Series(range(50)), 25),
    "an arrow table": (pa.table({"n": range(50)}), 25),
    "an arrow column": (pa.chunked_array([[1, 2], [345]]), 345),
    "an array in a list": ([np.arange(2000)], 1000),
    "an array in a dict": ({"a": np.arange(2000), "b": "x"}, 1000),
    "an array, deep": ({"a": [({"b": np.arange(2000)},)]}, 1000),
    "a categorical in a dict": ({"a": pd.Categorical([f"c{n}" for n in range(40)])}, "c20"),
    "a polars frame in a list": ([pl.DataFrame({"n": range(50)})], 25),
    "an array in a dataclass": (Holder(np.arange(2000)), 1000),
    "a list": (list(range(5000)), 2500),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_value_that_would_shorten_itself_is_whole(kind: str) -> None:
    value, inside = WHOLE[kind]
    text = eden.describe(value)
    assert str(inside) in text
    assert not any(mark in text for mark in ("...", "…"))


@pytest.mark.parametrize(
    ("value", "level", "told"),
    [
        (pd.DataFrame({"n": range(1000), "m": 0}), "", "schema of 1,000 x 2"),
        (pd.DataFrame({"n": range(1000), "m": 0}), "rows", "200 of 1,000 rows, 1,000 x 2"),
        (pd.DataFrame({"n": range(1000)}), "rows=20", "20 of 1,000 rows, 1,000 x 1"),
        (pd.DataFrame({"n": range(20)}), "", "20 x 1"),
        (pd.DataFrame({"n": range(20)}), "schema", "schema of 20 x 1"),
        (pd.DataFrame({"n": []}), "", "schema of 0 x 1"),
        (pd.DataFrame(np.zeros((3, 1200))), "", "schema of 3 x 1,200"),
        (pd.DataFrame(np.zeros((3, 1200))), "rows", "1,000 of 1,200 columns, 3 x 1,200"),
        (pl.DataFrame({"n": range(1000)}), "stats", "stats of 1,000 x 1"),
        (pl.LazyFrame({"n": range(1000)}), "", "schema of 1 columns, not computed"),
        (pa.table({"n": range(1000)}), "", "schema of 1,000 x 1"),
        (pd.Series(range(20_000)), "", "schema of 20,000 values"),
        (pd.RangeIndex(20_000), "rows", "200 of 20,000 values, 20,000 values"),
        ([{"n": n} for n in range(200)], "", "schema of 200 records x 1"),
        ({str(n): {"n": n} for n in range(200)}, "", "schema of 200 records x 1"),
        (np.arange(20_001), "", "array of shape (20001,), int64, without its values"),
        (np.zeros((300, 300)), "", "array of shape (300, 300), float64, without its values"),
        (np.zeros((300, 300)), "rows=5", "5 of 300 rows of an array of shape (300, 300), float64"),
        (list(range(12_345)), "", "2,345 of 12,345 items left out"),
        (set(range(12_345)), "", "2,345 of 12,345 items left out"),
        (collections.deque(range(12_345)), "", "2,345 of 12,345 items left out"),
    ],
)
def test_the_status_line_says_what_was_sent(value: Any, level: str, told: str) -> None:
    assert described(value, "it", Level.read(level)).notes == (f"it: {told}",)


def test_a_schema_has_types_and_counts_and_stats_have_ranges_and_frequent_values() -> None:
    frame = pd.DataFrame({"n": range(99), "c": pd.Categorical(["red", "red", "blue"] * 33), "t": [None, "x", "y"] * 33})
    assert eden.describe(frame).splitlines()[1:4] == [
        "column,type,missing,distinct",
        "n,int64,0,99",
        "c,category,0,2",
    ]
    stats = eden.describe(frame, "stats")
    assert 'n,int64,0,99,"0 to 98, mean 49",' in stats
    assert '"red (66), blue (33)"' in stats
    assert "33" in stats.splitlines()[-1]


def test_a_wide_table_is_a_line_for_each_type() -> None:
    frame = pl.DataFrame({f"c{n}": [n] for n in range(480)} | {f"t{n}": ["x"] for n in range(20)})
    lines = eden.describe(frame).splitlines()
    assert lines[1:] == [
        "type,columns,names,missing",
        'Int64,480,"c0, c1, c2, c3, c4, …, c479",0',
        'String,20,"t0, t1, t2, t3, t4, …, t19",0',
    ]


def test_rows_that_were_asked_for_are_the_first_and_the_last_and_read_the_rest_as_left_out() -> None:
    for value in (pd.DataFrame({"n": range(1000)}), pl.Series("n", range(1000)), pa.table({"n": range(1000)})):
        assert eden.describe(value, "rows=4").splitlines()[1:] == ["n", "0", "1", "…", "998", "999"]


def test_cells_that_hold_nothing_are_empty_and_commas_and_lines_stay_in_their_cells() -> None:
    frame = pd.DataFrame({"a": [None, "x, y"], "b": [float("nan"), 2.5], "c": [pd.NaT, pd.Timestamp("2026-01-02")]})
    assert eden.describe(frame).splitlines()[1:] == ["a,b,c", ",,", '"x, y",2.5,2026-01-02 00:00:00']


def test_an_array_without_its_values_says_their_range() -> None:
    array = np.linspace(0, 1, 20_000)
    array[5] = np.nan
    assert eden.describe(array).endswith("float64\nfrom 0 to 1, mean 0.500025, 1 not finite")


@pytest.mark.parametrize(
    "value", ["text", "{{x}}", 5, 2.5, None, [1, "a"], {"a": [1]}, range(2000), np.float64(2), b"x", Path("a/b.csv")]
)
def test_everything_else_is_its_str(value: object) -> None:
    assert eden.describe(value) == str(value)
    assert described(value, "it").notes == ()


def test_a_long_list_is_cut_in_the_middle_with_a_count() -> None:
    text = eden.describe(list(range(12_345)))
    assert text.startswith("[0, 1, 2")
    assert "4999, … 2,345 of 12,345 items left out …, 7345" in text
    assert text.endswith("12344]")


def test_a_dict_that_holds_itself_is_described() -> None:
    loop: dict[str, Any] = {"a": np.arange(3)}
    loop["self"] = loop
    assert "[0 1 2]" in eden.describe(loop)
    assert "{...}" in eden.describe(loop)


def test_a_table_in_a_dict_is_told_as_by_itself() -> None:
    found = described({"a": [pd.DataFrame({"n": range(300)})]}, "it")
    assert found.notes == ("it['a'][0]: schema of 300 x 1",)
    assert "[schema of 300 x 1]\ncolumn,type,missing,distinct\nn,int64,0,300" in found.text


def test_an_object_s_own_words_come_first() -> None:
    class Report:
        def _repr_markdown_(self) -> str:
            return "**markdown**"

    class Model(Report):
        def _repr_llm_(self) -> str:
            return "for models"

    assert eden.describe(Report()) == "**markdown**"
    assert eden.describe(Model()) == "for models"


def test_an_object_that_says_nothing_of_itself_is_its_str() -> None:
    class Silent:
        def _repr_markdown_(self) -> None:
            return None

        def __str__(self) -> str:
            return "plain"

    assert eden.describe(Silent()) == "plain"


def test_functions_and_classes_are_their_source() -> None:
    assert eden.describe(Holder) == "[source]\n@dataclasses.dataclass\nclass Holder:\n    held: Any"
    assert eden.describe(formatted).startswith("[source]\ndef formatted(")
    assert eden.describe(len) == str(len)


def test_figures_and_pictures_go_along_as_parts() -> None:
    figure = Figure(figsize=(2, 1))
    for value in (figure, figure.subplots(), Image.new("RGB", (3000, 10)), Image.new("CMYK", (5, 5))):
        found = described(value, "it")
        (part,) = found.parts
        assert part["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
        assert found.text == "[it: picture]"
        assert found.notes[0].startswith("it: picture")
    assert "3000 x 10 scaled down to 2048 x 7" in described(Image.new("RGB", (3000, 10)), "it").notes[0]


def test_what_draws_itself_is_a_picture_and_what_cannot_is_one_line() -> None:
    class Drawn:
        def _repr_png_(self) -> bytes | None:
            return self.data

        data: bytes | None = b"\x89PNG"

    value = Drawn()
    assert described(value, "it").parts[0]["image_url"]["url"].startswith("data:image/png;base64,iVBO")
    value.data = None
    with pytest.raises(InvalidInput, match="draws no picture"):
        described(value, "it")


def test_settings_of_the_libraries_are_as_before() -> None:
    before = np.get_printoptions(), pd.get_option("display.max_rows"), pl.Config.state()
    eden.describe([np.arange(2000), pd.DataFrame({"a": [1]}), pl.DataFrame({"a": [1]})])
    assert (np.get_printoptions(), pd.get_option("display.max_rows"), pl.Config.state()) == before


def test_a_format_is_python_s_own() -> None:
    assert formatted(2.5, "", ".2f") == "2.50"
    assert formatted("a", "r", ">5") == "  'a'"
    assert "1000" in formatted(np.arange(2000), "r", "")


@pytest.mark.parametrize("level", ["everything", "rows=", "rows=x", "schema=5", "rows=-1"])
def test_a_level_that_is_none_is_one_line_that_names_those_there_are(level: str) -> None:
    with pytest.raises(InvalidInput, match="schema, stats, rows or rows=N"):
        eden.describe(1, level)
