"""Every state of cell and window on one sheet: `python -m tests.browser.gallery FOLDER`, and where their parts stand.

The pictures are for the eye. What CI compares is the layout: the boxes of the main parts, in `gallery.json`, which
`python -m tests.browser.gallery --accept` writes anew when a change is meant.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script

from .chromium import Sync, expect, launched
from .lab import THEMES, Lab, NotebookPage, Server

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
SHORT = "A *short* answer.\n\n```\nno language\n```\n"
MISSING = Script.error(404, {"error": {"message": "Model nosuch/model not found", "type": "invalid_request_error"}})
CUT = Script.text(SHORT, finish_reason="length")
REVIEW = (
    "from dataclasses import dataclass\n\n@dataclass\nclass Review:\n    product: str\n    stars: int | None = None"
)
REVIEWS = [{"product": f"Kettle {n}", "stars": n if n % 3 else None} for n in range(8)]
REPORT = {"title": "Q3", "total": 1234.5, "lines": REVIEWS[:3], "meta": {"author": {"name": "Ada"}, "tags": ["a", "b"]}}
ANSWERS = {
    "done": [TEXT],
    "cut": [CUT],
    "failed": [MISSING],
    "compared": [SHORT, SHORT],
    "table": [json.dumps({"value": REVIEWS})],
    "object": [json.dumps(REPORT)],
    "misfit": [json.dumps({"product": 7})] * 2,
}
CELLS = {
    "live": "%%edenchat --once\nhello",
    "done": "%%edenchat\nhello",
    "cut": "%%edenchat\nhello",
    "failed": "%%edenchat --once\nhello",
    "compared": "%%edenchat --once -m openai/gpt-5-mini -m mistral/mistral-small-latest\nhello",
    "table": "%%edenchat --once --schema list[Review] --frame df\nExtract",
    "object": "%%edenchat --once --json\nAs JSON",
    "misfit": "%%edenchat --once --schema Review\nOne",
    "empty": "eden.ChatWidget()",
    "window": "eden.ChatWidget()",
    "frozen": "old = eden.ChatWidget()\nold",
}
VARIANTS = ("light", "dark", "narrow", "forced colours")
WIDE, NARROW = {"width": 1000, "height": 1400}, {"width": 440, "height": 1400}
PARTS = (
    *(".edenai-name", ".edenai-markdown", ".edenai-markdown>p", ".edenai-code", "table", ".edenai-notice"),
    *(".edenai-status", ".edenai-chat", ".edenai-welcome", ".edenai-log", ".edenai-question", ".edenai-composer"),
    *(".edenai-round", ".edenai-compared"),
)
LAYOUT = Path(__file__).with_name("gallery.json")
# The first visible box of each part, from the left upper corner of its output.
_BOXES = """(area, parts) => {
    const from = area.getBoundingClientRect(), found = {};
    for (const part of parts) {
        const node = [...area.querySelectorAll(part)].find((one) => one.checkVisibility());
        if (!node) continue;
        const {x, y, width, height} = node.getBoundingClientRect();
        found[part] = [x - from.x, y - from.y, width, height].map(Math.round);
    }
    return found;
}"""
_QUIET = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 150)))"
# What is drawn late, by MathJax and by mermaid, in each of the three long answers that are not folded.
_SETTLED = """document.querySelectorAll('mjx-container').length >= 6
    && document.querySelectorAll('.jp-RenderedMermaid img').length >= 3"""
Layout = dict[str, dict[str, list[int]]]


def main(folder: Path) -> None:
    """Pictures of all states in all variants, and `sheet.png` with all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with launched() as browser, tempfile.TemporaryDirectory() as temporary, Sandbox(tokens_per_s=2000) as sandbox:
        server = Server("lab", Path(temporary) / "server")
        lab = Lab(server, browser)
        with filled(lab, sandbox) as page:
            layout = layouts(page)
            names = [name for variant in VARIANTS for name in _shoot_all(page, variant, folder, list(CELLS))]
        if "--accept" in sys.argv:
            LAYOUT.write_text(json.dumps(layout, indent=1) + "\n")
        page.save()
        for trusted in (True, False):
            page.reopen(trusted=trusted, kernel=False)
            page.wait_output(2, css="mjx-container")
            how = f"reopened, {'' if trusted else 'un'}trusted"
            names += _shoot_all(page, how, folder, [*ANSWERS, "frozen"])
        _sheet(lab, folder, names)
        lab.close()
        server.stop()


@contextmanager
def filled(lab: Lab, sandbox: Sandbox) -> Iterator[NotebookPage]:
    """A notebook with a cell in each state; the one that is live goes on afterwards."""
    setup = f"eden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r}, model='openai/gpt-5-mini')"
    page = lab.notebook([f"%load_ext edenai_nb\nimport edenai_nb as eden; {setup}\n{REVIEW}", *CELLS.values()])
    page.page.evaluate("jupyterapp.shell.collapseLeft?.()")
    page.run(0)
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), TEXT, Gate(gate), *Script.text("The end.").steps[1:]))
    page.run(1)
    page.wait_output(1, text="in a list")
    for name, scripts in ANSWERS.items():
        sandbox.enqueue(*scripts)
        page.run(_index(name))
        page.wait_output(_index(name), css=".edenai-markdown", js="!node.querySelector('.edenai-view')")
    page.run(_index("empty"))
    for name in ("window", "frozen"):
        page.run(_index(name))
        _talk(page, sandbox, _index(name))
    page.run_new("old.freeze()")
    page.wait_output(_index("frozen"), js="!node.querySelector('.edenai-chat')")
    page.wait_output(_index("empty"), css=".edenai-welcome:not([style*=hidden])")
    yield page
    gate.set()
    page.wait_output(1, text="The end.", js="!node.querySelector('.edenai-view')")


