"""Consoles, for real: the answer appears as it grows, once, with its status line; nothing speaks of notebooks."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator

import pexpect
import pytest

from edenai_nb.sandbox import Gate, Opening, Sandbox, Script, Stall

PROMPT = r"In \[\d+\]: "
WAIT_S, LOOK_S = 60, 10
TRIES = 5
CONSOLES = {
    "IPython": ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
    "jupyter console": ["-m", "jupyter_console", "--simple-prompt"],
}


class Console:
    """A console in a terminal of its own."""

    def __init__(self, argv: list[str]) -> None:
        self._child = pexpect.spawn(sys.executable, argv, encoding="utf8", timeout=WAIT_S, dimensions=(60, 200))
        self._child.expect(PROMPT)

    def works(self) -> bool:
        """Whether it answers a line. Jupyter's prompts before it hears its kernel, and may wait for ever."""
        self.start("1")
        return self._child.expect([PROMPT, pexpect.TIMEOUT], timeout=LOOK_S) == 0

    def start(self, line: str) -> None:
        self._child.sendline(line)

    def sees(self, text: str) -> None:
        self._child.expect_exact(text)

    def interrupt(self) -> None:
        self._child.sendintr()

    def end(self) -> str:
        """What was printed until the next prompt."""
        self._child.expect(PROMPT)
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self._child.before).replace("\r\n", "\n")

    def run(self, line: str) -> str:
        self.start(line)
        return self.end()

    def close(self) -> None:
        self._child.close(force=True)


@pytest.fixture(params=CONSOLES)
def console(request: pytest.FixtureRequest, sandbox: Sandbox, clean_surroundings: object) -> Iterator[Console]:
    for _ in range(TRIES):
        console = Console(CONSOLES[request.param])
        if console.works():
            break
        console.close()
    console.run(f"import edenai_nb as eden; eden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r})")
    console.run("%load_ext edenai_nb")
    yield console
    console.close()


def test_an_answer_appears_as_it_grows_once_and_with_its_status_line(console: Console, sandbox: Sandbox) -> None:
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), "First half, ", Gate(gate), *Script.text("second half.").steps[1:]))
    console.start("%edenchat -m openai/gpt-5-mini 2+2?")
    console.sees("First half, ")
    gate.set()
    rest = console.end()
    assert rest.count("second half.") == 1
    assert "First half" not in rest
    assert re.search(r"── sandbox · openai/gpt-5-mini · [\d.]+ s · \d+ tokens", rest)


def test_every_way_to_ask_and_to_show_says_right_words(console: Console, sandbox: Sandbox) -> None:
    refused = Script.error(400, {"error": {"message": "Nothing here", "type": "invalid_request_error"}})
    sandbox.enqueue("One.", "Two.", "Three.", refused)
    said = [
        console.run("get_ipython().run_cell_magic('edenchat', 'ans', 'hello')"),
        console.run("x = %edenchat why?"),
        console.run("eden.Chat().send('hi')"),
        console.run("%edenchat why?"),
        console.run("eden.ChatWidget()"),
        console.run("print(ans + x)"),
    ]
    assert [text.count(word) for text, word in zip(said, ("One.", "Two.", "Three."), strict=False)] == [1, 1, 1]
    assert [text.count("──") for text in said] == [1, 1, 1, 0, 0, 0]
    assert said[3].count("Nothing here") == 1
    assert "needs a notebook" in said[4]
    assert "One.Two." in said[5]
    assert not re.search("saved|freeze|widget", "".join(said[:4]))


@pytest.mark.parametrize("line", ["%edenchat why?", "eden.Chat().send('why?')"])
def test_an_interrupt_stops_the_answer_in_one_line_and_keeps_it(console: Console, sandbox: Sandbox, line: str) -> None:
    sandbox.enqueue(Script.raw(Opening(), "So far", Stall()))
    console.start(line)
    console.sees("So far")
    console.interrupt()
    said = console.end().replace("^C", "")  # which the terminal itself echoes
    assert len([part for part in said.splitlines() if part.strip()]) == 1
    assert "was stopped after 6 characters; they are kept in" in said
    assert sandbox.requests[0].client_gone.wait(5)
    if line.startswith("%"):
        assert "So far False" in console.run("print(_eden, _eden.complete)")


@pytest.mark.parametrize(("asks", "cell", "printed"), [(True, None, True), (False, None, False), (True, "id", False)])
def test_a_front_end_that_asks_whether_lines_are_complete_and_names_no_cell_is_a_console(
    notebook, sandbox, asks: bool, cell: str | None, printed: bool
) -> None:
    sandbox.enqueue("It is four.")
    if asks:
        notebook.ask_if_complete("%%edenchat ans\n2+2?")
    result = notebook.run("%%edenchat ans\n2+2?", cell_id=cell)
    assert ("It is four." in result.stdout) is printed
    assert bool(result.outputs) is not printed
