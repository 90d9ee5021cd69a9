"""The options of a command, such as `%edenchat models --provider openai`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import InvalidInput

SWITCH = bool  # an option without a value


def read(words: Iterable[str], known: Mapping[str, Callable[[str], Any]]) -> tuple[list[str], dict[str, Any]]:
    """Split words into those that are no options, and the options by their names in Python. Raises InvalidInput.

    `known` says for each option how its value is read; `SWITCH` takes none. `--a=b` is `--a b`.
    """
    plain: list[str] = []
    given: dict[str, Any] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("--"):
            plain.append(word)
            continue
        name, equals, value = word.replace("_", "-").partition("=")[0], *word.partition("=")[1:]
        if name not in known:
            raise InvalidInput(_unknown(name, known))
        if known[name] is SWITCH:
            given[_python(name)] = True
        elif equals or left:
            given[_python(name)] = _value(name, value if equals else left.pop(0), known[name])
        else:
            raise InvalidInput(f"{name} takes a value.")
    return plain, given


def _value(name: str, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text)
    except ValueError:
        raise InvalidInput(f"{name} takes a number.") from None


def _python(name: str) -> str:
    return name.lstrip("-").replace("-", "_")


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"There is no option {name} here" + (
        f": did you mean {near[0]}?" if near else f"; there are: {', '.join(known)}."
    )
