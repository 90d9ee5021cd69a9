"""The error bodies of Eden AI, in their three shapes (contract, section 6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .script import Script
from .shapes import Problem


def openai(
    status: int, message: str, type: str, code: str | None, param: str | None = None, **how: Mapping[str, str]
) -> Script:
    """Shape 1: errors of the gateway and of providers."""
    error: dict[str, Any] = {"message": message, "type": type, "param": param, "code": code}
    return Script.json({"error": error}, status=status, **how)


def invalid(message: str, param: str | None = None, code: str | None = "invalid_parameter") -> Script:
    """Shape 1 with 400: an invalid parameter."""
    return openai(400, message, "invalid_request_error", code, param)


def detail(status: int, words: str, **how: Mapping[str, str]) -> Script:
    """Shape 2: errors of the layer in front of the endpoints."""
    return Script.json({"detail": words}, status=status, **how)


def unprocessable(problems: Iterable[Problem], part: str = "body") -> Script:
    """Shape 3 with 422: an entry for each invalid value."""
    lines = [{"loc": [part, *where], "msg": message, "type": kind} for where, message, kind in problems]
    return Script.json({"detail": lines}, status=422)
