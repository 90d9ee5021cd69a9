"""Tool calls out of their fragments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .pieces import whole_letters

_KNOWN = {"index", "id", "type", "function", "name", "arguments"}


class _Call:
    """One call as far as it has come."""

    def __init__(self, index: Any) -> None:
        self.index = index
        self.id: str | None = None
        self.name = ""
        self._arguments: list[str] = []
        self._more: dict[str, Any] = {}

    @property
    def arguments(self) -> str:
        self._arguments = ["".join(self._arguments)]
        return self._arguments[0]

    def is_whole(self) -> bool:
        try:
            json.loads(self.arguments)
        except (ValueError, RecursionError):
            return False
        return True

    def add(self, fragment: Mapping[str, Any], name: str, arguments: str) -> None:
        self.id = self.id or _text(fragment.get("id")) or None
        if name.startswith(self.name):  # the first, or said again, or all that was said so far
            self.name = name
        elif name and name != self.name:
            self.name += name
        if arguments and self.arguments == "{}":  # some begin with an empty object and send the real one in pieces
            self._arguments.clear()
        self._arguments.append(arguments)
        self._more.update((key, value) for key, value in fragment.items() if key not in _KNOWN)

    def whole(self) -> dict[str, Any]:
        function = {"name": whole_letters(self.name), "arguments": whole_letters(self.arguments)}
        return {"id": self.id, "type": "function", "function": function, **self._more}


class ToolCalls:
    """The calls that one answer makes, however its server cuts and numbers them.

    Fragments of one call share an `index`, or else an `id`; without both they go on with the last call. Under the same
    index another `id`, or a name after whole arguments, begins another call. `arguments` are pieces of one JSON
    text; an object is written as such.
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, fragment: Mapping[str, Any]) -> None:
        """Take a fragment in the wire's form; anything in it may have any type."""
        function = fragment.get("function")
        inside = function if isinstance(function, dict) else {"name": function, **fragment}
        name = _text(inside.get("name") or fragment.get("name"))
        arguments = _json(inside.get("arguments", fragment.get("arguments")))
        call = self._call_of(fragment, name, arguments)
        call.add(fragment, name, arguments)

    def whole(self) -> tuple[dict[str, Any], ...]:
        """Every call so far, in the wire's form."""
        return tuple(call.whole() for call in self._calls)

    def _call_of(self, fragment: Mapping[str, Any], name: str, arguments: str) -> _Call:
        index, id = _text(fragment.get("index")), _text(fragment.get("id"))
        same = [call for call in self._calls if (id and call.id == id) or (not id and not index)]
        same = same or [call for call in self._calls if index and call.index == index]
        if same and not _begins_another(same[-1], id, name, arguments):
            return same[-1]
        self._calls.append(_Call(index))
        return self._calls[-1]


def _begins_another(call: _Call, id: str, name: str, arguments: str) -> bool:
    if id and call.id:
        # Some servers make up a new id for every fragment: only with a name it is another call.
        return id != call.id and bool(name or call.is_whole())
    if not name or not call.name or not call.is_whole():
        return False
    return name != call.name or (bool(arguments) and call.arguments != "{}")


def _text(value: Any) -> str:
    """A word of the wire; numbers as their text, anything else as nothing."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _json(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
