"""The chat window outside of Jupyter's notebooks: Voilà and marimo, the real ones, against the sandbox."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest

from edenai_nb.sandbox import HangUp, Opening, Sandbox, Script

from . import axe
from .chromium import Sync, expect
from .test_widget import ANSWER, HAND_OVER, Window, asked, gated
from .test_widget_access import ALL, WIDE

START_S = 60.0
OWN = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "IPYTHONDIR",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
)
SETUP = "import edenai_nb as eden\neden.configure(base_url={!r}, api_key={!r}, model='openai/gpt-mini-latest')\n"
VOILA = (
    "import ipywidgets\nw, label = eden.ChatWidget(), ipywidgets.Label('nothing yet')\n"
    "w.on_reply(lambda reply: setattr(label, 'value', f'{len(reply)} characters'))\nipywidgets.HBox([label, w])"
)
MARIMO = """import marimo

app = marimo.App()


@app.cell
def _():
    import marimo
    {}
    window = marimo.ui.anywidget(eden.ChatWidget())
    window
    return
"""


# What is wider than its place and neither scrolls nor wraps, and the controls of which any side is not on top.
CUT = """(root, where) => {
    const told = [], scrolls = 'pre, table, .edenai-markdown > :has(.edenai-math)';
    for (const node of [document.scrollingElement, root, ...root.querySelectorAll('*')]) {
        const clips = getComputedStyle(node).overflowX !== 'visible' || node.matches('.edenai-turn');
        if (!clips || !node.checkVisibility() || node.closest(`${scrolls}, input, textarea, .edenai-state`)) continue;
        if (node.scrollWidth > node.clientWidth + 1) told.push(`${node.className || node.tagName} is cut`);
    }
    for (const node of root.querySelectorAll('button, input, textarea, a, summary')) {
        if (!node.checkVisibility() || node.ariaHidden || !node.closest(where)) continue;
        node.scrollIntoView({block: 'nearest'});
        const {left, top, right, bottom} = node.getClientRects()[0], x = (left + right) / 2, y = (top + bottom) / 2;
        for (const at of [[left + 2, y], [right - 2, y], [x, top + 2], [x, bottom - 2]]) {
            if (node.contains(document.elementFromPoint(...at))) continue;
            told.push(`${node.ariaLabel || node.textContent} is not on top at ${at}`);
        }
    }
    return told;
}"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=0) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def voila(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("voila")
    cell = nbformat.v4.new_code_cell(SETUP.format(sandbox.base_url, sandbox.key) + VOILA)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "page.ipynb")
    with served([sys.executable, "-m", "voila", "page.ipynb", "--no-browser"], folder) as url:
        yield url


@contextmanager
def served(command: list[str], folder: Path) -> Iterator[str]:
    """The address of a server that is started with `--port=…`."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    env = {**os.environ, **{name: str(folder / name) for name in OWN}}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, f"--port={port}"], cwd=folder, env=env, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_S
        while not _listens(port):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)


def _listens(port: int) -> bool:
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=10)):
        return True
    return False


@contextmanager
def shown(browser: Sync, url: str) -> Iterator[tuple[Window, list[str]]]:
    """The window in a page of its own, and the addresses on other hosts that the page has asked for."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page, foreign = context.new_page(), []
    page.on("request", lambda request: _is_foreign(request.url, url) and foreign.append(request.url))
    page.route("https://**", lambda route: route.abort())
    page.goto(url)
    yield Window(page, page.locator(".edenai-chat")), foreign
    context.close()


def _is_foreign(url: str, own: str) -> bool:
    return urlsplit(url).netloc not in ("", urlsplit(own).netloc)


def use(window: Window, sandbox: Sandbox) -> None:
    """Ask, read, stop, ask again in a branch, choose a model, and copy code where no cell can be inserted."""
    sandbox.enqueue(ANSWER)
    window.ask("hello")
    window.wait_state("done")
    expect(window.log.locator("h3")).to_have_text("Title")
    gated(sandbox, "The first half\n\n")
    window.box.evaluate(HAND_OVER, ["paste", [["notes.txt", "text/plain", "dGhyZWUgZmFjdHM="]]])
    window.ask("more")
    expect(window.log).to_contain_text("The first half")
    assert "three facts" in asked(sandbox)[-1]["content"][1]["text"]
    window.button("Stop").click()
    window.wait_state("stopped", 1)
    window.button("Retry", 1).click()
    expect(window.turns.nth(1).locator(".edenai-walker")).to_contain_text("2/2")
    window.wait_state("done", 1)

    model = window.root.get_by_role("combobox", name="Model")
    model.fill("sonnet lat")
    expect(window.root.get_by_role("option")).to_have_count(1)
    model.press("Escape")
    window.button("Insert below", 0).click()
    expect(window.root.get_by_role("status").filter(has_text="no cell can be inserted here")).to_be_visible()


def test_the_window_works_in_voila(browser: Sync, sandbox: Sandbox, voila: str) -> None:
    with shown(browser, voila) as (window, foreign):
        use(window, sandbox)

        label = window.page.locator(".widget-label", has_text="characters")
        expect(label).to_be_visible()
        assert label.evaluate("(node) => node.scrollWidth <= node.clientWidth")  # the window leaves it its room
        assert [url for url in foreign if "fontawesome" not in url] == []  # Voilà's own


@pytest.mark.parametrize(("theme", "width"), [("light", 640), ("dark", 320)])  # 640 are 1280 at 200 %
def test_where_pages_are_narrow_nothing_is_cut_or_covered_and_axe_finds_nothing(
    browser: Sync, sandbox: Sandbox, voila: str, tmp_path: Path, theme: str, width: int
) -> None:
    with shown(browser, f"{voila}?theme={theme}") as (window, _):
        window.page.set_viewport_size({"width": width, "height": 450})
        window.page.locator(".widget-label").evaluate("(node) => node.remove()")
        sandbox.enqueue(f"{ALL}\n\n> [!TIP]\n> Words\n\n{WIDE}", Script.raw(Opening(), "Half an answ", HangUp()))
        window.ask("What is it? " * 30)
        window.wait_state("done")
        window.ask("And then?")
        window.wait_state("failed", 1)

        assert window.root.evaluate(CUT, ".edenai-chat") == []
        window.button("Settings").click()
        assert window.root.evaluate(CUT, ".edenai-panel, .edenai-composer") == []
        assert axe.violations(window.page, axe.fetch(tmp_path), ".edenai-chat") == []


def test_the_window_works_in_marimo(browser: Sync, sandbox: Sandbox, tmp_path: Path) -> None:
    setup = SETUP.format(sandbox.base_url, sandbox.key).replace("\n", "\n    ")
    (tmp_path / "page.py").write_text(MARIMO.format(setup))

    command = [sys.executable, "-m", "marimo", "-q", "run", "page.py", "--headless", "--no-token"]
    with served(command, tmp_path) as url, shown(browser, url) as (window, foreign):
        use(window, sandbox)

        assert foreign == []
        sizes = "(log) => ['h3', 'p'].map((tag) => parseFloat(getComputedStyle(log.querySelector(tag)).fontSize))"
        heading, text = window.log.evaluate(sizes)
        assert heading > 1.2 * text  # although the page takes the look of headings away
