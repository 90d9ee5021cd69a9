"""A real JupyterLab or Notebook 7, driven through its own application object.

    page = lab.notebook(["1 + 1"])
    page.run(0)
    page.wait_output(0, text="2")

Everything goes through `window.jupyterapp`: no typing (the editor indents) and no toolbar selectors. Every wait has a
deadline and ends as soon as it may.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from nbformat.sign import NotebookNotary
from playwright.async_api import TimeoutError as PlaywrightTimeout

from .chromium import Sync

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
SETTINGS: dict[str, dict[str, Any]] = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "docmanager-extension/plugin": {"autosave": False},
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}
START_S = 60.0
WAIT_S = 30.0

_LOADED = "window.jupyterapp && window.jupyterapp.restored.then(() => true)"
# Errors that these front ends throw of their own: Notebook 7 always, both where a notebook has no kernel.
_THEIR_OWN = (
    "Cannot read properties of undefined (reading 'schema')",
    "Cannot read properties of null (reading 'kernel')",
)
# The application is set on the window before it opens anything: the moment to tell it to start no kernel.
_NO_KERNEL = """Object.defineProperty(window, 'jupyterapp', {
    configurable: true,
    set(app) {
        app.docRegistry.getKernelPreference = () => ({shouldStart: false, canStart: false});
        Object.defineProperty(window, 'jupyterapp', {value: app, writable: true});
    },
});"""
_OPEN_IN_LAB = """async (path) => {
    window.panel = await window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'});
}"""
_OPENED_IN_NOTEBOOK = """() => {
    window.panel = window.jupyterapp.shell.currentWidget;
    return Boolean(window.panel?.context);
}"""
_READY = """async (kernel) => {
    await Promise.all([panel.context.ready, panel.revealed]);
    window.runs = {};
    if (!kernel) return;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
}"""
_RUN = """(index) => {
    panel.content.deselectAll();
    panel.content.activeCellIndex = index;
    window.runs[index] = window.jupyterapp.commands.execute('notebook:run-cell');
}"""
# An output area without the "[1]:" beside it.
_TEXT = "(node) => [...node.querySelectorAll('.jp-OutputArea-output')].map((part) => part.innerText).join('\\n').trim()"
_AREA = "panel.content.widgets[{}].outputArea.node"


class Server:
    """`jupyter lab` or `jupyter notebook` of this very environment, with folders of its own."""

    def __init__(self, front_end: str, folder: Path) -> None:
        self.front_end, self.folder, self.token = front_end, folder, uuid.uuid4().hex
        self.root = folder / "root"
        self._log = folder / "server.log"
        self._folders = {
            "JUPYTER_CONFIG_DIR": folder / "config",
            "JUPYTER_DATA_DIR": folder / "data",
            "JUPYTER_RUNTIME_DIR": folder / "runtime",
            "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
            "IPYTHONDIR": folder / "ipython",
        }
        for path in (self.root, *self._folders.values()):
            path.mkdir(parents=True)
        for name, value in SETTINGS.items():
            self.set(name, value)
        self._process = self._start()
        self.url = self._wait_for_url()

    def set(self, name: str, value: dict[str, Any]) -> None:
        """Write one settings file; pages that are opened afterwards see it."""
        path = self._folders["JUPYTERLAB_SETTINGS_DIR"] / f"@jupyterlab/{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))

    def notary(self) -> NotebookNotary:
        return NotebookNotary(data_dir=str(self._folders["JUPYTER_DATA_DIR"]))

    def stop(self) -> None:
        """End the server and with it its kernels."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(15)

    def _start(self) -> subprocess.Popen[bytes]:
        module = {"lab": "jupyterlab", "notebook": "notebook"}[self.front_end]
        options = ["--no-browser", "--allow-root", "--port=0", "--expose-app-in-browser"]
        options += ["--LabApp.extension_manager=readonly", f"--ServerApp.root_dir={self.root}"]
        env = {**os.environ, "JUPYTER_TOKEN": self.token, **{k: str(v) for k, v in self._folders.items()}}
        command = [sys.executable, "-m", module, *options]
        with self._log.open("wb") as log:
            return subprocess.Popen(command, cwd=self.root, env=env, stdout=log, stderr=subprocess.STDOUT)

    def _wait_for_url(self) -> str:
        note = self._folders["JUPYTER_RUNTIME_DIR"] / f"jpserver-{self._process.pid}.json"
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(FileNotFoundError, ValueError):
                return f"http://localhost:{json.loads(note.read_text())['port']}"
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.front_end} did not start:\n{self._log.read_text()[-2000:]}")


