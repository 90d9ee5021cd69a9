"""LiteLLM as a client of the sandbox, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from .litellm_proxy import environment

QUESTION = "What is the weather in Paris? 🙂"
CLIENT = Path(__file__).with_name("samples") / "litellm_client.py"


@pytest.fixture(scope="module")
def litellm_python(pytestconfig: pytest.Config) -> Path:
    return environment(pytestconfig.cache.mkdir("litellm"))


def test_litellm_reads_answers_streams_calls_and_refusals(sandbox, litellm_python):
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "*"}
    command = [litellm_python, CLIENT, sandbox.base_url, sandbox.key]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, env=env)

    assert done.returncode == 0, done.stderr
    understood = json.loads(done.stdout.splitlines()[-1])
    assert understood["whole"] == "".join(understood["streamed"]) == "".join(understood["without waiting"]) == QUESTION
    assert understood["tokens"] > 10
    assert understood["call"] == understood["streamed call"] == ["get_weather", {"city": "sandbox"}]
    assert understood["wrong key"] == ["AuthenticationError", 401]
    assert understood["no such model"] == ["BadRequestError", 400]
    assert understood["wrong field"][1] == 422
