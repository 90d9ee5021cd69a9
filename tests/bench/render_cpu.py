"""Prints what rendering a growing 80 kB reply costs the kernel, and how much of it is sent. Run it by hand.

    python tests/bench/render_cpu.py

400 frames: 20,000 tokens at 1,000 tokens/s and 20 frames/s, without the painter's own pauses.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from edenai_nb.render.html import to_html
from edenai_nb.render.page import Page

SIZE, FRAMES = 80_000, 400
CORPUS = Path(__file__).parents[1] / "render/corpus"
PROSE = "The **quick** brown fox jumps over `lazy` dogs, *then* it sees [a link](https://example.com/x) and 5 units. "


def replies() -> dict[str, str]:
    paths = (path for path in sorted(CORPUS.glob("[0-4]*.md")) if "46_" not in path.name)
    mixed = "\n\n".join(path.read_text("utf-8") for path in paths)
    units = {
        "mixed": mixed.replace("[^", "[") + "\n\n",
        "one list": "- item with **bold** and `code` and some more text to read\n",
        "nested list": "1. Outer item\n   - inner *item*\n   - inner `item`\n     - third level\n",
        "one paragraph": PROSE,
        "paragraph of lines": PROSE + "\n",
        "quoted paragraphs": "> quoted text with **bold** and more text\n>\n",
    }
    texts = {name: (unit * (SIZE // len(unit) + 1))[:SIZE] for name, unit in units.items()}
    code, row = (
        "def f(x, y=1):\n    # why\n    return {'a': x + 1}\n\n",
        "| `alpha` | 12.5 | some **bold** text here |\n",
    )
    texts["one fence"] = "```python\n" + (code * SIZE)[:SIZE]
    texts["one table"] = "| name | value | note |\n|---|--:|:-:|\n" + (row * SIZE)[:SIZE]
    return texts


def main() -> None:
    print(f"Python {platform.python_version()}, " + ", ".join(f"{p} {version(p)}" for p in ("markdown-it-py", "nh3")))
    print(f"{'80 kB of':20} {'streamed':>10} {'worst frame':>12} {'last frame':>11} {'sent / html':>12} {'html':>8}")
    for name, text in replies().items():
        print(f"{name:20} " + measured(text), flush=True)
    started = subprocess.check_output([sys.executable, "-c", IMPORT_COST], text=True)
    print(f"importing the room: {started.strip()} ms")


IMPORT_COST = (
    "import time; s = time.perf_counter(); import edenai_nb.render.page; print(round(1e3*(time.perf_counter()-s)))"
)


def measured(text: str) -> str:
    page, worst, sent = Page(), 0.0, 0
    step = -(-len(text) // FRAMES)
    begin = time.process_time()
    for end in range(step, len(text) + step, step):
        before = time.process_time()
        sent += sum(map(len, page.update(text[:end]).blocks))
        worst = max(worst, time.process_time() - before)
    streamed = time.process_time()
    sent += sum(map(len, page.finish(text).blocks))
    last, html = time.process_time() - streamed, len(to_html(text))
    return (
        f"{streamed - begin:8.2f} s {1e3 * worst:9.0f} ms {1e3 * last:8.0f} ms {sent / html:12.2f} {html // 1000:5} kB"
    )


if __name__ == "__main__":
    main()
