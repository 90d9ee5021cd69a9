"""`reply.tables` and `reply.frame()`: what stands in a text as a table, a CSV fence or records in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pytest

from edenai_nb.data.schema import schema_of
from edenai_nb.reply import Reply

MARKDOWN = "Here:\n\n| a | **b** |\n|---|--:|\n| x \\| y | 1 |\n| `z` | |\n\nand\n\n| c |\n|---|\n| 1.5 |\n"
CSV = 'Here:\n\n```csv\na,b\n"x, y",1\nz,2\n```\n'
JSON = 'Here:\n\n```json\n{"rows": [{"a": "x", "b": 1}]}\n```\n'


@dataclass
class Row:
    name: str
    n: int | None
    kind: Literal["p", "q"]
    day: date | None = None
    ok: bool = True


ROWS = '{"value": [{"name": "a", "n": 1, "kind": "p", "day": "2026-11-27", "ok": true}, ' + (
    '{"name": "b", "n": null, "kind": "q", "day": null, "ok": null}]}'
)


def test_all_tables_are_found_in_order() -> None:
    assert Reply(MARKDOWN).tables == ([{"a": "x | y", "b": 1}, {"a": "z", "b": None}], [{"c": 1.5}])
    assert Reply(CSV).tables == ([{"a": "x, y", "b": 1}, {"a": "z", "b": 2}],)
    assert Reply(JSON).tables == ([{"a": "x", "b": 1}],)
    assert Reply(ROWS).tables[0][0]["name"] == "a"


def test_no_cell_is_lost_on_the_way_to_a_record() -> None:
    twice = "|n|zip|n|n|\n|-|-|-|-|\n|1|00501|\u22122|3|\n|4|10001|5|6|\n"
    wanted = [{"n": 1, "zip": "00501", "n_2": -2, "n_3": 3}, {"n": 4, "zip": "10001", "n_2": 5, "n_3": 6}]
    assert Reply(twice).tables == (wanted,)
    assert Reply(f"Here:\n\n```markdown\n{twice}```\n").tables == (wanted,)


@pytest.mark.parametrize("text", ["", "no table", "[1, 2]", "{}", "```csv\n```", "```json\n{\n```", "| a |", "a | b"])
def test_where_there_is_none_it_says_so(text: str) -> None:
    assert Reply(text).tables == ()
    with pytest.raises(ValueError, match="no table"):
        Reply(text).frame()


def test_a_frame_has_the_types_of_the_schema() -> None:
    reply = Reply(ROWS, schema=schema_of(list[Row]).source)
    types = {name: str(kind) for name, kind in reply.frame("pandas").dtypes.items()}
    assert types.pop("day").startswith("datetime64")
    assert types == {"name": "string", "n": "Int64", "kind": "category", "ok": "boolean"}
    assert reply.frame("pandas")["n"].isna().tolist() == [False, True]

    polars = {name: str(kind).partition("(")[0] for name, kind in reply.frame("polars").schema.items()}
    assert polars == {"name": "String", "n": "Int64", "kind": "Categorical", "day": "Datetime", "ok": "Boolean"}


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_times_that_are_no_column_of_times_stay_text(library: str) -> None:
    schema = {"items": {"properties": {"at": {"type": "string", "format": "date-time"}}}}
    at = [["2026-01-02T10:00:00Z", "2026-01-02T10:00:00"], ["2026-01-02T10:00:00Z", None]]
    mixed, times = (Reply(json.dumps([{"at": time} for time in column]), schema=schema).frame(library) for column in at)
    assert list(mixed["at"]) == at[0]
    assert str(times["at"].dtype).lower().startswith("datetime")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_an_empty_list_that_was_asked_for_is_a_frame_without_rows(library: str) -> None:
    empty = Reply('{"value": []}', schema=schema_of(list[Row]).source, decoded=([],)).frame(library)
    assert (empty.shape, list(empty.columns)) == ((0, 5), ["name", "n", "kind", "day", "ok"])
    assert Reply("[]", decoded=([],)).frame(library).shape == (0, 0)


def test_without_a_schema_numbers_are_numbers() -> None:
    assert Reply(CSV).frame("pandas")["b"].tolist() == [1, 2]


def test_the_frame_is_of_the_library_that_is_loaded() -> None:
    code = """if True:
        import polars
        from edenai_nb.reply import Reply
        print(type(Reply('[{"a": 1}]').frame()).__module__.partition(".")[0])
    """
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "polars\n"
