"""The notebook's variables in a chat window: which there are, what to ask about them, what is sent of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from IPython.core.getipython import get_ipython

from .. import attachments
from ..data import describe, frames
from ..errors import EdenError, InvalidInput
from ..messages import Part

MOST_SUGGESTIONS = 3
ERROR = "error"  # the last one, unless the notebook has a variable of this name
_READING = ("suggest", "value")  # kinds of messages

Filled = tuple[str, list[Part]]
_fill: Callable[[str], Filled] | None = None


def fill_with(fill: Callable[[str], Filled] | None) -> None:
    """Let this fill in the `{{expressions}}` of messages; None to send them as typed."""
    global _fill
    _fill = fill


def own(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The user's own variables: without modules, functions, classes and what begins with `_`."""
    return {
        name: value
        for name, value in list(namespace.items())
        if not name.startswith("_") and not callable(value) and not isinstance(value, ModuleType)
    }


def names() -> list[list[str]]:
    """The variables that can be attached, each with the name of its type, sorted; what is hidden from `%who` is not."""
    return [[name, type(value).__name__] for name, value in sorted(_variables().items())]


def suggestions() -> list[dict[str, str]]:
    """Up to three questions that this notebook is likely to have: `text`, and the `name` of what goes along."""
    tables = [name for name, value in _variables().items() if frames.read(value) is not None]
    asked = [{"text": "Fix the last error", "name": ERROR}] if _last_error() else []
    asked += [{"text": f"Explain {name}", "name": name} for name in reversed(tables)]
    asked += [{"text": f"Suggest a chart for {name}", "name": name} for name in tables[-1:]]
    return asked[:MOST_SUGGESTIONS]


def touches(message: Mapping[str, Any]) -> bool:
    """Whether a message of a view needs the user's objects: it is dealt with when no cell runs."""
    return message.get("kind") in _READING or bool(message.get("values")) or "{{" in str(message.get("text"))


def parts(name: str) -> list[Part]:
    """What is sent of a variable: its text as a part, and the pictures in it. Raises InvalidInput if there is none."""
    known = _variables()
    if name not in known and name == ERROR and (error := _last_error()):
        known = {ERROR: error}
    if name not in known:
        raise InvalidInput(f"There is no variable {name!r} any more; nothing was sent.")
    found = describe.described(known[name], name)
    return [attachments.value(name, found.about, found.text, found.language), *found.parts]


def filled(text: str, attached: Iterable[Any]) -> Filled:
    """The text with its expressions filled in, and the parts of all that goes along. Raises InvalidInput."""
    said, more = _fill(text) if _fill and "{{" in text else (text, [])
    return said, [*(part for name in attached for part in parts(str(name))), *more]


def _variables() -> dict[str, Any]:
    shell = get_ipython()
    hidden = getattr(shell, "user_ns_hidden", {})
    return {name: value for name, value in own(getattr(shell, "user_ns", {})).items() if name not in hidden}


def _last_error() -> BaseException | None:
    """The error of the last cell that failed, unless it was a question that failed, or was interrupted."""
    error = getattr(sys, "last_value", None)
    return None if isinstance(error, (EdenError, KeyboardInterrupt, SystemExit)) else error
