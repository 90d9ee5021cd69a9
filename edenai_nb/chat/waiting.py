"""Waits for a turn that another thread ends, while the caller's event loop keeps running."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

OnEnd = Callable[[Callable[[Any], None]], None]


async def until_end(on_end: OnEnd, on_cancel: Callable[[], None]) -> None:
    """Await the callback of `on_end`. `on_cancel` is called if the awaiting task is cancelled."""
    try:
        await _as_future(on_end)
    except asyncio.CancelledError:
        on_cancel()
        raise


def wait(ended: threading.Event, on_end: OnEnd, timeout: float | None) -> None:
    """Block until the event is set, for at most `timeout` seconds; an event loop in this thread keeps running."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        ended.wait(timeout)
        return
    import nest_asyncio2  # type: ignore[import-untyped]  # the maintained fork: the original breaks ipykernel 7

    async def end() -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_as_future(on_end), timeout)

    try:
        nest_asyncio2.apply(loop)
    except ValueError:  # a loop written in C, such as uvloop's: it is blocked meanwhile
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
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(resolve)

    on_end(wake)
    return future
