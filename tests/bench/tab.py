"""Prints how long Tab takes to offer model ids, of 2,000 kept on disk. Run it by hand.

python tests/bench/tab.py
"""

from __future__ import annotations

import os
import tempfile
import time

COUNT = 2000


def main() -> None:
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp()
    from IPython.core.interactiveshell import InteractiveShell

    from edenai_nb import settings
    from edenai_nb.api import kept_models
    from edenai_nb.api.models import Model
    from edenai_nb.notebook.completion import _Candidates
    from edenai_nb.notebook.session import Session

    can = {f"supports_{name}": True for name in ("function_calling", "reasoning", "web_search", "native_streaming")}
    many = tuple(Model(f"provider{n % 40}/model-{n}", f"provider{n % 40}", 1000, 1e-6, 2e-6, can) for n in range(COUNT))
    now = settings.resolve(api_key="sk-eden-bench-000")
    settings.configure(api_key="sk-eden-bench-000")
    kept_models.keep(now, many)
    kept_models.forget()
    candidates = _Candidates(Session(InteractiveShell.instance().user_ns))
    for which in ("first, from disk", "later", "later"):
        begun = time.perf_counter()
        found = candidates.at("%%edenchat x -m provider1/", "provider1/")
        print(f"{which:18} {len(found)} of {COUNT} ids in {1000 * (time.perf_counter() - begun):.1f} ms")


if __name__ == "__main__":
    main()