class Lab:
    """A front end (`frontend` is "lab" or "notebook") in which tests open notebooks."""

    def __init__(self, server: Server, browser: Sync) -> None:
        self.server, self.frontend, self.url = server, server.front_end, server.url
        self._context = browser.new_context(viewport={"width": 1280, "height": 900})
        self._pages: list[NotebookPage] = []

    def notebook(self, cells: list[str], theme: str = "light", kernel: bool = True) -> NotebookPage:
        """A new notebook with these code cells, open in a page of its own."""
        path = self.server.root / f"{uuid.uuid4().hex}.ipynb"
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(nb, path)
        self._pages.append(NotebookPage(self, path, theme, kernel))
        return self._pages[-1]

    def close_pages(self) -> None:
        """Close what was opened and end the kernels."""
        while self._pages:
            self._pages.pop().close()

    def close(self) -> None:
        self.close_pages()
        self._context.close()


class NotebookPage:
    """One open notebook; cells are counted from 0.

    requests: the address of every request.      page_errors, console_errors: their texts.
    bytes_received, frames_received: what came over websockets.    page: the Playwright page.
    They go on counting after `reopen`.
    """

    def __init__(self, lab: Lab, path: Path, theme: str, kernel: bool) -> None:
        self.lab, self.path, self.theme = lab, path, theme
        self.requests: list[str] = []
        self.page_errors: list[str] = []
        self.console_errors: list[str] = []
        self.bytes_received = self.frames_received = 0
        self._open(kernel)

    # cells

    def set_source(self, index: int, source: str) -> None:
        self._js("([index, source]) => panel.content.model.sharedModel.cells[index].setSource(source)", index, source)

    def add_cell(self, source: str) -> int:
        """Append a code cell; gives its index."""
        return int(
            self._js(
                "([source]) => { const model = panel.content.model.sharedModel, index = model.cells.length;"
                " model.insertCell(index, {cell_type: 'code', source}); return index; }",
                source,
            )
        )

    def run(self, index: int, wait: bool = True) -> bool | None:
        """Run a cell. Waits for its end and tells whether it ended well, or returns at once (`wait=False`)."""
        self.page.evaluate(_RUN, index)
        return self.finished(index) if wait else None

    def finished(self, index: int) -> bool:
        """Wait for the end of a cell that was started; whether it ended well."""
        return bool(self._js("([index]) => window.runs[index]", index))

    def run_all(self) -> bool:
        return bool(self._js("() => window.jupyterapp.commands.execute('notebook:run-all-cells')"))

    def run_new(self, source: str) -> int:
        """Append a cell and run it to its end; gives its index."""
        index = self.add_cell(source)
        self.run(index)
        return index

    # outputs

    def output(self, index: int) -> Sync:
        """The locator of a cell's output area."""
        cell = self.page.locator(f".jp-Notebook .jp-Cell >> nth={index}")
        return cell.locator(".jp-Cell-outputArea")  # type: ignore[no-any-return]

    def text(self, index: int) -> str:
        """What a cell's output area shows, as text."""
        return str(self.page.evaluate(f"({_TEXT})({_AREA.format(index)})"))

    def wait_output(
        self,
        index: int,
        *,
        text: str | None = None,
        css: str | None = None,
        js: str | None = None,
        timeout_s: float = WAIT_S,
    ) -> None:
        """Wait until the output area holds all that is asked for; `js` is an expression about `node`, the area."""
        wanted = [f"({js})"] if js else []
        wanted += [f"({_TEXT})(node).includes({json.dumps(text)})"] if text else []
        wanted += [f"node.querySelector({json.dumps(css)})"] if css else []
        assert wanted, "say what to wait for: text, css or js"
        try:
            self.wait(f"((node) => {' && '.join(wanted)})({_AREA.format(index)})", timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; cell {index} shows: {self.text(index)[-2000:]!r}") from None

    def wait(self, js: str, timeout_s: float = WAIT_S) -> None:
        """Wait until a JavaScript expression holds (`panel` is the notebook, `jupyterapp` the application)."""
        try:
            self.page.wait_for_function(js, polling=20, timeout=timeout_s * 1000)
        except PlaywrightTimeout:
            raise AssertionError(f"not so within {timeout_s} s: {js}") from None

    # the kernel and the file

    def interrupt(self) -> None:
        self._js("() => panel.sessionContext.session.kernel.interrupt()")

    def restart(self) -> None:
        """Restart the kernel and wait until it answers."""
        context = "panel.sessionContext"
        self._js(f"async () => {{ await {context}.restartKernel(); await {context}.session.kernel.info }}")

    def save(self) -> None:
        self._js("() => panel.context.save()")

    def read_nb(self) -> nbformat.NotebookNode:
        """The notebook as it is on disk."""
        return nbformat.read(self.path, as_version=4)

    def trusted(self) -> bool:
        """Whether the front end trusts every cell, so that it shows HTML as it is."""
        return bool(self._js("() => panel.content.widgets.every((cell) => cell.model.trusted)"))

    def reopen(self, trusted: bool | None = None, kernel: bool = True, same_kernel: bool = False) -> None:
        """Close the page and open the file again. `trusted=None` leaves the trust to what was saved.

        The kernel is ended before, unless `same_kernel`.
        """
        self._close_page(end_kernel=not same_kernel)
        if trusted is not None:
            self._set_trust(trusted)
        self._open(kernel)

    def close(self) -> None:
        self._close_page(end_kernel=True)

    # the page

    def foreign_requests(self) -> list[str]:
        """Requests that went to another host than the server's."""
        own = urlsplit(self.lab.url).netloc
        return [url for url in self.requests if urlsplit(url).netloc not in ("", own)]

    def screenshot(self, path: str | Path) -> None:
        self.page.screenshot(path=str(path))

    def _js(self, function: str, *args: Any) -> Any:
        return self.page.evaluate(function, list(args))

    def _open(self, kernel: bool) -> None:
        self.lab.server.set("apputils-extension/themes", {"theme": THEMES[self.theme]})
        self.page = self.lab._context.new_page()
        self._listen()
        if not kernel:
            self.page.add_init_script(_NO_KERNEL)
        if self.lab.frontend == "lab":
            self._open_in_lab()
        else:
            self._open_in_notebook()
        self.page.evaluate(_READY, kernel)
        self.wait(f"document.body.dataset.jpThemeName === {json.dumps(THEMES[self.theme])}")

    def _open_in_lab(self) -> None:
        # A workspace of its own: the default one would open the notebooks of earlier tests again.
        self.page.goto(f"{self.lab.url}/lab/workspaces/{uuid.uuid4().hex}?token={self.lab.server.token}")
        self.wait(_LOADED, START_S)
        self.page.evaluate(_OPEN_IN_LAB, self.path.name)

    def _open_in_notebook(self) -> None:
        self.page.goto(f"{self.lab.url}/notebooks/{self.path.name}?token={self.lab.server.token}")
        self.wait(_LOADED, START_S)
        self.wait(_OPENED_IN_NOTEBOOK)

    def _listen(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", self._on_page_error)
        self.page.on("console", self._on_console)
        self.page.on("websocket", self._on_websocket)

    def _on_page_error(self, error: Any) -> None:
        if error.message not in _THEIR_OWN:
            self.page_errors.append(str(error))

    def _on_console(self, message: Any) -> None:
        if message.type == "error":
            self.console_errors.append(message.text)

    def _on_websocket(self, socket: Any) -> None:
        self.requests.append(socket.url)
        socket.on("framereceived", self._on_frame)

    def _on_frame(self, payload: str | bytes) -> None:
        self.frames_received += 1
        self.bytes_received += len(payload)

    def _close_page(self, end_kernel: bool) -> None:
        if end_kernel:
            self._js("() => panel.sessionContext.session && panel.sessionContext.shutdown()")
        self.page.close()

    def _set_trust(self, trusted: bool) -> None:
        nb = self.read_nb()
        notary = self.lab.server.notary()
        (notary.sign if trusted else notary.unsign)(nb)
        notary.store.close()
