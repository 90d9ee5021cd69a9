"""The sandbox as a command: `python -m edenai_nb.sandbox --port 8765`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from . import Sandbox


def main() -> int:
    """Serve until Ctrl-C or SIGTERM."""
    options = _parser().parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with Sandbox(port=options.port, tokens_per_s=options.tokens_per_s, rate=options.rate) as sandbox:
            use = f"EDENAI_API_BASE={sandbox.base_url} EDENAI_API_KEY={sandbox.key}"
            print(
                f"Eden AI sandbox on {sandbox.base_url} (no model is called). Use it: {use}  Ctrl-C ends it.",
                flush=True,
            )
            while not ended.wait(0.5):  # with a limit, so that Ctrl-C is noticed on Windows
                pass
    except OSError as error:
        print(f"Port {options.port} cannot be used: {error.strerror}. Choose another with --port.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m edenai_nb.sandbox", description="A local stand-in for Eden AI.")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free port")
    parser.add_argument("--rate", type=float, metavar="X", help="requests per second; more get 429 (default: no limit)")
    parser.add_argument("--tokens-per-s", type=float, default=60.0, metavar="X", help="0 is as fast as possible")
    return parser


if __name__ == "__main__":
    sys.exit(main())
