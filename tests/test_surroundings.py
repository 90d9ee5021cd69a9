"""The guards around every test: they fail those that leave something behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = """
import os, threading, time

def test_leaves_a_thread():
    threading.Thread(target=time.sleep, args=(60,), name="edenai-reader", daemon=True).start()

def test_leaves_a_thread_that_ends_soon():
    threading.Thread(target=time.sleep, args=(0.3,), name="edenai-reader").start()

def test_leaves_a_setting():
    os.environ["EDENAI_API_KEY"] = "made up"
"""


def test_a_test_that_leaves_a_thread_or_a_setting_fails(tmp_path: Path) -> None:
    for name in ("conftest.py", "world/openapi.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(Path(__file__).parent / name, tmp_path / name)
    (tmp_path / "test_leaks.py").write_text(TESTS)

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path)]
    env = {**os.environ, "PYTEST_ADDOPTS": ""}
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env)

    errors = {line.partition(" - ")[0] for line in run.stdout.splitlines() if line.startswith("ERROR ")}
    assert {error.rpartition("::")[2] for error in errors} == {"test_leaves_a_thread", "test_leaves_a_setting"}
    assert "threads left after the test: ['edenai-reader']" in run.stdout
    assert "3 passed, 2 errors" in run.stdout


def test_no_key_no_keyring_and_no_checkout_are_in_reach() -> None:
    import keyring

    assert not [name for name in os.environ if name.startswith(("EDENAI_API", "EDEN_AI_API", "EDENAI_MODEL"))]
    assert keyring.get_password("edenai", "api_key") is None
    assert type(keyring.get_keyring()).__module__ == "keyring.backends.null"
    assert not Path("pyproject.toml").exists()
