"""The package as a command: `python -m edenai_nb doctor`."""

from __future__ import annotations

import argparse
import io
import sys

from . import settings
from .doctor import examine


def main() -> int:
    """Print every finding. Returns 1 if one of them is bad."""
    parser = argparse.ArgumentParser(prog="python -m edenai_nb", description="What stands between you and an answer.")
    parser.add_argument("command", choices=["doctor"])
    parser.add_argument("stream", nargs="?", choices=["stream"], help="ask a model, which is billed (less than a cent)")
    chosen = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a Windows console may have no ✓
    is_well = True
    for finding in examine(settings.resolve(), stream=bool(chosen.stream)):
        print(finding, flush=True)
        is_well = is_well and finding.ok is not False
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
