"""What `In` is in a prompt: the cells before the one that asks, whose slices keep their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload


class CellSources(Sequence[str]):
    """`In[3]` is a source, `In[-3:]` the last three cells before this one, each below its number."""

    def __init__(self, sources: Sequence[str], numbers: Sequence[int] | None = None) -> None:
        self._sources = list(sources)
        self._numbers = list(range(len(sources)) if numbers is None else numbers)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> CellSources: ...

    def __getitem__(self, place: int | slice) -> str | CellSources:
        if isinstance(place, slice):
            return CellSources(self._sources[place], self._numbers[place])
        return self._sources[place]

    def __len__(self) -> int:
        return len(self._sources)

    def __str__(self) -> str:
        cells = zip(self._numbers, self._sources, strict=True)
        return "\n\n".join(f"# In[{number}]\n{source.rstrip()}" for number, source in cells if source.strip())
