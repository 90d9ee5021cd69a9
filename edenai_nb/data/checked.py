"""Answers checked by pydantic, or by a JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import InvalidInput
from .problems import Problem

Check = Callable[[Any], tuple[Any, list[Problem]]]

_NO_JSONSCHEMA = (
    "A JSON Schema as a dict needs the package jsonschema: pip install 'edenai-nb[jsonschema]'. "
    "Types (a dataclass, a TypedDict, …) need nothing. Nothing was sent."
)


def by_json_schema(schema: Mapping[str, Any]) -> Check:
    """What checks a value against this schema, all of its keywords. Raises InvalidInput for a wrong schema."""
    try:
        import jsonschema  # type: ignore[import-untyped]
    except ImportError:
        raise InvalidInput(_NO_JSONSCHEMA) from None
    draft = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        draft.check_schema(schema)
    except jsonschema.SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "its root"
        raise InvalidInput(f"This is no JSON Schema (at {place}); nothing was sent.") from None
    validator = draft(dict(schema), format_checker=jsonschema.FormatChecker())

    def check(value: Any) -> tuple[Any, list[Problem]]:
        errors = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
        problems = [Problem(_path(error.absolute_path), _expected(error), error.message) for error in errors]
        return (None, problems) if problems else (value, [])

    return check


def by_pydantic(kind: Any) -> tuple[dict[str, Any], Check]:
    """(the JSON Schema of a type with pydantic models in it, what makes its values)."""
    import pydantic

    try:
        adapter = pydantic.TypeAdapter(kind)
        schema = adapter.json_schema()
    except pydantic.errors.PydanticUserError:
        raise InvalidInput("pydantic cannot make a JSON Schema of it; nothing was sent.") from None

    def check(value: Any) -> tuple[Any, list[Problem]]:
        try:
            return adapter.validate_json(json.dumps(value), strict=True), []
        except pydantic.ValidationError as error:
            return None, [_of_pydantic(one) for one in error.errors(include_url=False)]

    return schema, check


def _of_pydantic(error: Mapping[str, Any]) -> Problem:
    if error["type"] in ("value_error", "assertion_error"):  # the words of the user's own check, which may quote
        return Problem(_path(error["loc"]), "the class refuses it", error["msg"])
    return Problem(_path(error["loc"]), str(error["msg"])[:1].lower() + str(error["msg"])[1:])


def _expected(error: Any) -> str:
    """What a JSON Schema wanted there, without what there was."""
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"lacks {', '.join(missing)}"
    if error.validator == "additionalProperties":
        return "has a field that the schema has not"
    wanted = json.dumps(error.validator_value, default=str)
    return f"does not fit {error.validator}: {wanted}" if len(wanted) < 80 else f"does not fit {error.validator}"


def _path(steps: Iterable[Any]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
