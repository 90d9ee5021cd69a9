"""FastAPI's validation errors (422) in one readable line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

SHOWN = 3
# What pydantic puts into `loc` to name a member of a union, as opposed to the name of a field.
_MEMBER = re.compile(r"(?:str|int|float|bool|bytes|none|dict|list|tuple|set|any|enum|decimal)\Z|.*[\[\]()-]|[A-Z]")
_PLACES = ("body", "query", "path", "header", "cookie")
_LITERAL = re.compile(r"Input should be ('.*')")

Complaint: TypeAlias = tuple[tuple[Any, ...], str]  # (path to the field, message)


def is_list(value: Any) -> bool:
    """True for `[{"loc": […], "msg": …}, …]`."""
    return isinstance(value, list) and any(isinstance(one, dict) and "loc" in one and "msg" in one for one in value)


def line(problems: Sequence[Any]) -> str:
    """`messages[0].content: Input should be a valid string or a valid list; …`.

    Every member of a union reports an error: only those of the member closest to the value are shown.
    """
    told: dict[str, list[str]] = {}
    for steps, message in _narrowed([_complaint(one) for one in problems if isinstance(one, dict)]):
        told.setdefault(_path(steps), []).append(message)
    lines = [f"{path}: {_joined(messages)}" if path else _joined(messages) for path, messages in told.items()]
    more = f"; and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return "; ".join(lines[:SHOWN]) + more


def _complaint(problem: dict[str, Any]) -> Complaint:
    steps, message = problem.get("loc"), problem.get("msg")
    steps = tuple(steps) if isinstance(steps, list) else ()
    return steps[1:] if steps and steps[0] in _PLACES else steps, str(message or "")


def _narrowed(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Only the complaints of the closest member of each union, without the member's name in the path."""
    unions: dict[tuple[Any, ...], dict[Any, list[Complaint]]] = {}
    found: list[Complaint] = []
    for steps, message in complaints:
        place = next((i for i, step in enumerate(steps) if isinstance(step, str) and _MEMBER.match(step)), None)
        if place is None:
            found.append((steps, message))
        else:
            members = unions.setdefault(steps[:place], {})
            members.setdefault(steps[place], []).append((steps[:place] + steps[place + 1 :], message))
    for stem, members in unions.items():
        narrowed = [_narrowed(member) for member in members.values()]
        best = min(_distance(member, len(stem)) for member in narrowed)
        found += [one for member in narrowed if _distance(member, len(stem)) == best for one in member]
    return found


def _distance(member: list[Complaint], depth: int) -> tuple[bool, bool, int]:
    """How far a value is from this member of the union: (another type, another kind of object, number of errors)."""
    other_type = all(len(steps) == depth for steps, _ in member)
    other_kind = any(steps[depth:] in (("type",), ("role",)) and _LITERAL.match(message) for steps, message in member)
    return other_type, other_kind, len(member)


def _path(steps: Sequence[Any]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return path.removeprefix(".")


def _joined(messages: Sequence[str]) -> str:
    """Several messages about one value as one: `Input should be a valid string or a valid list`."""
    first, *others = dict.fromkeys(messages)
    start = "Input should be "
    return " or ".join([first, *(other.removeprefix(start) if first.startswith(start) else other for other in others)])
