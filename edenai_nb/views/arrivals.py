"""Files that come from a page to the kernel in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..chat.files import MAX_BYTES, Named
from ..errors import InvalidInput

MOST_HELD = 3 * MAX_BYTES  # in all: what a view attached that was closed since is never asked about


class Arrivals:
    """What has arrived of each file, by the id that the page gave it, until it is asked about."""

    def __init__(self) -> None:
        self._files: dict[str, bytearray] = {}

    def take(self, id: str, pieces: Iterable[Any]) -> None:
        """Put these pieces at its end. Raises InvalidInput for more than Eden AI takes, and forgets the file."""
        file = self._files.setdefault(id, bytearray())
        for piece in pieces:
            file += piece
        if len(file) > MAX_BYTES:
            self.drop([id])
            raise InvalidInput(f"The file is too large: Eden AI takes {MAX_BYTES / 1e6:,.0f} MB.")
        while sum(map(len, self._files.values())) > MOST_HELD:
            del self._files[next(iter(self._files))]

    def drop(self, ids: Iterable[str]) -> None:
        """Forget these files."""
        for id in ids:
            self._files.pop(id, None)

    def whole(self, files: Iterable[Mapping[str, Any]]) -> list[Named]:
        """The content of these files (`id`, `name`, `size`). Raises InvalidInput for one of which something lacks."""
        found = [(str(file["name"]), int(file["size"]), self._files.get(file["id"], b"")) for file in files]
        for name, size, data in found:
            if len(data) != size:
                raise InvalidInput(f"{name} did not arrive whole: attach it again.")
        return [Named(name, bytes(data)) for name, _, data in found]
