"""What it costs to watch a long answer in JupyterLab: ours beside the usual ways, from the same stream in one run.

    python tests/bench/lab.py [--kind mixed|fence|table|list|paragraph] [--tokens 20000] [--only ours]

For each way: CPU of the kernel, bytes over the websocket, how long the browser's main thread was busy, and how long
after its last token the text was complete on the screen.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from importlib.metadata import version
from math import inf
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil

from edenai_nb.sandbox import Sandbox, Script
from edenai_nb.sandbox.completion import tokens
from tests.browser import chromium
from tests.browser.lab import Lab, NotebookPage, Server

TOKENS_PER_S = 1000
PATIENCE_S = 120  # then the last words will never come: above 1,000 messages/s the server drops some
END = "This is the end."

SETUP = """
%load_ext edenai_nb
import edenai_nb as eden, ipywidgets, os
from IPython.display import Markdown, display
from edenai_nb.api.client import Client
from edenai_nb.api.stream import DeltaStream
from edenai_nb.chat.request import Request
from edenai_nb.settings import resolve
eden.configure(base_url={url!r}, api_key="sandbox")
print(os.getpid())
"""
WAYS = {
    "edenai_nb": "%%edenchat ans\ngo",
    "display(Markdown) each token": """
text, handle = "", display(Markdown(""), display_id=True)
for delta in DeltaStream(Client(resolve()), Request(resolve(), ({"role": "user", "content": "go"},), {}).body):
    text += delta.text; handle.update(Markdown(text))
""",
    "display(Markdown) 20 a second": """
turn = eden.Chat().send("go")
handle = display(Markdown(""), display_id=True)
for reply in turn.frames(): handle.update(Markdown(str(reply)))
""",
    "ipywidgets.HTML, whole text": """
import markdown
turn = eden.Chat().send("go")
box = ipywidgets.HTML(); display(box)
for reply in turn.frames(): box.value = markdown.markdown(reply, extensions=["extra"])
""",
}


def text(kind: str, count: int) -> str:
    """About so many tokens of one kind of markdown."""
    section = (Path(__file__).parents[2] / "edenai_nb" / "sandbox" / "replies" / "dataset.md").read_text("utf-8")
    pieces = {
        "mixed": lambda n: f"## Part {n}\n\n{section}\n\n",
        "fence": lambda n: f"value_{n} = compute({n}, name='row {n}')  # step {n}\n",
        "table": lambda n: f"| {n} | row `{n}` | {n * n} |\n",
        "list": lambda n: f"- item **{n}** with some `code` and a few words\n",
        "paragraph": lambda n: f"Sentence number {n} has *some* emphasis and a few more words. ",
    }
    heads = {"fence": "```python\n", "table": "| n | name | value |\n|---|---|---:|\n"}
    made, size, n = [heads.get(kind, "")], 0, 0
    while size < count:
        made.append(pieces[kind](n))
        size += len(tokens(made[-1]))
        n += 1
    return "".join(made) + ("```" if kind == "fence" else "") + f"\n\n{END}"


# When the last words are in the page, by the clock that all of this machine share.
WATCH = """([index, end]) => {
  const area = panel.content.widgets[index].outputArea.node;
  const look = () => (window.seen ||= area.textContent.slice(-500).includes(end) && Date.now() / 1000);
  look() || new MutationObserver(look).observe(area, { childList: true, subtree: true, characterData: true });
}"""


def measure(page: NotebookPage, sandbox: Sandbox, answer: str, code: str) -> dict[str, float]:
    sandbox.enqueue(Script.text(answer, tokens_per_s=TOKENS_PER_S))
    asked = len(sandbox.requests)
    kernel = psutil.Process(int(page.text(0)))
    browser = page.page.context.new_cdp_session(page.page)
    browser.send("Performance.enable")
    busy, cpu, bytes_before, index = task_s(browser), cpu_s(kernel), page.bytes_received, page.add_cell(code)
    page.run(index, wait=False)
    request = sandbox.wait_for_requests(asked + 1, 30)[-1]
    request.finished.wait(600)
    sent = time.time()
    page.page.evaluate(WATCH, [index, END])
    while not (seen := page.page.evaluate("window.seen")) and time.time() - sent < PATIENCE_S:
        time.sleep(0.5)
    page.wait("!document.querySelector('.edenai-view')")  # ours ends with a saved output
    return {
        "kernel CPU s": cpu_s(kernel) - cpu,
        "MB to the browser": (page.bytes_received - bytes_before) / 1e6,
        "browser busy s": task_s(browser) - busy,
        "behind s": seen - sent if seen else inf,
    }


def cpu_s(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])


def task_s(browser) -> float:
    metrics = browser.send("Performance.getMetrics")["metrics"]
    return next(m["value"] for m in metrics if m["name"] == "TaskDuration")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", default="mixed")
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    answer = text(options.kind, options.tokens)
    names = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget")
    print(f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in names), sep=", ")
    print(f"{options.kind}: {len(answer):,} characters, {len(tokens(answer)):,} tokens at {TOKENS_PER_S}/s\n")
    print("| how | kernel CPU s | MB to the browser | browser busy s | behind s |\n|---|--:|--:|--:|--:|")
    with chromium.launched() as browser, Sandbox() as sandbox:
        server = Server("lab", Path(tempfile.mkdtemp()))
        try:
            lab = Lab(server, browser)
            for name, code in WAYS.items():
                if options.only in name:
                    page = lab.notebook([SETUP.format(url=sandbox.base_url)])
                    assert page.run(0), page.text(0)
                    found = measure(page, sandbox, answer, code)
                    print(
                        f"| {name} |",
                        " | ".join("never" if value == inf else f"{value:.2f}" for value in found.values()),
                        "|",
                        flush=True,
                    )
                    page.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
