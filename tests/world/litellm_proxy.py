"""LiteLLM's proxy as the server, in an environment of its own.

Its packages hold rich and websockets back, so it cannot live beside ours. The environment is made once and kept in
pytest's cache. Answers are LiteLLM's own mocks; nothing leaves this machine.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "litellm[proxy]==1.108.7"
API_KEY = "sk-litellm-test"
ANSWER = "A **short** answer.\n\n```python\nprint('from LiteLLM')\n```\n"
START_S, LONGEST_S = 120.0, 900
# What LiteLLM raises itself when a mocked answer is one of these words.
MOCKED_ERRORS = ("RateLimitError", "ContextWindowExceededError", "InternalServerError")
# It ends by itself, whatever becomes of the tests.
_RUN = f"import signal, sys; signal.alarm({LONGEST_S}); from litellm import run_server; sys.exit(run_server())"


@dataclass(frozen=True)
class LiteLLMProxy:
    """It answers every model with ANSWER, and `fail/NAME` with the error of that name in LiteLLM's words."""

    base_url: str
    api_key: str = API_KEY


def environment(folder: Path) -> Path:
    """The Python of a virtual environment that has LiteLLM; made in this folder if it is not there."""
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not (ready.exists() and ready.read_text() == PACKAGE):
        subprocess.run([sys.executable, "-m", "uv", "venv", "-q", "--clear", "-p", sys.executable, folder], check=True)
        install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, PACKAGE]
        subprocess.run(install, check=True, timeout=600)
        ready.write_text(PACKAGE)
    return python


@contextmanager
def litellm_proxy(python: Path, folder: Path) -> Iterator[LiteLLMProxy]:
    """The proxy, listening on a loopback port; logs and configuration go into the folder."""
    config = folder / "litellm.json"  # its reader takes YAML, of which JSON is a part
    config.write_text(json.dumps(_configuration()))
    port = _free_port()
    command = [
        python,
        "-c",
        _RUN,
        "--config",
        config,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--telemetry",
        "False",
    ]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "*", "LITELLM_LOG": "ERROR"}
    log = folder / "litellm.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)
    try:
        _wait_until_it_answers(process, f"http://127.0.0.1:{port}/health/liveliness", log)
        yield LiteLLMProxy(f"http://127.0.0.1:{port}/v1")
    finally:
        process.terminate()
        process.wait(20)


def _configuration() -> dict[str, object]:
    answers = {"*": ANSWER} | {f"fail/{name}": f"litellm.{name}" for name in MOCKED_ERRORS}
    return {
        "model_list": [
            {
                "model_name": name,
                "litellm_params": {"model": "openai/gpt-4o-mini", "api_key": "none", "mock_response": mocked},
            }
            for name, mocked in answers.items()
        ],
        "general_settings": {"master_key": API_KEY},
        "litellm_settings": {"num_retries": 0},
        "router_settings": {"num_retries": 0},
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text("utf-8", "replace")[-2000:]
        try:
            direct.open(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"LiteLLM's proxy did not answer within {START_S:.0f} s")
