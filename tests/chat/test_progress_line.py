"""A batch's line in a terminal: of a console (drawn while the cell waits), and of a script that goes on meanwhile."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pexpect
import pytest

import edenai_nb as eden
from edenai_nb.chat import progress_line
from edenai_nb.sandbox import Gate, Opening, Sandbox, Script
from edenai_nb.sandbox.script import Bill, Done, Finish

WAIT_S = 60
SCRIPT = """
import sys
import edenai_nb as eden

how = {{"base_url": {address!r}, "api_key": {key!r}, "model": "sandbox/echo", "max_concurrency": 1, "retry_s": 0.001}}
out = eden.map(["a", "b"], "Say {{{{row}}}}", **how)
print(f"the script goes on {{'IPython' in sys.modules}}", flush=True)  # in one piece, which no line can part
out.wait()
print("the script has waited", flush=True)
"""


@pytest.fixture
def script(sandbox: Sandbox, tmp_path: Path) -> list[str]:
    """The command of a script that asks about two rows, one after the other."""
    return command(sandbox.base_url, sandbox.key, tmp_path)


def command(address: str, key: str, folder: Path) -> list[str]:
    path = folder / "rows.py"
    path.write_text(SCRIPT.format(address=address, key=key))
    return [sys.executable, str(path)]


def held_up(sandbox: Sandbox) -> threading.Event:
    gate = threading.Event()
    sandbox.enqueue("first", Script.raw(Opening(), Gate(gate), "second", Finish(), Bill(), Done()))
    return gate


def test_a_script_in_a_terminal_shows_the_line_while_it_goes_on_and_then_the_summary(
    script: list[str], sandbox: Sandbox
) -> None:
    gate = held_up(sandbox)
    terminal = pexpect.spawn(script[0], script[1:], encoding="utf-8", timeout=WAIT_S, dimensions=(24, 160))
    terminal.expect("the script goes on False")
    terminal.expect(r"1 of 2")
    gate.set()
    terminal.expect(r"2 rows[^\r\n]*\r\n")
    terminal.expect("the script has waited")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_without_tqdm_the_line_is_no_longer_than_a_narrow_terminal(script: list[str], sandbox: Sandbox) -> None:
    held_up(sandbox).set()
    without = f"import sys, runpy; sys.modules['tqdm'] = None; runpy.run_path({script[1]!r})"
    narrow: Any = {**os.environ, "COLUMNS": "5"}
    terminal = pexpect.spawn(script[0], ["-c", without], encoding="utf-8", timeout=WAIT_S, env=narrow)
    drawn = re.findall(r"\r([^\r\n]+?)\x1b\[K", terminal.read())
    terminal.close()
    assert drawn
    assert max(map(len, drawn)) == 4


def test_a_script_whose_stderr_is_a_file_is_left_alone(script: list[str], sandbox: Sandbox) -> None:
    held_up(sandbox).set()
    ran = subprocess.run(script, capture_output=True, text=True, timeout=WAIT_S, check=True)
    assert ran.stdout == "the script goes on False\nthe script has waited\n"
    assert ran.stderr == ""


def test_a_batch_that_fails_as_a_whole_says_why_and_not_with_which_key(sandbox: Sandbox, tmp_path: Path) -> None:
    argv = command(sandbox.base_url, "not-the-key", tmp_path)
    terminal = pexpect.spawn(argv[0], argv[1:], encoding="utf-8", timeout=WAIT_S, dimensions=(24, 160))
    printed = terminal.read()
    terminal.close()
    assert "failed after 0 of 2" in printed, printed
    assert "the script has waited" not in printed
    assert "not-the-key" not in printed
    assert terminal.exitstatus == 1


class Terminal(io.StringIO):
    """A terminal that keeps what is written to it."""

    def wait_for(self, pattern: str) -> None:
        """Wait until this has been written."""
        until = time.monotonic() + WAIT_S
        while not re.search(pattern, self.getvalue(), re.DOTALL):
            assert time.monotonic() < until, self.getvalue()[-500:]
            time.sleep(0.01)

    def isatty(self) -> bool:
        return True


def test_what_is_asked_again_is_shown_again(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    sandbox.enqueue(Script.error(400, {"detail": "broken"}))
    how = {"base_url": sandbox.base_url, "api_key": sandbox.key, "model": "sandbox/echo", "max_concurrency": 1}
    out = eden.map(["a", "b"], "Say {{row}}", **how).wait()
    assert "1 failed" in terminal.getvalue()
    terminal.truncate(0)
    out.retry().show()
    out.wait()
    assert "2 rows" in terminal.getvalue()


def test_two_batches_share_the_line_and_the_one_that_is_left_has_it(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setattr(progress_line, "PROGRESS_S", 0.01)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    how = {"base_url": sandbox.base_url, "api_key": sandbox.key, "model": "sandbox/echo"}
    gates = []
    for rows in (2, 3):
        gates.append(threading.Event())
        sandbox.enqueue(*[Script.raw(Opening(), Gate(gates[-1]), "said", Finish(), Bill(), Done())] * rows)
    first = eden.map(["a", "b"], "Say {{row}}", **how)
    sandbox.wait_for_requests(2)
    second = eden.map(["c", "d", "e"], "Say {{row}}", **how)
    terminal.wait_for(r"\r0 of 2 \| 0 of 3\x1b")
    gates[0].set()
    first.wait()
    terminal.wait_for(r"\r\x1b\[K2 rows[^\r\n]*\n(.*\r)?0 of 3\x1b")
    gates[1].set()
    second.wait()
    assert re.search(r"\r\x1b\[K3 rows[^\r\n]*\n$", terminal.getvalue())
    lines = re.split(r"[\r\n]", terminal.getvalue())
    both = [number for number, line in enumerate(lines) if " | " in line]
    alone = [line for line in lines[both[0] : both[-1]] if " of " in line and " | " not in line]
    assert alone == []


class Bar:
    """What `tqdm.tqdm` is asked for."""

    def __init__(self, total: int, **how: object) -> None:
        self.total, self.n, self.how = total, 0, how
        self.drawn: list[tuple[int, str]] = []
        self.is_closed = False
        BARS.append(self)

    def set_description_str(self, desc: str) -> None:
        self.drawn.append((self.n, desc))

    def close(self) -> None:
        self.is_closed = True


BARS: list[Bar] = []


@pytest.mark.parametrize("has_tqdm", [True, False])
def test_a_batch_is_one_line_with_a_bar_where_tqdm_is_installed(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], has_tqdm: bool
) -> None:
    BARS.clear()
    monkeypatch.setitem(sys.modules, "tqdm", SimpleNamespace(tqdm=Bar) if has_tqdm else None)
    monkeypatch.setattr(progress_line, "PROGRESS_S", 0.01)
    gate = threading.Event()
    sandbox.enqueue("first", Script.raw(Opening(), Gate(gate), "second", Finish(), Bill(), Done()))
    how = {"base_url": sandbox.base_url, "api_key": sandbox.key, "model": "sandbox/echo", "max_concurrency": 1}
    out = eden.map(["a", "b"], "Say {{row}}", **how)
    sandbox.wait_for_requests(2)  # the first row has been counted
    progress_line.draw(out, sys.stdout, lambda _: gate.set() or out[1])
    printed = capsys.readouterr().out
    if has_tqdm:
        (bar,) = BARS
        assert (bar.total, bar.drawn[0][0], bar.is_closed, bar.how["leave"]) == (2, 1, True, False)
        assert bar.drawn[0][1].startswith("1 of 2")
        assert printed == ""
    else:
        assert printed.startswith("\r1 of 2")
        assert printed.endswith("\r\x1b[K")
