"""Decodes the JSON body of a request, with the errors of FastAPI."""

from __future__ import annotations

import json
from email.message import Message
from typing import Any

from .refusals import detail, unprocessable
from .script import Script
from .shapes import Problem

MAX_JSON_BYTES = 32 * 1024 * 1024


def read(body: bytes, content_type: str | None) -> tuple[Any, Script | None]:
    """(the value, None), or (None, the Script that refuses it); both for JSON without a JSON content type."""
    if not body:
        return None, _missing()
    if (content_type or "").lower().startswith("multipart/"):
        return None, _not_json()
    if len(body) > MAX_JSON_BYTES:
        return None, detail(413, "Request body too large")
    try:
        value = json.loads(body)
    except json.JSONDecodeError as error:
        problem = Problem((error.pos,), "JSON decode error", "json_invalid")
        return None, unprocessable([problem]) if _is_json(content_type) else _not_json()
    except (ValueError, RecursionError):  # not UTF-8, an overlong number, brackets nested too deep
        return None, detail(400, "There was an error parsing the body") if _is_json(content_type) else _not_json()
    if not _is_json(content_type):
        return value, _not_json()
    return value, _missing() if value is None else None


def _is_json(content_type: str | None) -> bool:
    if not content_type:
        return False
    message = Message()
    message["content-type"] = content_type
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))


def _missing() -> Script:
    return unprocessable([Problem((), "Field required", "missing")])


def _not_json() -> Script:
    words = "Input should be a valid dictionary or object to extract fields from"
    return unprocessable([Problem((), words, "model_attributes_type")])
