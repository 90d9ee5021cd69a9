"""What a variable is, and nothing of its values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from edenai_nb.data.outlines import outline, outlines


class Odd:
    def __len__(self) -> int:
        raise RuntimeError("secret")

    @property
    def shape(self) -> Any:
        raise RuntimeError("secret")


def greet(name: str, loud: bool = False) -> str:
    return name


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (np.zeros((3, 4)), "ndarray of float64, 3 x 4"),
        (np.float64(7), "float64 of float64, one value"),
        (["secret", 2], "list of 2 int or str"),
        ({"secret": 1}, "dict of 1 items"),
        ("secret", "str of 6"),
        (5, "int"),
        (None, "NoneType"),
        (greet, "function greet(name: 'str', loud: 'bool' = False) -> 'str'"),
        (Odd(), "Odd"),
    ],
)
def test_it_is_told_by_type_and_shape(value: Any, told: str) -> None:
    assert outline(value, "it") == told


def test_a_frame_is_its_columns() -> None:
    told = outlines({"df", "pd", "nothing"}, {"df": pd.DataFrame({"city": ["secret"] * 3, "n": [1, 2, 3]}), "pd": pd})
    assert told.startswith("- df: DataFrame, schema of 3 x 2\n    column,type,missing,distinct\n    city,")
    assert "secret" not in told
    assert "pd" not in told.replace("df", "")
