"""Values reach the model whole, or it is told what was left out."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from edenai_nb.notebook.values import MOST_ROWS, MOST_VALUES, describe, formatted


@dataclasses.dataclass
class Holder:
    held: Any


WHOLE = {
    "an array": (np.arange(2000), 1000),
    "a matrix": (np.arange(3600).reshape(60, 60), 1830),
    "a masked array": (np.ma.masked_less(np.arange(3000), 5), 1500),
    "a structured array": (np.array([(n, 0.5) for n in range(1500)], dtype=[("a", "i4"), ("b", "f4")]), 750),
    "dates": (pd.date_range("2026-01-01", periods=200), "2026-04-10"),
    "periods": (pd.period_range("2026-01", periods=300, freq="M"), "2038-06"),
    "intervals": (pd.interval_range(0, 150), "(74, 75]"),
    "a categorical": (pd.Categorical([f"c{n % 40}" for n in range(400)]), "c33"),
    "an index of categories": (pd.CategoricalIndex([f"c{n}" for n in range(300)]), "c150"),
    "an extension array": (pd.array([*range(300), None]), 150),
    "a multi-index": (pd.MultiIndex.from_product([range(10), [f"m{n}" for n in range(12)]]), "m6"),
    "a series": (pd.Series(range(500)), 250),
    "a series of long texts": (pd.Series(["x" * 200 + "y"] * 3), "x" * 200 + "y"),
    "a frame": (pd.DataFrame({"n": range(150)}), 75),
    "a wide frame": (pd.DataFrame([[0] * 60], columns=[f"c{n}" for n in range(60)]), "c31"),
    "long cells": (pd.DataFrame({"t": ["x" * 200]}), "x" * 200),
    "lists in cells": (pd.DataFrame({"t": [list(range(150))]}), "75"),
    "a polars frame": (pl.DataFrame({"n": range(150), "t": ["x" * 100] * 150}), "x" * 100),
    "a wide polars frame": (pl.DataFrame({f"c{n}": [n] for n in range(60)}), "c31"),
    "a polars series": (pl.Series(range(500)), 250),
    "an array in a list": ([np.arange(2000)], 1000),
    "an array in a dict": ({"a": np.arange(2000), "b": "x"}, 1000),
    "an array, deep": ({"a": [({"b": np.arange(2000)},)]}, 1000),
    "a categorical in a dict": ({"a": pd.Categorical([f"c{n}" for n in range(40)])}, "c20"),
    "a polars frame in a list": ([pl.DataFrame({"n": range(100)})], 50),
    "an array in a dataclass": (Holder(np.arange(2000)), 1000),
    "a list": (list(range(5000)), 2500),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_value_that_would_shorten_itself_is_whole(kind: str) -> None:
    value, inside = WHOLE[kind]
    text, left_out = describe(value, "it")
    assert str(inside) in text
    assert left_out == []
    assert not any(mark in text for mark in ("...", "…"))


@pytest.mark.parametrize(
    ("value", "shape", "told"),
    [
        (pd.DataFrame({"n": range(1000), "m": 0}), "1,000 rows x 2 columns", "it: 200 of 1,000 rows"),
        (pd.DataFrame(np.zeros((3, 1200))), "3 rows x 1,200 columns", "it: 1,000 of 1,200 columns"),
        (pl.DataFrame({"n": range(1000)}), "1,000 rows x 1 columns", "it: 200 of 1,000 rows"),
        (pl.Series(range(20_000)), "20,000 values", "it: 10,000 of 20,000 values"),
        (pd.Series(range(20_000)), "20,000 values", "it: 10,000 of 20,000 values"),
        (pd.RangeIndex(20_000), "20,000 values", "it: 10,000 of 20,000 values"),
        (np.arange(20_001), "array of shape (20001,)", "it: 10,000 of 20,001 values"),
        (np.zeros((300, 300)), "array of shape (300, 300)", "it: 32 of 300 rows"),
        (np.zeros((2, 20_000)), "array of shape (2, 20000)", "it: the corners of 40,000 values"),
        ({"a": [pd.DataFrame({"n": range(300)})]}, "300 rows x 1 columns", "it['a'][0]: 200 of 300 rows"),
    ],
)
def test_a_value_beyond_the_limit_says_its_shape_and_what_was_left_out(value: Any, shape: str, told: str) -> None:
    text, left_out = describe(value, "it")
    assert shape in text
    assert told.partition(": ")[2] in text
    assert left_out == [told]


def test_the_beginning_and_the_end_of_what_is_cut_are_there() -> None:
    for value in (
        np.arange(30_000),
        pd.Series(range(30_000)),
        pd.DataFrame({"n": range(30_000)}),
        pl.Series(range(30_000)),
    ):
        text, _ = describe(value)
        assert all(number in text for number in (" 1", "29998", "29999"))
    assert len(describe(pd.DataFrame({"n": range(1000)}))[0].splitlines()) == MOST_ROWS + 3
    assert len(describe(np.arange(30_000))[0].split()) < MOST_VALUES + 20


@pytest.mark.parametrize(
    "value", ["text", "{{x}}", 5, 2.5, None, [1, "a"], {"a": [1]}, range(2000), np.float64(2), b"x"]
)
def test_everything_else_is_its_str(value: object) -> None:
    assert describe(value) == (str(value), [])


def test_a_dict_that_holds_itself_is_described() -> None:
    loop: dict[str, Any] = {"a": np.arange(3)}
    loop["self"] = loop
    assert "[0 1 2]" in describe(loop)[0]
    assert "{...}" in describe(loop)[0]


def test_settings_of_the_libraries_are_as_before() -> None:
    before = np.get_printoptions(), pd.get_option("display.max_rows"), pl.Config.state()
    describe([np.arange(2000), pd.DataFrame({"a": [1]}), pl.DataFrame({"a": [1]})])
    assert (np.get_printoptions(), pd.get_option("display.max_rows"), pl.Config.state()) == before


def test_a_format_is_python_s_own() -> None:
    assert formatted(2.5, "", ".2f") == "2.50"
    assert formatted("a", "r", ">5") == "  'a'"
    assert "1000" in formatted(np.arange(2000), "r", "")
