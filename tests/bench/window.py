"""What the chat window costs: opening a long conversation, showing a question and a new token in it, and memory.

python -m tests.bench.window [--turns 200] [--streamed 1000] [--grown 1000] [--openings 5]
(from the repository's root)

Opening: until the newest turns that the window draws are painted; the median of several windows, the first included.
Memory: while turns come and go (`--streamed`), and while they come and stay (`--grown`).
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
QUESTIONS = 10
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
    turn = chat.send("go"); turn.wait(); {then}
gc.collect()
print(psutil.Process().memory_info().rss // 1000)
"""
# Milliseconds from running the last cell until the end of the conversation is there and painted.
OPEN = """async (turns) => {
    const began = performance.now(), index = panel.content.widgets.length - 1;
    panel.content.activeCellIndex = index;
    window.jupyterapp.commands.execute('notebook:run-cell');
    const cell = panel.content.widgets[index].outputArea.node;
    const frame = () => new Promise(requestAnimationFrame);
    const drawn = () => [...cell.querySelectorAll('.edenai-turn')];
    const isDrawn = (turn) => turn.querySelector('.edenai-markdown > *');
    while (drawn().length < Math.min(turns, 20) || !drawn().every(isDrawn)) await frame();
    await frame(); await frame();
    return performance.now() - began;
}"""
# Milliseconds from Enter in the last window until its new turn is there and painted: nothing is to be seen before.
ENTER = """async () => {
    const root = [...document.querySelectorAll('.edenai-chat')].at(-1);
    const area = root.querySelector('.edenai-composer textarea');
    const last = () => [...root.querySelectorAll('.edenai-turn')].at(-1);
    const frame = () => new Promise(requestAnimationFrame), before = last();
    area.value = 'A question';
    area.dispatchEvent(new Event('input', {bubbles: true}));
    const began = performance.now();
    area.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));
    while (last() === before || !last().querySelector('.edenai-text')?.textContent) await frame();
    await frame();
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


def opened(page: NotebookPage, sandbox: Sandbox, turns: int, openings: int) -> list[float]:
    """Seconds until a conversation of so many turns is on the screen, for each of so many windows."""
    answer = text("mixed", 700)[:2000]
    sandbox.enqueue(*(answer for _ in range(turns)))
    made = page.run_new(SETUP.format(url=sandbox.base_url, turns=turns))
    print(f"{turns} turns, {int(page.text(made)):,} characters")
    found = []
    for number in range(openings):
        if number:
            page.run_new("window.close()")
        page.add_cell("window = eden.ChatWidget(chat); window")
        found.append(float(page.page.evaluate(OPEN, turns)) / 1000)
    return found


def first_signs(page: NotebookPage, sandbox: Sandbox) -> list[float]:
    """Seconds from Enter until the window shows the question, for a row of questions of which each is taken back."""
    found = []
    for _ in range(QUESTIONS):
        sandbox.enqueue("Yes.")
        found.append(float(page.page.evaluate(ENTER)) / 1000)
        page.run_new("chat.turns[-1].wait(); chat.remove(chat.turns[-1])")
    return found


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


def memory(page: NotebookPage, sandbox: Sandbox, turns: int, then: str) -> None:
    """Print what kernel and page hold while so many turns come, and `then` is done with each."""
    print(f"\n| turns ({then}) | kernel RSS kB | JavaScript heap kB | DOM nodes |\n|--:|--:|--:|--:|")
    step = max(1, turns // 10)
    cell = page.add_cell(STREAM.format(turns=step, then=then))
    for done in range(step, turns + 1, step):
        sandbox.enqueue(*(Script.text(text("mixed", 60), tokens_per_s=3000) for _ in range(step)))
        assert page.run(cell), page.text(cell)
        page.wait("!document.querySelector('.edenai-status:not([data-state=done])')")
        print(f"| {done} | {page.text(cell)} | {' | '.join(map(str, heap(page)))} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("turns", 200), ("streamed", 1000), ("grown", 1000), ("openings", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    with chromium.launched() as browser, Sandbox(tokens_per_s=0) as sandbox:
        server = Server("lab", Path(tempfile.mkdtemp()))
        try:
            page = Lab(server, browser).notebook([])
            took = opened(page, sandbox, options.turns, options.openings)
            print(f"open: {statistics.median(took):.2f} s ({', '.join(f'{one:.2f}' for one in took)})", flush=True)
            signs = first_signs(page, sandbox)
            print(
                f"a question is seen {statistics.median(signs):.3f} s after Enter, at most {max(signs):.3f} s",
                flush=True,
            )
            late = delays(page, sandbox)
            print(f"a new token is seen after {statistics.median(late):.3f} s, at most {max(late):.3f} s")
            memory(page, sandbox, options.streamed, then="chat.remove(turn)")
            memory(page, sandbox, options.grown, then="pass")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
