"""A schema that each provider accepts, from whatever says what an answer is made of."""

from __future__ import annotations

import datetime
import enum
import json
import subprocess
import sys
import uuid
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from edenai_nb.data.decode import Mismatch, decode
from edenai_nb.data.problems import repair
from edenai_nb.data.schema import schema_of
from edenai_nb.errors import InvalidInput
from edenai_nb.sandbox import fitting, strict_schemas

from .providers import PROVIDERS, faults
from .wanted import WANTED, Label

IDS = [f"{number}-{getattr(wanted, '__name__', type(wanted).__name__)}" for number, (wanted, *_) in enumerate(WANTED)]


@dataclass
class Tree:
    children: list[Tree]


def sent(wanted: Any) -> dict[str, Any]:
    return dict(schema_of(wanted).response_format["json_schema"])


@pytest.mark.parametrize("kind", [datetime.date, datetime.datetime, datetime.time, datetime.timedelta, uuid.UUID])
def test_a_model_is_told_how_a_time_or_an_id_is_written_and_the_sandbox_reads_it(kind: type) -> None:
    wanted = sent(kind)["schema"]
    assert "format: " in wanted["properties"]["value"]["description"]
    assert isinstance(decode(json.dumps(fitting.fit(wanted)), schema_of(kind)), kind)


def test_a_response_format_is_the_schema_in_it() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    described = {"name": "Label", "strict": True, "schema": schema}
    for given in (described, {"type": "json_schema", "json_schema": described}):
        assert sent(given)["name"] == "Label"
        assert decode('{"a": 1}', schema_of(given)) == {"a": 1}
        with pytest.raises(Mismatch):
            decode('{"a": "x"}', schema_of(given))
    assert sent({"type": "object", "properties": {"schema": {}, "name": {}}})["name"] == "answer"


def test_a_model_is_told_what_stands_where_in_a_list_of_different_things() -> None:
    (value,) = sent(tuple[int, str | None])["schema"]["properties"].values()
    assert value["description"] == "minItems: 2; maxItems: 2; in this order: integer, string or null"
    (value,) = sent(tuple[int, int])["schema"]["properties"].values()
    assert "order" not in value["description"]


def test_names_by_a_pattern_are_asked_for_as_pairs() -> None:
    thing = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    pattern = {"^x_": {"$ref": "#/$defs/T"}, "^y_": {"type": "string"}}
    wanted = schema_of(
        {"$defs": {"T": thing}, "type": "object", "patternProperties": pattern, "additionalProperties": False}
    )
    assert list(faults(wanted.response_format["json_schema"]["schema"], PROVIDERS["openai"])) == []
    assert "whose keys match ^x_ or ^y_" in str(wanted.response_format)
    pairs = '{"value": [{"key": "x_1", "value": {"n": 1}}, {"key": "y_1", "value": "text"}]}'
    assert decode(pairs, wanted) == {"x_1": {"n": 1}, "y_1": "text"}
    with pytest.raises(Mismatch):
        decode('{"value": [{"key": "z_1", "value": "text"}]}', wanted)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("wanted", [row[0] for row in WANTED], ids=IDS)
def test_every_provider_takes_the_schema(wanted: Any, provider: str) -> None:
    assert list(faults(sent(wanted)["schema"], PROVIDERS[provider])) == []


@pytest.mark.parametrize("wanted", [row[0] for row in WANTED], ids=IDS)
def test_a_strict_sandbox_takes_it_and_its_answer_has_the_form(wanted: Any) -> None:
    assert strict_schemas.refused(sent(wanted)) is None
    schema = schema_of(wanted)
    found = schema.read(fitting.fit(sent(wanted)["schema"]))[1]
    # What is left to be checked here is what no provider checks: limits and formats.
    assert all("expected `str`" not in problem.words and "is missing" not in problem.words for problem in found)


@pytest.mark.parametrize(("wanted", "fits", "value", "_"), WANTED, ids=IDS)
def test_an_answer_that_fits_becomes_the_value(wanted: Any, fits: Any, value: Any, _: Any) -> None:
    for text in (json.dumps(fits), f"```json\n{json.dumps(fits, indent=1)}\n```", f"\ufeff {json.dumps(fits)}\n"):
        made = decode(text, schema_of(wanted))
        assert made == value
        assert type(made) is type(value)