def _talk(page: NotebookPage, sandbox: Sandbox, index: int) -> None:
    """Four turns: two earlier ones, one that was cut, one that failed."""
    page.wait_output(index, css=".edenai-chat textarea")
    box = page.output(index).get_by_label("Message", exact=True)
    for number, script in enumerate((SHORT, TEXT, CUT, MISSING), start=1):
        sandbox.enqueue(script)
        expect(box).to_have_value("")
        box.fill("What is it?\n\n> my quote")
        box.press("Enter")
        ended = ".edenai-status:is([data-state=done], [data-state=failed])"
        page.wait_output(index, js=f"node.querySelectorAll('{ended}').length === {number}")
    page.page.evaluate("document.activeElement.blur()")


def layouts(page: NotebookPage) -> Layout:
    """The boxes of the parts of each state, wide and narrow: part -> [x, y, width, height] in pixels."""
    found = {}
    for variant in ("light", "narrow"):
        _turn_to(page, variant)
        page.page.evaluate(f"document.querySelectorAll('.edenai-log').forEach((log) => log.scrollTop = 0); {_QUIET}")
        page.wait(_SETTLED)
        for name in CELLS:
            area = page.output(_index(name))
            found[f"{name}, {variant}"] = area.evaluate(_BOXES, [*PARTS])
    return found


def differences(now: Layout, last: Layout) -> list[str]:
    """What stands elsewhere, by more than other fonts could move it."""
    told = [f"{state}: {part} has come or gone" for state in last for part in now.get(state, {}).keys() ^ last[state]]
    for state, parts in last.items():
        for part, before in parts.items():
            box = now.get(state, {}).get(part, before)
            if any(abs(a - b) > 12 + 0.15 * max(a, b) for a, b in zip(box, before, strict=True)):
                told.append(f"{state}: {part} was at {before}, is at {box}")
    return told


def _index(name: str) -> int:
    return list(CELLS).index(name) + 1


def _turn_to(page: NotebookPage, variant: str) -> None:
    page.page.set_viewport_size(NARROW if variant == "narrow" else WIDE)
    page.page.emulate_media(forced_colors="active" if variant == "forced colours" else "none")
    theme = THEMES["dark" if variant == "dark" else "light"]
    page.page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait(f"document.body.dataset.jpThemeName === {json.dumps(theme)}")
    page.page.evaluate(_QUIET)


def _shoot_all(page: NotebookPage, variant: str, folder: Path, states: list[str]) -> list[str]:
    """A picture of each state; gives the names of their files."""
    _turn_to(page, variant)
    names = []
    for state in states:
        names.append(f"{state}, {variant}.png")
        page.output(_index(state)).screenshot(path=str(folder / names[-1]))
    if "window" in states:
        names += _shoot_open(page, variant, folder)
    return names


def _shoot_open(page: NotebookPage, variant: str, folder: Path) -> list[str]:
    """The settings of the window, and its models, which lie over the page."""
    window: Sync = page.output(_index("window"))
    window.scroll_into_view_if_needed()
    names = [f"settings, {variant}.png", f"models, {variant}.png"]
    window.get_by_role("button", name="Settings", exact=True).click()
    window.screenshot(path=str(folder / names[0]))
    window.get_by_role("button", name="Settings", exact=True).click()
    window.get_by_role("combobox", name="Model").click()
    page.wait_output(_index("window"), css=".edenai-option")
    page.page.screenshot(path=str(folder / names[1]))
    window.get_by_role("combobox", name="Model").press("Escape")
    return names


def _sheet(lab: Lab, folder: Path, names: list[str]) -> None:
    """All pictures on one page, a column for each variant."""
    columns: dict[str, list[str]] = {}
    for name in names:
        columns.setdefault(name.split(", ", 1)[1], []).append(
            f"<figure><figcaption>{escape(name[:-4])}</figcaption><img src='{escape(name)}'></figure>"
        )
    look = (
        "body{display:flex;gap:16px;font:14px sans-serif}img{max-width:560px;border:1px solid #8888}figure{margin:8px}"
    )
    cells = "".join(f"<div>{''.join(pictures)}</div>" for pictures in columns.values())
    (folder / "sheet.html").write_text(f"<style>{look}</style>{cells}")
    sheet: Any = lab._context.new_page()
    sheet.set_viewport_size({"width": 580 * len(columns), "height": 900})
    sheet.goto((folder / "sheet.html").resolve().as_uri())
    sheet.screenshot(path=str(folder / "sheet.png"), full_page=True)
    sheet.close()


if __name__ == "__main__":
    main(Path(next(iter(a for a in sys.argv[1:] if not a.startswith("-")), "gallery")))
