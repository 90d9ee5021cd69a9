"""Lets PyYAML write our subclasses of `str` as text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

_known: set[type] = set()


def register(*kinds: type[str]) -> None:
    """Let PyYAML, if it is loaded, write these subclasses of `str` as text: by itself it accepts exact types only."""
    module = sys.modules.get("yaml.representer")
    if module is None or _known.issuperset(kinds) or not hasattr(module, "Representer"):  # not loaded, or loading now
        return
    for representer in _with_a_table(module.BaseRepresenter):
        for kind in kinds:
            representer.add_representer(kind, lambda dumper, text: dumper.represent_str(str(text)))
    _known.update(kinds)


def _with_a_table(representer: Any) -> Iterator[Any]:
    """The subclasses that have a table of representers of their own; the others inherit one."""
    for below in representer.__subclasses__():
        if "yaml_representers" in vars(below):
            yield below
        yield from _with_a_table(below)