@pytest.mark.parametrize(("wanted", "_", "__", "wrong"), WANTED, ids=IDS)
def test_an_answer_that_does_not_fit_becomes_nothing(wanted: Any, _: Any, __: Any, wrong: Any) -> None:
    with pytest.raises(Mismatch) as refused:
        decode(json.dumps(wrong), schema_of(wanted))
    assert refused.value.problems


@pytest.mark.parametrize(("wanted", "fits"), [row[:2] for row in WANTED], ids=IDS)
def test_a_text_that_is_cut_anywhere_becomes_nothing(wanted: Any, fits: Any) -> None:
    text, schema = json.dumps(fits), schema_of(wanted)
    for end in range(len(text)):
        with pytest.raises(Mismatch):
            decode(text[:end], schema)


def test_all_problems_are_named_with_their_places_and_without_a_word_of_the_answer() -> None:
    text = '{"value": [{"name": 1, "score": "secret"}, {"name": null, "secret": 1}, {"score": [2]}]}'
    with pytest.raises(Mismatch) as refused:
        decode(text, schema_of(list[Label]))
    told = [str(problem) for problem in refused.value.problems]

    assert told == [
        "$[0].name: expected `str`, got `int`",
        "$[0].score: expected `float | null`, got `str`".replace("`float | null`", "`float`"),
        "$[1]: has a field that the schema has not",
        "$[1].name: null is not allowed; where a text may not say it, make it `… | None`",
        "$[2].name: is missing",
        "$[2].score: expected `float`, got `array`",
    ]
    assert "secret" not in "".join(told)
    assert all(line in repair(refused.value.problems) for line in told)


def test_the_words_of_the_users_own_check_are_for_the_model_alone() -> None:
    wanted = next(row for row in WANTED if getattr(row[0], "__name__", "") == "Positive")
    with pytest.raises(Mismatch) as refused:
        decode('{"n": -77}', schema_of(wanted[0]))
    assert str(refused.value.problems[0]) == "$: Positive refuses it (ValueError)"
    assert "-77 is not positive" in repair(refused.value.problems)


class Odd(enum.Enum):
    HALF = 0.5
    YES = True


def test_enums_and_literals_of_any_simple_value_work() -> None:
    assert decode('{"value": [0.5, true]}', schema_of(list[Odd])) == [Odd.HALF, Odd.YES]
    assert decode('{"value": false}', schema_of(Literal[False, 7])) is False
    for text in ('{"value": 0}', '{"value": 1}', '{"value": "7"}', '{"value": 7.0}'):
        with pytest.raises(Mismatch, match="1 places"):
            decode(text, schema_of(Literal[False, 7]))


def test_what_no_provider_checks_is_told_to_the_model_in_words() -> None:
    schema = sent({"type": "object", "properties": {"n": {"type": "integer", "minimum": 1, "description": "How many"}}})
    assert schema["schema"]["properties"]["n"] == {"type": ["integer", "null"], "description": "How many; minimum: 1"}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Tree, "Tree holds itself"),
        ({"$ref": "#"}, "holds itself"),
        ({"$ref": "http://x/y"}, "which is not in it"),
        ({"type": "thing"}, "no JSON Schema"),
        ("Label", "schema takes a type"),
        (3, "schema takes a type"),
        (Label("an instance"), "not Label"),
        (complex, "complex cannot be a schema"),
        (list[complex], "complex cannot be a schema"),
        (lambda: 0, "cannot be a schema"),
    ],
)
def test_what_cannot_be_a_schema_is_refused_in_one_line(wanted: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match="othing was sent") as refused:
        schema_of(wanted)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", " ", "null", "{", "[]", "no", "{}{}", '{"n": NaN}', '{"n": 1e999}', "[" * 100_000, '"\ud800"', "```\n```"],
)
def test_any_other_text_becomes_nothing(text: str) -> None:
    with pytest.raises(Mismatch):
        decode(text, schema_of(WANTED[6][0]))


def test_without_pydantic_and_jsonschema_all_but_their_own_work() -> None:
    code = """if True:
        import sys
        sys.modules["pydantic"] = sys.modules["jsonschema"] = None
        from dataclasses import dataclass
        from edenai_nb.data.decode import decode
        from edenai_nb.data.schema import schema_of
        from edenai_nb.errors import InvalidInput
        @dataclass
        class A:
            n: int
        print(decode('{"value": [{"n": 1}]}', schema_of(list[A])))
        try:
            schema_of({"type": "object"})
        except InvalidInput as error:
            print(error)
    """
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    value, refused = run.stdout.splitlines()
    assert value == "[A(n=1)]"
    assert "pip install 'edenai-nb[jsonschema]'" in refused
