"""Whether somebody sees what a cell shows."""

from __future__ import annotations

import os

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.getipython import get_ipython


def nobody_watches() -> bool:
    """True under nbclient, papermill, nbconvert and Voilà: what comes after the end of the last cell is lost."""
    kernel = getattr(get_ipython(), "kernel", None)
    return not getattr(kernel, "_allow_stdin", True)


def nobody_clicks() -> bool:
    """True where nobody watches, and nobody will: Voilà shows the widgets of a notebook that it has run."""
    return nobody_watches() and not os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def is_captured() -> bool:
    """Whether what is shown now goes to `%%capture` or `capture_output`, not to the screen."""
    return isinstance(getattr(get_ipython(), "display_pub", None), CapturingDisplayPublisher)
