"""How PyYAML, where it is loaded, writes our kinds of `str`: as text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

_known: set[type] = set()


def register(*kinds: type[str]) -> None:
    """Let PyYAML write values of these kinds as their text: it looks for exact types. It is not loaded for that."""
    module = sys.modules.get("yaml.representer")
    if module is None or _known.issuperset(kinds) or not hasattr(module, "Representer"):  # it is being loaded
        return
    for representer in _with_a_table(module.BaseRepresenter):
        for kind in kinds:
            representer.add_representer(kind, lambda dumper, text: dumper.represent_str(str(text)))
    _known.update(kinds)


def _with_a_table(representer: Any) -> Iterator[Any]:
    """Those below it that keep a table of their own; the others look into it."""
    for below in representer.__subclasses__():
        if "yaml_representers" in vars(below):
            yield below
        yield from _with_a_table(below)
