"""A place in a cell's output: what stands there is replaced while it grows, and at the end by what is saved."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from IPython.display import display

from . import audience
from .first_sign import FirstSign

SEEN_S = 2.0  # a page that draws widgets has said hello by then


class Place:
    """Shows this MIME bundle in the running cell, or where its `sign` stands. Any thread may update it.

    While a cell runs that captures what is shown (`%%capture`), an update would end up there: it is to be tried again.
    """

    def __init__(self, bundle: dict[str, Any], sign: FirstSign | None = None) -> None:
        self._captured = bundle if audience.is_captured() else None  # what `%%capture` holds is this very bundle
        self._handle: Any = sign.handle if sign else display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        self._began_at = time.monotonic()

    @property
    def is_late(self) -> bool:
        """Whether a page that can draw a widget here would have said so."""
        return self._captured is None and time.monotonic() - self._began_at > SEEN_S

    def update(self, bundle: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> bool:
        """Show this in place of what stands there. False if it cannot be now."""
        if audience.is_captured():
            return False
        self._handle.update(bundle, raw=True, metadata=metadata)
        return True

    def end(self, bundle: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> bool:
        """Show what is saved; what was captured holds it at once. False if it cannot be shown now."""
        if self._captured is not None:
            self._captured.clear()
            self._captured.update(bundle)
            self._captured = None
        return self.update(bundle, metadata)
