"""Waiting for an end that another thread brings, while the caller's event loop goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

OnEnd = Callable[[Callable[[Any], None]], None]


async def until_end(on_end: OnEnd, on_cancel: Callable[[], None]) -> None:
    """Await what calls back through `on_end`. `on_cancel` is called where the awaiting task is cancelled."""
    try:
        await _as_future(on_end)
    except asyncio.CancelledError:
        on_cancel()
        raise


def wait(ended: threading.Event, on_end: OnEnd, timeout: float | None) -> None:
    """Block until the event is set, for at most `timeout` seconds; a loop that runs in this thread goes on turning."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        ended.wait(timeout)
        return
    import nest_asyncio2  # type: ignore[import-untyped]  # the living fork: the original breaks ipykernel 7

    async def end() -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_as_future(on_end), timeout)

    try:
        nest_asyncio2.apply(loop)
    except ValueError:  # a loop written in C, such as uvloop's: it stands still meanwhile, the answer does not
        ended.wait(timeout)
    else:
        loop.run_until_complete(end())


def _as_future(on_end: OnEnd) -> asyncio.Future[None]:
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def resolve() -> None:
        if not future.done():
            future.set_result(None)

    def wake(_: object) -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(resolve)

    on_end(wake)
    return future
