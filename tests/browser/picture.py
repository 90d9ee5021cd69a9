"""The picture of the README, made anew: `python -m tests.browser.picture`."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script

from .chromium import launched
from .lab import Lab, Server

PICTURE = Path(__file__).parents[2] / ".github" / "quickstart.png"
SIZE = {"width": 1100, "height": 800}
DATA = """%load_ext edenai_nb
import pandas as pd
sales = pd.DataFrame({"city": ["Lyon", "Paris", "Nice"], "units": [120, 340, 95]})"""
QUESTION = """%%edenchat insight -m anthropic/claude-sonnet-latest
What stands out in this table?

{{sales}}"""
ANSWER = """Three things stand out:

1. **Paris sells most**, about $61\\\\,\\\\%$ of all units.
2. *Nice* is last, though its price is the same.
3. The total is $\\\\sum_i u_i = 555$.

| city  | units | share |
|-------|------:|------:|
| Paris |   340 |  61 % |
| Lyon  |   120 |  22 % |
| Nice  |    95 |  17 % |

```python
share = sales["units"] / sales["units"].sum()
sales.assign(share=share).sort_values("units", ascending=False)
```

So the first question is""".replace("\\\\", "\\")


def main() -> None:
    """Stop the answer in mid-sentence, run the next cell, and take the picture of both."""
    gate = threading.Event()
    with launched() as browser, tempfile.TemporaryDirectory() as folder, Sandbox(tokens_per_s=2000) as sandbox:
        server = Server("lab", Path(folder) / "server")
        lab = Lab(server, browser)
        setup = f"import edenai_nb; edenai_nb.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r})"
        page = lab.notebook([DATA, setup, QUESTION, "sales.units.sum()  # answered while the text above still grows"])
        page.page.set_viewport_size(SIZE)
        page.page.evaluate("jupyterapp.shell.collapseLeft()")
        page.run(0)
        page.run(1)
        page.page.evaluate("panel.content.model.sharedModel.deleteCell(1)")
        sandbox.enqueue(Script.raw(Opening(), ANSWER, Gate(gate)))
        page.run(1)
        page.wait_output(1, css="mjx-container", text="So the first question is")
        page.run(2)
        page.page.locator(".jp-NotebookPanel-notebook").screenshot(path=str(PICTURE))
        gate.set()
        lab.close()
        server.stop()


if __name__ == "__main__":
    main()
