"""One answer to several questions: a list of `{id, value}`, each value as the schema of a single answer has it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .problems import Problem
from .schema import Schema

_LIST = "answers"
_WORDS = """\
Below is a JSON list of questions, each with an id. They have nothing to do with each other: answer each as if it had
been asked alone. Answer in JSON, with one item for each id: {"answers": [{"id": …, "value": …}, …]}
"""


def asked_together(questions: Iterable[str]) -> str:
    """One question that holds them all, with ids from 1. As JSON, so that none can pretend to be another."""
    listed = [{"id": number, "question": text} for number, text in enumerate(questions, 1)]
    return _WORDS + json.dumps(listed, ensure_ascii=False, indent=1)


def many(schema: Schema) -> Schema:
    """The Schema of the list, which reads an answer into its items: they are not checked yet (see `values_by_id`)."""
    if not (described := schema.response_format.get("json_schema")):
        return Schema(schema.name, {}, schema.response_format, lambda value: value, _items)
    item = _object({"id": {"type": "integer"}, "value": described["schema"]})
    sent = _object({_LIST: {"type": "array", "items": item}})
    form = {"type": "json_schema", "json_schema": {**described, "schema": sent}}
    return Schema(schema.name, sent, form, lambda value: value, _items)


def values_by_id(items: Iterable[Any], schema: Schema) -> dict[str, tuple[str, Any]]:
    """(JSON text, value) by id of the items that fit the schema; without ids that were answered twice."""
    found: dict[str, list[Any]] = {}
    for item in items:
        if isinstance(item, dict) and "id" in item:
            found.setdefault(str(item["id"]), []).append(item)
    alone = {id: twins[0]["value"] for id, twins in found.items() if len(twins) == 1 and "value" in twins[0]}
    read = {id: (json.dumps(value, ensure_ascii=False), schema.read(value)) for id, value in alone.items()}
    return {id: (text, value) for id, (text, (value, problems)) in read.items() if not problems}


def _items(answer: Any) -> tuple[Any, list[Problem]]:
    items = answer.get(_LIST) if isinstance(answer, dict) else answer
    return (items, []) if isinstance(items, list) else (None, [Problem("$", "is no list of answers")])


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}
