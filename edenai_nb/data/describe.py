"""Python values as the text, and the pictures, that a model reads."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import PurePath
from typing import Any

from . import arrays, containers, figures, frames, printed, records, sources, tracebacks
from .described import Described, Level

Describer = Callable[[str, Level], Described]

_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}
_PLAIN = (str, int, float, bool, type(None), bytes)
_OWN_WORDS = ("_repr_llm_", "_repr_markdown_")
_PANDAS = {
    "display.max_rows": arrays.MOST_VALUES,
    "display.max_columns": None,
    "display.max_colwidth": None,
    "display.max_seq_items": None,
    "display.width": None,
}


def describe(value: Any, level: str = "") -> str:
    """A value as a model reads it in a prompt, by `{{value}}` or `{{value:level}}`.

    Tables (pandas, polars, pyarrow, a series, an index, more than 50 records) are whole up to 50 rows; larger ones are
    their schema: name, type, missing and different values of each column, and no value of the data, also where a large
    table is inside of something else. `level` is `schema`, `stats` (with ranges and the most frequent categories),
    `rows` (200 of them) or `rows=N`. Arrays of more than 10,000 values are their shape, type and range; of longer lists
    and dicts the middle is left out; functions and classes are their source, exceptions their traceback, a figure its
    name (the picture goes along with a prompt).
    `_repr_llm_()` of an object comes first. Everything else is its `str`. Raises InvalidInput for another level.
    """
    found = described(value, "it", Level.read(level))
    return f"[{found.about}]\n{found.text}" if found.is_block and found.about else found.text


def described(value: Any, name: str, level: Level | None = None) -> Described:
    """The value as a model reads it, with what a label and the status line say of it by this name."""
    with _whole():
        return _described(value, name, containers.DEEPEST, level or Level(), str)


def formatted(value: Any, conversion: str, spec: str) -> str:
    """A value as an f-string would write it."""
    with _whole():
        converted = _CONVERSIONS[conversion](value) if conversion else value
        return format(converted, spec)


def _described(value: Any, name: str, depth: int, level: Level, otherwise: Callable[[Any], str] = repr) -> Described:
    if describer := _describer(value):
        return describer(name, level)
    if containers.is_special(value, lambda item: _describer(item) is not None, depth):
        inner = partial(_inner, level=level)
        return containers.describe(value, name, inner, depth)
    return Described(otherwise(value))


def _inner(value: Any, name: str, depth: int, *, level: Level) -> Described:
    return _described(value, name, depth, level)


def _describer(value: Any) -> Describer | None:
    """How this value is told, if its `str` does not do: found by its type, without looking into it."""
    if isinstance(value, _PLAIN):
        return None
    if words := _own_words(value, _OWN_WORDS[:1]):
        return words
    if isinstance(value, BaseException):
        return lambda name, _: tracebacks.describe(value, name)
    if (found := records.read(value)) is not None:
        return lambda name, level: records.describe(found, name, level)
    if isinstance(value, (*containers.KINDS, PurePath)):
        return None
    if (table := frames.read(value)) is not None:
        return lambda name, level: frames.describe(table, name, level)
    if (lazy := frames.read_lazy(value)) is not None:
        return lambda name, _: frames.describe_lazy(lazy, name)
    if (array := arrays.read(value)) is not None:
        return lambda name, level: arrays.describe(array, name, level)
    if figures.is_picture(value):
        return lambda name, _: figures.describe(value, name)
    if (source := sources.read(value)) is not None:
        return lambda name, _: sources.describe(source, name)
    return _own_words(value, _OWN_WORDS[1:])


def _own_words(value: Any, methods: tuple[str, ...]) -> Describer | None:
    """What an object says of itself to models, or else to readers of markdown; nothing where that is None."""
    for method in methods:
        if (say := getattr(type(value), method, None)) and not isinstance(value, type):
            return lambda name, _: _told(say(value), value)
    return None


def _told(said: Any, value: Any) -> Described:
    if isinstance(said, tuple):  # with metadata, as representations may have it
        said = said[0]
    if said is None:
        return Described(str(value))
    return Described(str(said), f"as {type(value).__name__} describes itself")


@contextmanager
def _whole() -> Iterator[None]:
    """For as long as this lasts, what shortens itself by a setting of its library does not, and tables do."""
    with ExitStack() as stack:
        if numpy := _module("numpy"):
            stack.enter_context(numpy.printoptions(threshold=arrays.MOST_VALUES))
        if pandas := _module("pandas"):
            stack.enter_context(pandas.option_context(*(part for pair in _PANDAS.items() for part in pair)))
        stack.enter_context(printed.as_schemas())
        yield


def _module(name: str) -> Any:
    """A library, if it is there already: what has not been imported has no values here."""
    module = sys.modules.get(name)
    return module if hasattr(module, "__version__") else None  # not in the middle of its import
