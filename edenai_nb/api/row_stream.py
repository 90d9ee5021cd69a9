"""Reads the answer to one row of a batch: whole rather than streamed, at the pace of rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import RateLimited
from .client import Client
from .rate_limit import RateLimiter
from .stream import DeltaStream

_WHOLE = {"Accept": "application/json"}


@dataclass(frozen=True)
class RowPace:
    """How many rows a second may start; `told`: the user said so, else more are tried (see `RateLimiter`).

    gate(ended): returns when other processes let this one start a row, too, or `ended` is set; None if there are none.
    """

    limiter: RateLimiter
    per_s: float
    told: bool
    gate: Callable[[threading.Event], None] | None = None

    def wait(self, ended: threading.Event) -> None:
        """Return when a place was taken, or `ended` is set."""
        while (wait_s := self.limiter.reserve_row(self.per_s, told=self.told)) and not ended.wait(wait_s):
            pass
        if self.gate:
            self.gate(ended)


class RowStream(DeltaStream):
    """A DeltaStream for which a place was taken already. A 429 is raised at once: the row can be asked again later.

    Nobody watches a row grow, and reading hundreds of events costs several times what the whole body does. One that is
    not the `first` request for its row waits for its place, and for a server that is busy.
    """

    def __init__(self, client: Client, body: Mapping[str, Any], pace: RowPace, *, is_first: bool = True) -> None:
        super().__init__(client, {k: v for k, v in body.items() if k not in ("stream", "stream_options")}, _WHOLE)
        self._pace = pace
        self._is_first = self._has_place = is_first

    def _await_rate_limit(self) -> None:
        if not self._has_place:
            self._pace.wait(self._closed)
        self._has_place = False

    def _may_retry(self, error: BaseException) -> bool:
        return not (self._is_first and isinstance(error, RateLimited)) and super()._may_retry(error)
