"""Chromium for the tests: found or installed, then driven from a thread of its own.

Playwright's synchronous API leaves a running event loop in the thread that uses it, which breaks `asyncio.run`
and nbclient in every later test. So its asynchronous API runs on one loop in one thread here, and `Sync` gives its
objects blocking methods. They look like those of `playwright.sync_api`; event handlers run on the browser's thread
and get Playwright's own asynchronous objects.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from filelock import FileLock
from playwright.async_api import async_playwright
from playwright.async_api import expect as async_expect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CALL_S = 120.0  # below pytest's own limit, so that a hung call names itself


class NoChromium(Exception):
    """One line: there is no Chromium and none could be installed."""


@contextmanager
def launched() -> Iterator[Sync]:
    """A headless Chromium as a blocking `Browser`; closed at the end. Raises NoChromium."""
    path, thread = executable(), _LoopThread()
    playwright = thread.call(async_playwright().start)
    try:
        browser = thread.call(playwright.chromium.launch, executable_path=path, args=list(ARGUMENTS))
        yield Sync(browser, thread)
        thread.call(browser.close)
    finally:
        thread.call(playwright.stop)
        thread.close()


def expect(target: Sync) -> Sync:
    """Playwright's `expect`, for an object of this module."""
    return target._call(async_expect, target)  # type: ignore[no-any-return]


def nodes(page: Sync) -> int:
    """How many nodes the browser keeps for the page, shown or not, once it has cleared up."""
    tools = page.context.new_cdp_session(page)
    tools.send("HeapProfiler.collectGarbage")
    counters = tools.send("Memory.getDOMCounters")
    tools.detach()
    return int(counters["nodes"])


class Sync:
    """A Playwright object whose methods block until the browser's thread has done them."""

    def __init__(self, target: Any, thread: _LoopThread) -> None:
        self._target = target
        self._thread = thread

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if callable(value):
            return partial(self._call, value)
        return self._call(lambda: value)  # a value that is still to come, such as `info.value`, is waited for

    def __enter__(self) -> Any:
        return self._call(self._target.__aenter__)

    def __exit__(self, *error: Any) -> None:
        self._call(self._target.__aexit__, *error)

    def __repr__(self) -> str:
        return f"Sync({self._target!r})"

    def _call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        args = tuple(_bare(arg) for arg in args)
        result = self._thread.call(function, *args, **{name: _bare(value) for name, value in options.items()})
        return self._wrapped(result)

    def _wrapped(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._wrapped(item) for item in value]
        return Sync(value, self._thread) if type(value).__module__.startswith("playwright.") else value


class _LoopThread:
    """One event loop on one thread: Playwright's objects belong to it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="playwright", daemon=True)
        self._thread.start()

    def call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Run it on the loop and give its value, awaited where it can be. TimeoutError after CALL_S."""

        async def run() -> Any:
            value = function(*args, **options)
            return await value if inspect.isawaitable(value) else value

        future = asyncio.run_coroutine_threadsafe(run(), self._loop)
        try:
            return future.result(CALL_S)
        except FutureTimeout as error:
            if future.done():  # Playwright's own time limit, with its own message
                raise
            future.cancel()
            raise TimeoutError(f"the browser did not answer in {CALL_S:.0f} s: {function!r}") from error

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def _bare(value: Any) -> Any:
    return value._target if isinstance(value, Sync) else value


@cache
def _search() -> str | NoChromium:
    chosen = os.environ.get("EDENAI_TEST_CHROMIUM")
    if chosen:
        return chosen if _works(chosen) else NoChromium(f"EDENAI_TEST_CHROMIUM={chosen} is not a Chromium that starts.")
    with FileLock(Path(tempfile.gettempdir()) / "edenai-chromium.lock"):  # two test processes look at the same time
        return _found() or _installed()


def executable() -> str:
    """The path of a Chromium that starts; one is installed if there is none. Raises NoChromium, every time."""
    outcome = _search()
    if isinstance(outcome, NoChromium):
        raise outcome
    return outcome


def _found() -> str | None:
    candidates = (*map(shutil.which, NAMES), MAC, _playwright_path())
    return next((path for path in candidates if path and _works(path)), None)


def _installed() -> str | NoChromium:
    said: list[str] = []
    for command in _install_commands():
        done = subprocess.run(command, capture_output=True, text=True)
        if path := _found():
            return path
        said += [line for line in (done.stdout + done.stderr).splitlines() if "error" in line.lower()][:1]
    return NoChromium(
        "The browser tests need a Chromium and none could be installed: set EDENAI_TEST_CHROMIUM to one, or run "
        f"`apt-get install chromium` or `python -m playwright install chromium`. They said: {' / '.join(said)}"
    )


def _install_commands() -> Iterator[list[str]]:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        yield ["sh", "-c", "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y chromium"]
    playwright = [sys.executable, "-m", "playwright", "install"]
    if root:
        yield [*playwright, "--with-deps", "chromium"]  # the system libraries too
    yield [*playwright, "chromium"]


def _works(path: str) -> bool:
    # Ubuntu's package is a stub that only asks for a snap: asking for the version tells.
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and any(word in said.stdout for word in ("Chrom", "Edge"))


def _playwright_path() -> str | None:
    ask = "from playwright.sync_api import sync_playwright as p\nwith p() as w: print(w.chromium.executable_path)"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    return said.stdout.strip() or None
