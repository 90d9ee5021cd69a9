"""The pace of rows on the workers of a Dask cluster: one limit over all of them."""

from __future__ import annotations

import asyncio
import threading
from functools import lru_cache
from typing import Any

from ..settings import Settings

LATE_S = 0.1  # how much later than another a request may arrive that was sent with it
LOOK_S = 1.0  # after which a task looks whether it was cancelled


class DaskPace:
    """Gives a place to a row when in the last second fewer were given than may start in one, on whichever worker.

    A place is a lease of Dask's Semaphore, held for a second. Dask takes those of a killed worker back (after
    `distributed.scheduler.locks.lease-timeout`). Made in a task; any thread of its worker may call it then.
    """

    def __init__(self, settings: Settings) -> None:
        from distributed import get_worker

        at_once = max(1, int(settings.requests_per_s))
        self._held_s = at_once / settings.requests_per_s + LATE_S
        self._worker = get_worker()
        self._task = self._worker.get_current_task()
        self._semaphore = _semaphore(self._worker.id, f"{settings.base_url} {settings.requests_per_s}/s", at_once)

    def __call__(self, ended: threading.Event) -> None:
        """Return when a place was taken, or `ended` is set; sets it if the task was cancelled."""
        while not ended.is_set():
            if self._is_cancelled():
                ended.set()
            elif self._semaphore.acquire(timeout=LOOK_S):
                self._worker.loop.add_callback(_release, self._semaphore, self._held_s)
                return

    def _is_cancelled(self) -> bool:
        task = self._worker.state.tasks.get(self._task)
        return task is None or task.state == "cancelled"


async def _release(semaphore: Any, after_s: float) -> None:
    await asyncio.sleep(after_s)
    await semaphore.release()


@lru_cache(maxsize=64)
def _semaphore(worker: str, name: str, leases: int) -> Any:
    """One for all tasks of a worker: each has a timer that never ends."""
    from distributed import Semaphore

    made: Any = Semaphore(leases, f"edenai-nb {name}")  # type: ignore[no-untyped-call]
    made.register()
    return made
