"""What the chat window costs: opening a long conversation, showing a new token in it, and memory over many turns.

python -m tests.bench.window [--turns 200] [--streamed 1000]            (from the repository's root)
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script

from ..browser import chromium
from ..browser.chromium import Sync
from ..browser.lab import Lab, NotebookPage, Server
from .lab import text

TOKENS = 40
SETUP = """
%load_ext edenai_nb
import gc, psutil, edenai_nb as eden
eden.configure(base_url={url!r}, api_key="sandbox", model="openai/gpt-5-mini")
chat = eden.Chat()
for _ in range({turns}):
    chat.ask("go")
print(sum(len(turn.reply) for turn in chat.turns))
"""
STREAM = """
for _ in range({turns}):
    turn = chat.send("go"); turn.wait(); chat.remove(turn)
gc.collect()
print(psutil.Process().memory_info().rss // 1000)
"""
# Milliseconds from running the last cell until the whole conversation is there and painted.
OPEN = """async (turns) => {
    const began = performance.now(), index = panel.content.widgets.length - 1;
    panel.content.activeCellIndex = index;
    window.jupyterapp.commands.execute('notebook:run-cell');
    const cell = panel.content.widgets[index].outputArea.node;
    const frame = () => new Promise(requestAnimationFrame);
    while (cell.querySelectorAll('.edenai-turn .edenai-markdown > *:first-child').length < turns) await frame();
    await frame(); await frame();
    return performance.now() - began;
}"""
# Notes when each token is seen in the last answer.
WATCH = """() => {
    window.seen = {};
    new MutationObserver(() => {
        const text = [...document.querySelectorAll('.edenai-turn .edenai-markdown')].at(-1).textContent;
        for (const [token] of text.matchAll(/<\\d+>/g)) window.seen[token] ??= Date.now();
    }).observe(document.querySelector('.edenai-log'), {childList: true, subtree: true, characterData: true});
}"""


def opened(page: NotebookPage, sandbox: Sandbox, turns: int) -> float:
    """Seconds until a conversation of so many turns is on the screen."""
    answer = text("mixed", 700)[:2000]
    sandbox.enqueue(*(answer for _ in range(turns)))
    made = page.run_new(SETUP.format(url=sandbox.base_url, turns=turns))
    print(f"{turns} turns, {int(page.text(made)):,} characters")
    page.add_cell("window = eden.ChatWidget(chat); window")
    return float(page.page.evaluate(OPEN, turns)) / 1000


def delays(page: NotebookPage, sandbox: Sandbox) -> list[float]:
    """Seconds from sending a token until the page holds it, for a row of tokens in a new answer."""
    gates = [threading.Event() for _ in range(TOKENS)]
    steps: list[Any] = [step for i, gate in enumerate(gates) for step in (Gate(gate), f"<{i}> and more ")]
    sandbox.enqueue(Script.raw(Opening(), *steps, *Script.text("").steps[1:]))
    page.page.evaluate(WATCH)
    page.run_new("turn = chat.send('go')")
    found = []
    for number, gate in enumerate(gates):
        sent = time.time()
        gate.set()
        page.wait(f"window.seen['<{number}>']")
        found.append(page.page.evaluate(f"window.seen['<{number}>']") / 1000 - sent)
    page.run_new("turn.wait(); chat.remove(turn)")
    return found


def heap(page: NotebookPage) -> tuple[int, int]:
    """kB of live JavaScript objects, and the number of DOM nodes."""
    browser: Sync = page.page.context.new_cdp_session(page.page)
    browser.send("HeapProfiler.collectGarbage")
    browser.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in browser.send("Performance.getMetrics")["metrics"]}
    browser.detach()
    return int(metrics["JSHeapUsedSize"]) // 1000, int(metrics["Nodes"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--streamed", type=int, default=1000)
    options = parser.parse_args()
    with chromium.launched() as browser, Sandbox(tokens_per_s=0) as sandbox:
        server = Server("lab", Path(tempfile.mkdtemp()))
        try:
            page = Lab(server, browser).notebook([])
            print(f"open: {opened(page, sandbox, options.turns):.2f} s")
            late = delays(page, sandbox)
            print(f"a new token is seen after {statistics.median(late):.3f} s, at most {max(late):.3f} s")
            print(
                "\n| turns streamed and deleted | kernel RSS kB | JavaScript heap kB | DOM nodes |\n|--:|--:|--:|--:|"
            )
            cell = page.add_cell(STREAM.format(turns=options.streamed // 10))
            for done in range(options.streamed // 10, options.streamed + 1, options.streamed // 10):
                sandbox.enqueue(
                    *(Script.text(text("mixed", 60), tokens_per_s=3000) for _ in range(options.streamed // 10))
                )
                assert page.run(cell), page.text(cell)
                page.wait("!document.querySelector('.edenai-status:not([data-state=done])')")
                print(f"| {done} | {page.text(cell)} | {' | '.join(map(str, heap(page)))} |", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
