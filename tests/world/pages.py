"""Web pages on an origin of their own, so that a browser asks the sandbox before it sends."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copytree
from urllib.parse import urlencode

SAMPLES = Path(__file__).with_name("samples")
REACT = ("react@18.3.1", "react-dom@18.3.1")  # the last with files that a page can load without a build


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder's files under this address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def with_react(cache: Path, folder: Path) -> Path:
    """The folder, with the samples and React in it. React is installed from the registry once, into the cache."""
    if not all((cache / "node_modules" / name.partition("@")[0]).is_dir() for name in REACT):
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "package.json").write_text(json.dumps({"private": True}))
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", *REACT]
        subprocess.run(command, cwd=cache, check=True, timeout=150)
    copytree(SAMPLES, folder, dirs_exist_ok=True)
    for name in ("react", "react-dom"):
        copytree(cache / "node_modules" / name, folder / name, dirs_exist_ok=True)
    return folder


def address(origin: str, page: str, **asked: str) -> str:
    return f"{origin}/{page}?{urlencode(asked)}"
