"""Lists, sets and dicts, with what is in them described as it would be by itself; cut in the middle if long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from .described import Described

MOST_ITEMS = 10_000
DEEPEST = 6  # containers inside of containers
_AROUND: dict[type[Any], str] = {  # what stands around the items
    dict: "{ }",
    list: "[ ]",
    tuple: "( )",
    set: "{ }",
    frozenset: "frozenset({ })",
    deque: "deque([ ])",
}
KINDS: tuple[type[Any], ...] = tuple(_AROUND)

Special = Callable[[Any], bool]  # whether something is told in another way than by its `str`
Inner = Callable[[Any, str, int], Described]  # (value, name, depth)


def is_special(value: Any, special: Special, depth: int = DEEPEST) -> bool:
    """Whether this is a container that is long, or that holds something which its `str` does not tell."""
    if not depth or not isinstance(value, KINDS):
        return False
    inner: Any = value.values() if isinstance(value, dict) else value
    return len(value) > MOST_ITEMS or any(special(item) or is_special(item, special, depth - 1) for item in inner)


def describe(value: Any, name: str, inner: Inner, depth: int = DEEPEST) -> Described:
    """A list, tuple or dict; of more than 10,000 items the first and the last, with a count of the others."""
    count = len(value)
    first = count if count <= MOST_ITEMS else MOST_ITEMS // 2
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    kept = [pair for at, pair in enumerate(pairs) if at < first or at >= count - MOST_ITEMS // 2]
    found = [(key, inner(item, f"{name}[{key!r}]", depth - 1)) for key, item in kept]
    pieces = [_piece(one, f"{key!r}: " if isinstance(value, dict) else "") for key, one in found]
    left_out = [f"{count - len(kept):,} of {count:,} items left out"] if len(kept) < count else []
    pieces[first:first] = [f"… {told} …" for told in left_out]
    opening, closing = next(around for kind, around in _AROUND.items() if isinstance(value, kind)).split()
    notes = [*(f"{name}: {told}" for told in left_out), *(note for _, one in found for note in one.notes)]
    parts = tuple(part for _, one in found for part in one.parts)
    about = ", ".join([f"{count:,} items", *left_out])
    return Described(f"{opening}{', '.join(pieces)}{closing}", about, tuple(islice(notes, 10)), parts)


def _piece(one: Described, before: str) -> str:
    label = f"[{one.about}]\n" if one.is_block and one.about else ""
    text = f"{label}{one.text}"
    return f"{before}\n{text}\n" if "\n" in text else f"{before}{text}"
