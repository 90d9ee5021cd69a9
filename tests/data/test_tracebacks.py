"""A traceback has what was raised, the user's lines around it, and no path that is longer than it helps."""

from __future__ import annotations

import json
import linecache
from pathlib import Path

import pytest

import edenai_nb as eden
from edenai_nb.data.tracebacks import MOST_FRAMES, short_path


def _raised(source: str, filename: str) -> BaseException:
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    try:
        exec(compile(source, filename, "exec"), {"json": json})
    except Exception as error:
        return error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
    raise AssertionError("it raises nothing")


def test_the_lines_around_are_shown_for_the_user_s_code_and_one_line_for_a_library() -> None:
    source = "a = 1\nb = 2\n\n\ndef f():\n    return json.loads('[')\n\n\nf()\n"
    told = eden.describe(_raised(source, "/tmp/ipykernel_5/77.py")).splitlines()
    assert told[:3] == [
        "[traceback of JSONDecodeError]",
        "Traceback (most recent call last):",
        "  cell, line 9, in <module>",
    ]
    assert "    ->    6     return json.loads('[')" in told
    assert [line for line in told if line.startswith("  json/")]
    assert told[-1].startswith("json.decoder.JSONDecodeError: Expecting value")
    assert "a = 1" not in "\n".join(told)


def test_what_is_in_a_group_is_told_too() -> None:
    class Group(Exception):  # as ExceptionGroup of Python 3.11
        exceptions = (ValueError("one"), KeyError("two"))

    told = eden.describe(Group("both"))
    assert told.count("\nin it:\nTraceback") == 2
    assert told.endswith("KeyError: 'two'")


def test_causes_come_first_and_deep_recursion_is_cut() -> None:
    function = "def f(n):\n    if n:\n        f(n - 1)\n    raise KeyError('deep')\n"
    source = f"{function}try:\n    f(60)\nexcept KeyError as e:\n    raise ValueError('top') from e\n"
    error = _raised(source, "/tmp/ipykernel_5/78.py")
    told = eden.describe(error)
    assert told.index("KeyError: 'deep'") < told.index("which led to:") < told.index("ValueError: top")
    deep = eden.describe(error.__cause__)
    assert "calls left out" in deep
    assert deep.count(", in f") <= MOST_FRAMES


def test_a_syntax_error_shows_its_line() -> None:
    with pytest.raises(SyntaxError) as raised:
        compile("x = (1,\ny = 2", "/tmp/ipykernel_5/79.py", "exec")
    told = eden.describe(raised.value)
    assert "  cell, line 1" in told
    assert "was never closed" in told


def test_paths_are_as_short_as_they_can_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert short_path(str(tmp_path / "work" / "a.py")) == f"~/{Path('work/a.py')}"
    assert short_path(str(Path.cwd() / "a.py")) == "a.py"
    assert short_path("/opt/env/lib/python3.12/site-packages/pandas/core/frame.py") == "pandas/core/frame.py"
    assert short_path("<string>") == "<string>"
