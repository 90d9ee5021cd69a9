"""A value that fits a JSON Schema: checked by a validator that others wrote."""

from __future__ import annotations

import json
from itertools import islice

import jsonschema
import pytest

from edenai_nb.sandbox.fitting import fit
from edenai_nb.sandbox.pattern import matches
from edenai_nb.sandbox.scalars import _FORMATS
from edenai_nb.sandbox.schemas import Unfit

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18, "maximum": 99}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
TREE = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                "parent": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
            },
            "required": ["value", "children", "parent"],
            "additionalProperties": False,
        }
    },
}
FITTING = {
    "anything": {},
    "true": True,
    "nested": {"type": "object", "properties": {"who": PERSON, "many": {"type": "array", "items": PERSON}}},
    "recursive": TREE,
    "a reference with words beside it": {
        "$ref": "#/definitions/a~1b",
        "definitions": {"a/b": {"const": 1}},
        "title": "x",
    },
    "enum": {"type": "string", "enum": ["low", "high"]},
    "const": {"const": {"a": [1]}},
    "null or text": {"type": ["null", "string"], "minLength": 12},
    "optional": {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 7}]},
    "discriminated": {
        "oneOf": [
            {"type": "object", "properties": {"kind": {"const": kind}, "n": {"type": "number"}}, "required": ["kind"]}
            for kind in ("cat", "dog")
        ]
    },
    "both": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "number", "minimum": 3}}, "required": ["a"]},
            {"properties": {"a": {"type": "integer", "maximum": 3}, "b": {"type": "boolean"}}, "required": ["b"]},
        ]
    },
    "at least three": {"type": "array", "items": {"type": "integer"}, "minItems": 3},
    "three different": {"type": "array", "items": PERSON, "minItems": 3, "uniqueItems": True},
    "all of an enum": {"type": "array", "items": {"enum": [3, 1, 2]}, "minItems": 3, "uniqueItems": True},
    "different ones of the same": {
        "type": "array",
        "items": {"anyOf": [{"const": 1}, {"enum": [1, 2]}]},
        "minItems": 2,
        "uniqueItems": True,
    },
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 2},
    "contains": {
        "type": "array",
        "contains": {"const": 9},
        "minContains": 2,
        "items": {"type": "integer"},
        "minItems": 3,
    },
    "empty": {"type": "array", "maxItems": 0},
    "names of one's own": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    "names by pattern": {
        "type": "object",
        "patternProperties": {r"^x\d$": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "dependent": {
        "type": "object",
        "properties": {"card": {"type": "string"}},
        "dependentRequired": {"card": ["street"]},
    },
    "at most two properties": {
        "type": "object",
        "properties": {c: {} for c in "abcd"},
        "required": ["d"],
        "maxProperties": 2,
    },
    "between 0 and 1": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "between tenths": {"type": "number", "minimum": 0.1, "maximum": 0.2},
    "huge": {"type": "number", "minimum": 1e300},
    "negative": {"type": "integer", "minimum": -9, "maximum": -5},
    "multiple": {"type": "integer", "multipleOf": 7, "minimum": 10},
    "cents": {"type": "number", "multipleOf": 0.01, "maximum": -3},
    "whole thirds": {"type": "integer", "multipleOf": 1.5, "minimum": 4},
    "long text": {"type": "string", "minLength": 40},
    "short text": {"type": "string", "maxLength": 2},
    **{f"format {name}": {"type": "string", "format": name} for name in _FORMATS if name not in ("byte", "base64")},
    **{
        f"pattern {pattern}": {"type": "string", "pattern": pattern, "minLength": 3, "maxLength": 20}
        for pattern in (
            r"^\d{5}$",
            r"^[A-Z]{2}-\d+$",
            r"^\S+@\S+\.com$",
            r"[^a-z ]+b*",
            r"^(ab|b)c\1$",
            r"^(?!a)\w+$",
            r"^(?:\+?1)?[2-9]\d{2}$",
            r"^#[0-9a-fA-F]{6}$",
            r"",
        )
    },
}
UNFIT = {
    "no schema": 5,
    "nothing": False,
    "no such type": {"type": "strnig"},
    "no alternative": {"anyOf": [False, {"enum": []}]},
    "leads nowhere": {"$ref": "#/$defs/missing"},
    "outside": {"$ref": "https://example.com/schema"},
    "without an end": {"type": "object", "properties": {"again": {"$ref": "#"}}, "required": ["again"]},
    "no number": {"type": "integer", "minimum": 2, "maximum": 1},
    "huge list": {"type": "array", "minItems": 10**9},
    "huge text": {"type": "string", "minLength": 10**9},
    "huge pattern": {"type": "string", "pattern": "^(a{1000000}){1000000}$"},
    "broken pattern": {"type": "string", "pattern": "("},
    "impossible pattern": {"type": "string", "pattern": "^a$", "minLength": 2},
    "too few": {"type": "array", "items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True},
    "not allowed": {"type": "object", "required": ["a"], "additionalProperties": False},
    "doubles": {
        "$ref": "#/$defs/0",
        "$defs": {
            str(n): {
                "properties": {"a": {"$ref": f"#/$defs/{n + 1}"}, "b": {"$ref": f"#/$defs/{n + 1}"}},
                "required": ["a", "b"],
            }
            for n in range(40)
        }
        | {"40": {}},
    },
    "wrong kinds": {"type": "object", "properties": 5, "required": {"a": 1}},
    "not a number": {"type": "number", "minimum": float("nan")},
}


@pytest.mark.parametrize("name", FITTING)
def test_the_value_fits(name):
    validator = jsonschema.Draft202012Validator(
        FITTING[name], format_checker=jsonschema.FormatChecker(("date", "ipv4"))
    )
    value = json.loads(json.dumps(fit(FITTING[name])))

    assert list(validator.iter_errors(value)) == []


@pytest.mark.parametrize("name", UNFIT)
def test_a_schema_that_nothing_fits_is_named_at_once(name):
    with pytest.raises(Unfit, match=r"\w+ \w+"):
        fit(UNFIT[name])


def test_what_may_be_there_is_there():
    schema = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}

    assert fit(schema) == {"city": "sandbox", "days": 1}


@pytest.mark.parametrize(
    ("type", "words", "value"),
    [
        ("string", 'The day; format: "date"', "2026-01-10"),
        ("string", 'pattern: "^[A-Z]{3}$"; maxLength: 3', "AAA"),
        ("integer", "minimum: 3; exclusiveMaximum: 5", 3),
        ("string", "maximum: many; minLength: no", "sandbox"),
        ("string", "minLength: 9; maxLength: 2", "sandbox"),
    ],
)
def test_keywords_in_the_words_of_a_description_count(type, words, value):
    assert fit({"type": type, "description": words}) == value


def test_texts_for_a_pattern_are_different_ones():
    assert list(islice(matches(r"^[ab]{2}$"), 2)) == ["aa", "bb"]
