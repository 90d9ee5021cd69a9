"""Pictures of every way an answer can end: `python -m tests.browser.gallery FOLDER`, light and dark.

Live (a second before its end), saved, reopened trusted and untrusted, exported by nbconvert; the chat window; objects.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script

from .chromium import Sync, launched
from .lab import Lab, NotebookPage, Server

TEXT = """# A heading

Some **bold** text with `code`, a [link](https://example.com) and $e^{i\\pi} + 1 = 0$, long enough to be wrapped by the
page, since nobody likes to read lines of one hundred and seventy letters, and then a formula of its own:

$$\\begin{cases} 1 & \\text{if $x > 0$} \\\\ 0 & \\text{otherwise} \\end{cases}$$

> [!TIP]
> A tip, with *words*.

> A quote of the model's own.

## Code

```python
def f(x: int) -> str:
    \"\"\"A comment.\"\"\"
    return f"{x + 1}"  # more
```

```
no language
```

```mermaid
graph LR; A[Ask] --> B[Answer]
```

| name | number |
|------|-------:|
| one  |      1 |
| two  |  2,000 |

- a list
  - in a list
- [x] done
"""
MISSING = {"error": {"message": "Model nosuch/model not found", "type": "invalid_request_error"}}
ENDINGS = ("done", "stopped", "cut", "failed", "no_network", "no_key")
ENDED = ".edenai-status[data-state=done], .edenai-status[data-state=failed]"
WINDOW = "window = eden.ChatWidget()\nwindow"
REVIEW = (
    "from dataclasses import dataclass\n\n@dataclass\nclass Review:\n    product: str\n    stars: int | None = None"
)
REVIEWS = [{"product": f"Kettle {n}", "stars": n if n % 3 else None} for n in range(8)]
REPORT = {"title": "Q3", "total": 1234.5, "lines": REVIEWS[:3], "meta": {"author": {"name": "Ada"}, "tags": ["a", "b"]}}
SIZE = {"width": 1280, "height": 900}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with launched() as browser, tempfile.TemporaryDirectory() as temporary, Sandbox(tokens_per_s=2000) as sandbox:
        server = Server("lab", Path(temporary) / "server")
        lab = Lab(server, browser)
        for theme in ("light", "dark"):
            _cells(lab, sandbox, theme, folder)
            _window(lab, sandbox, theme, folder)
            _data(lab, sandbox, theme, folder)
        lab.close()
        server.stop()


def _cells(lab: Lab, sandbox: Sandbox, theme: str, folder: Path) -> None:
    page = _open(lab, sandbox, theme, *(f"%%edenchat {name} --once\nhello" for name in ENDINGS))
    gates = [threading.Event() for _ in range(3)]
    for gate, finish in zip(gates, ("stop", "stop", "length"), strict=True):
        sandbox.enqueue(
            Script.raw(Opening(), TEXT, Gate(gate), *Script.text("The end.", finish_reason=finish).steps[1:])
        )
        page.run(gates.index(gate) + 1)
        page.wait_output(gates.index(gate) + 1, text="in a list")
    _shoot(page, folder / f"{theme}-live.png")
    page.output(2).locator(".edenai-stop").click()
    for gate in gates:
        gate.set()
    sandbox.enqueue(Script.error(404, MISSING))
    page.run(4)
    page.run_new("eden.configure(base_url='http://127.0.0.1:9/v3', retry_s=0.1)")
    page.run(5)
    page.wait_output(5, css=".edenai-notice:not([hidden])", timeout_s=60)
    page.run_new("eden.configure(base_url='https://api.edenai.run/v3', api_key=None)")
    page.run(6)
    page.wait("!panel.content.node.querySelector('.edenai-view')")
    _shoot(page, folder / f"{theme}-saved.png")
    page.save()
    for trusted in (True, False):
        page.reopen(trusted=trusted)
        page.wait_output(1, css="mjx-container")
        _shoot(page, folder / f"{theme}-reopened-{'trusted' if trusted else 'untrusted'}.png")
    _export(lab, page, theme, folder)


def _data(lab: Lab, sandbox: Sandbox, theme: str, folder: Path) -> None:
    """A table that grows, an object, an answer that does not fit, and a cell that is mended."""
    cells = ("%%edenchat --once --schema list[Review] --frame df\nExtract", "%%edenchat --once --json\nAs JSON")
    bad = "%%edenchat --once --schema Review\nOne"
    page = _open(lab, sandbox, theme, REVIEW, *cells, bad, "{'Lyon': 3}['Lyno']", "%edenchat fix")
    text = json.dumps({"value": REVIEWS})
    gate, cut = threading.Event(), text.index("Kettle 5") + 8
    sandbox.enqueue(Script.raw(Opening(), text[:cut], Gate(gate), *Script.text(text[cut:]).steps[1:]))
    page.run(1)
    page.run(2)
    page.wait_output(2, text="Kettle 5")
    _shoot(page, folder / f"{theme}-data-growing.png")
    gate.set()
    page.wait_output(2, text="JSON")
    for index, said in ((3, [json.dumps(REPORT)]), (4, ['{"product": 3}', '{"product": 3}'])):
        sandbox.enqueue(*said)
        page.run(index)
        page.wait_output(index, js="!node.querySelector('.edenai-view') && node.querySelector('.edenai-markdown')")
    page.run(5)
    sandbox.enqueue("`Lyno` is misspelt.\n\n```python\n{'Lyon': 3}['Lyon']\n```\n")
    page.run(6)
    page.wait("panel.content.widgets.length === 8")
    _shoot(page, folder / f"{theme}-data.png")


def _window(lab: Lab, sandbox: Sandbox, theme: str, folder: Path) -> None:
    page = _open(lab, sandbox, theme, WINDOW)
    for script in (Script.text(TEXT), Script.text(TEXT[:300], finish_reason="length"), Script.error(404, MISSING)):
        sandbox.enqueue(script)
    page.run(1)
    page.wait_output(1, css=".edenai-chat")
    _shoot(page, folder / f"{theme}-window-empty.png")
    for number in range(3):
        page.output(1).locator("textarea[aria-label=Message]").fill("What is it?\n\n> my quote")
        page.output(1).locator("textarea[aria-label=Message]").press("Enter")
        page.wait(f"panel.content.node.querySelectorAll('{ENDED}').length > {number}")
    _shoot(page, folder / f"{theme}-window.png")
    page.page.emulate_media(forced_colors="active")
    _shoot(page, folder / f"{theme}-window-forced.png")
    page.page.emulate_media(forced_colors="none")
    page.output(1).get_by_role("button", name="Settings", exact=True).click()
    _shoot(page, folder / f"{theme}-window-settings.png")
    page.output(1).get_by_role("combobox", name="Model").click()
    page.wait_output(1, css=".edenai-option")
    _shoot(page, folder / f"{theme}-window-models.png")
    page.run_new("window.freeze()")
    page.wait_output(1, js="!node.querySelector('.edenai-chat')")
    _shoot(page, folder / f"{theme}-window-frozen.png")
    page.save()
    page.run_new(
        "eden.configure(base_url='https://api.edenai.run/v3', api_key=None)\nwindow = eden.ChatWidget()\nwindow"
    )
    _shoot(page, folder / f"{theme}-window-no-key.png")


def _open(lab: Lab, sandbox: Sandbox, theme: str, *cells: str) -> NotebookPage:
    setup = f"eden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r})"
    page = lab.notebook([f"%load_ext edenai_nb\nimport edenai_nb as eden; {setup}", *cells], theme=theme)
    page.page.set_viewport_size(SIZE)
    page.run(0)
    return page


def _shoot(page: NotebookPage, path: Path) -> None:
    """The whole notebook: the page is made as high as that."""
    height = page.page.evaluate("panel.content.node.querySelector('.jp-WindowedPanel-inner').scrollHeight + 200")
    page.page.set_viewport_size({**SIZE, "height": min(int(height), 6000)})
    page.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 500)))")
    page.screenshot(path)
    page.page.set_viewport_size(SIZE)


def _export(lab: Lab, page: NotebookPage, theme: str, folder: Path) -> None:
    how = [
        "--to",
        "html",
        f"--HTMLExporter.theme={theme}",
        "--output",
        f"{theme}-exported",
        "--output-dir",
        str(folder),
    ]
    subprocess.run(
        [sys.executable, "-m", "nbconvert", *how, str(page.path)], check=True, capture_output=True, timeout=120
    )
    sheet: Sync = lab._context.new_page()
    sheet.goto((folder / f"{theme}-exported.html").resolve().as_uri())
    sheet.screenshot(path=str(folder / f"{theme}-exported.png"), full_page=True)
    sheet.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
