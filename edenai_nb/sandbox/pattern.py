"""Generates short texts that a regular expression matches."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from typing import Any

# Python's own parser of patterns, so that it agrees with `re`, which checks the texts.
_PARSER = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
MOST_TRIES = 64
MOST_PARTS = 20_000  # of one text
_OF_A_KIND = {"DIGIT": "0123456789", "WORD": "abcdefghij", "SPACE": " \t\n"}
_OTHERS = {"NOT_DIGIT": "abcdefghij", "NOT_WORD": "-+*/", "NOT_SPACE": "abcdefghij"}
_PRINTABLE = [*"abcdefghijklmnopqrstuvwxyz", *map(chr, range(32, 127)), "\n"]


def matches(pattern: str, least: int = 0, most: float = float("inf")) -> Iterator[str]:
    """Distinct texts of `least` to `most` characters that the pattern matches. Raises ValueError for a bad pattern."""
    try:
        compiled, tree = re.compile(pattern), _PARSER.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern cannot be read: {error}") from None
    seen: set[str] = set()
    for extra in range(MOST_TRIES):
        try:
            text = _Sampler(extra).text(tree)
        except OverflowError as error:
            if extra:
                return
            raise ValueError(str(error)) from None
        for candidate in (text, text.ljust(least, "a")):
            if candidate not in seen and least <= len(candidate) <= most and compiled.search(candidate):
                seen.add(candidate)
                yield candidate


class _Sampler:
    """Generates one text; another `extra` gives more repetitions and other characters, thus another text."""

    def __init__(self, extra: int) -> None:
        self._extra = extra
        self._groups: dict[int, str] = {}
        self._parts = 0

    def text(self, tree: Any) -> str:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise OverflowError("the pattern wants a text that is too long")
        return "".join(self._one(operation, value) for operation, value in tree)

    def _one(self, operation: Any, value: Any) -> str:
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, tree = value
            return "".join(self.text(tree) for _ in range(min(most, least + self._extra)))
        if name == "SUBPATTERN":
            return self._group(value)
        if name == "BRANCH":
            return self.text(value[1][self._extra % len(value[1])])
        if name == "ATOMIC_GROUP":
            return self.text(value)
        if name == "GROUPREF":
            return self._groups.get(value, "")
        return self._character(name, value)

    def _group(self, value: Any) -> str:
        number, *_, tree = value
        text = self.text(tree)
        self._groups[number] = text
        return text

    def _character(self, name: str, value: Any) -> str:
        if name == "LITERAL":
            return chr(value)
        if name == "NOT_LITERAL":
            return self._pick(c for c in _PRINTABLE if c != chr(value))
        if name == "ANY":
            return self._pick(_PRINTABLE[:26])
        if name == "IN":
            return self._pick(_in(value))
        return ""  # an anchor or look-around: the finished text is checked with `re`

    def _pick(self, characters: Any) -> str:
        found = list(characters)
        return found[self._extra % len(found)] if found else ""


def _in(members: Any) -> Iterator[str]:
    """The characters of a set such as `[a-f0-9_]`."""
    (first, _), *_ = members
    if str(first) != "NEGATE":
        yield from (c for name, value in members for c in _members(str(name), value))
        return
    unwanted = {c for name, value in members[1:] for c in _members(str(name), value)}
    yield from (c for c in _PRINTABLE if c not in unwanted)


def _members(name: str, value: Any) -> Iterator[str]:
    if name == "LITERAL":
        yield chr(value)
    elif name == "RANGE":
        yield from map(chr, range(value[0], value[1] + 1))
    elif name == "CATEGORY":
        kind = str(value).removeprefix("CATEGORY_")
        yield from {**_OF_A_KIND, **_OTHERS}[kind]
