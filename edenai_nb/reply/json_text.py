"""Finds the JSON value in a text that has other words around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

_OPENING = re.compile(r"[\[{]")
_MARK = re.compile(r'[\[{]|[\]}]|"(?:[^"\\]|\\.)*"?', re.DOTALL)  # a bracket or a whole string
_BEFORE_LIST = re.compile(r"(?:\A|[:\n])[ \t]*\Z")  # `[1]` in a sentence is a footnote


def json_value(text: str, fences: Iterable[tuple[str, str]] = ()) -> Any:
    """The value of the whole text; else of the first fence that holds one (those named json first); else the first
    object, or else the first list, in the text. Raises ValueError if there is none.

    Nothing is taken from inside a truncated or malformed value: a part of it would look like the answer.
    """
    ranked = sorted(fences, key=lambda fence: not fence[0].lower().startswith("json"))
    for candidate in (text, *(source for _, source in ranked)):
        try:
            return json.loads(candidate.strip("\ufeff \t\r\n"))
        except (ValueError, RecursionError):
            continue
    values = list(_inside(text))
    for kind in (dict, list):
        for value in values:
            if isinstance(value, kind):
                return value
    raise ValueError("there is no JSON in it")


def _inside(text: str) -> Iterator[Any]:
    for start, end in _bracketed(text):
        if text[start] == "[" and not _BEFORE_LIST.search(text[max(0, start - 10) : start]):
            continue
        try:
            yield json.loads(text[start:end])
        except (ValueError, RecursionError):
            continue


def _bracketed(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each outermost pair of brackets; quotes count only inside one. Linear in the text."""
    depth = start = at = 0
    while mark := (_MARK if depth else _OPENING).search(text, at):
        at = mark.end()
        if mark[0] in "[{":
            start = start if depth else mark.start()
            depth += 1
        elif mark[0] in "]}":
            depth -= 1
            if not depth:
                yield start, at
