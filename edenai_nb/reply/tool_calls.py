"""Assembles tool calls from their fragments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .pieces import whole_letters

_KNOWN = {"index", "id", "type", "function", "name", "arguments"}


class _Call:
    """One call, as far as it has arrived."""

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
        if name.startswith(self.name):  # the first fragment, a repetition, or the whole name so far
            self.name = name
        elif name and name != self.name:
            self.name += name
        if arguments and self.arguments == "{}":  # some servers begin with an empty object
            self._arguments.clear()
        self._arguments.append(arguments)
        self._more.update((key, value) for key, value in fragment.items() if key not in _KNOWN)

    def whole(self) -> dict[str, Any]:
        function = {"name": whole_letters(self.name), "arguments": whole_letters(self.arguments)}
        return {"id": self.id, "type": "function", "function": function, **self._more}


class ToolCalls:
    """The tool calls of one answer, however its server splits and numbers them.

    Fragments of one call share an `index`, or else an `id`; one without either continues the last call. With the same
    index, another `id`, or a name after complete arguments, begins another call. `arguments` are pieces of a JSON
    text; an object is converted to JSON.
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, fragment: Mapping[str, Any]) -> None:
        """Add a fragment as received; no value in it is trusted to have its type."""
        function = fragment.get("function")
        inside = function if isinstance(function, dict) else {"name": function, **fragment}
        name = _text(inside.get("name") or fragment.get("name"))
        arguments = _json(inside.get("arguments", fragment.get("arguments")))
        call = self._call_of(fragment, name, arguments)
        call.add(fragment, name, arguments)

    def whole(self) -> tuple[dict[str, Any], ...]:
        """Every call so far: `{"id", "type", "function": {"name", "arguments"}}`."""
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
        # Some servers send a new id with every fragment: only together with a name it is another call.
        return id != call.id and bool(name or call.is_whole())
    if not name or not call.name or not call.is_whole():
        return False
    return name != call.name or (bool(arguments) and call.arguments != "{}")


def _text(value: Any) -> str:
    """A string as it is, an int as a string, anything else as ""."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _json(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
