"""The browser that the tests drive, and that it leaves the test's own thread alone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from .chromium import Sync, expect


def test_a_page_runs_javascript_and_reports_events(browser: Sync) -> None:
    page, said = browser.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.set_content("<p>one</p><p>two</p>")

    assert page.evaluate("document.querySelectorAll('p').length") == 2
    assert [p.inner_text() for p in page.locator("p").all()] == ["one", "two"]
    with page.expect_console_message() as message:
        page.evaluate("console.log('hello')")
    assert message.value.text == "hello"
    assert said == ["hello"]
    expect(page.locator("p").first).to_have_text("one")
    page.close()


def test_a_failed_wait_tells_what_it_waited_for(browser: Sync) -> None:
    page = browser.new_page()
    with pytest.raises(Exception, match="waiting for locator"):
        page.locator("#nowhere").click(timeout=50)
    page.close()


def test_asyncio_works_while_the_browser_is_open(browser: Sync) -> None:
    async def title() -> str:
        return await asyncio.to_thread(lambda: str(page.evaluate("1 + 1")))

    page = browser.new_page()
    assert asyncio.run(title()) == "2"
    page.close()


def test_the_browser_may_be_used_inside_a_running_loop_and_from_any_thread(browser: Sync) -> None:
    async def inside() -> object:
        return browser.new_page().evaluate("6 * 7")

    answers = [asyncio.run(inside())]
    thread = threading.Thread(target=lambda: answers.append(browser.new_page().evaluate("6 * 7")))
    thread.start()
    thread.join(30)
    assert answers == [42, 42]


def test_without_a_chromium_a_browser_test_fails_with_one_line(tmp_path: Path) -> None:
    env = {**os.environ, "EDENAI_TEST_CHROMIUM": str(tmp_path / "none"), "PYTEST_ADDOPTS": ""}
    test = f"{Path(__file__)}::test_a_failed_wait_tells_what_it_waited_for"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={_root()}", test]
    run = subprocess.run([*command, "-c", str(_root() / "pyproject.toml")], capture_output=True, text=True, env=env)

    assert run.returncode == 1
    errors = [line for line in run.stdout.splitlines() if line.startswith("E ") or "EDENAI_TEST_CHROMIUM" in line]
    assert any("is not a Chromium that starts" in line for line in errors)
    assert "Traceback" not in run.stdout
    assert "1 error" in run.stdout


def _root() -> Path:
    return Path(__file__).parents[2]
