"""The package as a command: `python -m edenai_nb doctor`."""

from __future__ import annotations

import argparse
import io
import sys

from . import settings
from .doctor import examine, verdict

_ABOUT = "Ask any model on Eden AI from a notebook: %load_ext edenai_nb, then %%edenchat? in a cell."
_MORE = "python -m edenai_nb.sandbox serves a local stand-in for Eden AI."


def main() -> int:
    """Run a command, or print the help. Returns 1 if the doctor finds a fault."""
    parser = argparse.ArgumentParser(prog="python -m edenai_nb", description=_ABOUT, epilog=_MORE)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    doctor = commands.add_parser("doctor", help="what stands between you and an answer")
    doctor.add_argument("stream", nargs="?", choices=["stream"], help="ask a model, which is billed (less than a cent)")
    chosen = parser.parse_args()
    if chosen.command is None:
        parser.print_help()
        return 0
    return _examine(stream=bool(chosen.stream))


def _examine(*, stream: bool) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a Windows console may have no ✓
    findings = []
    for finding in examine(settings.resolve(), stream=stream):
        print(finding, flush=True)
        findings.append(finding)
    print(verdict(findings))
    return 0 if verdict(findings).ok else 1


if __name__ == "__main__":
    sys.exit(main())
