"""Conversations in files: saved whole, or written down as they stream, so that a killed kernel loses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edenai_nb import Chat, Sandbox, errors
from edenai_nb.reply import Usage
from edenai_nb.sandbox.script import Gate, Opening, Reset, Script, Stall, Thinking

NewChat = Callable[..., Chat]
DEADLINE_S = 30.0


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "notes" / "journal.jsonl")


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def facts(chat: Chat) -> list[object]:
    return [
        (turn.prompt, turn.reply, turn.state, vars(turn.reply) | {"error": str(turn.reply.error)}, turn.id)
        for turn in chat.turns
    ]


def three_turns(sandbox: Sandbox, chat: Chat) -> None:
    """One complete, one failed, one stopped."""
    sandbox.enqueue(Script.text("One\u2028 is\r\n`one`", reasoning="hm", cost=0.25))
    sandbox.enqueue(Script.raw(Opening(), "Half", Reset()), Script.raw(Opening(), "Stopped", Stall()))
    chat.ask("First?")
    with pytest.raises(errors.StreamInterrupted):
        chat.ask([{"type": "text", "text": "Second?"}])
    turn = chat.send("Third?")
    wait_until(lambda: turn.reply)
    turn.stop()


@pytest.mark.parametrize("how", ["save", "journal"])
def test_a_conversation_comes_back_as_it_was(sandbox: Sandbox, chat: NewChat, path: str, how: str) -> None:
    first = chat(system="Be brief", **({"journal": path} if how == "journal" else {}))
    three_turns(sandbox, first)
    if how == "save":
        first.save(str(Path(path).parent / "x"))  # a folder that is not there is made
        first.save(path)

    again = Chat.load(path)

    assert [state for _, _, state, _, _ in facts(again)] == ["done", "failed", "stopped"]
    assert facts(again) == facts(first)
    assert (again.system, again.messages, again.cost) == ("Be brief", first.messages, 0.25)
    assert type(again.turns[1].reply.error) is errors.StreamInterrupted
    with pytest.raises(errors.StreamInterrupted) as caught:
        again.turns[1].wait()
    assert caught.value.partial == "Half"
    assert again.turns[0].wait() == first.turns[0].reply


def test_a_loaded_conversation_goes_on_in_the_same_journal(sandbox: Sandbox, chat: NewChat, path: str) -> None:
    chat(journal=path).ask("First?")
    chat(journal=path).ask("Something else?")
    options = chat(journal=path).options
    Chat.load(path, **options).ask("And then?")
    assert [turn.prompt for turn in Chat.load(path).turns] == ["Something else?", "And then?"]
    assert [m["content"] for m in sandbox.requests[-1].json["messages"]][::2] == ["Something else?", "And then?"]


def test_a_saved_file_is_replaced_as_a_whole(chat: NewChat, path: str, tmp_path: Path) -> None:
    notes = chat()
    notes.ask("First?")
    notes.save(path)
    old = tmp_path / "old.jsonl"
    os.link(path, old)  # a second name for the file as it is now
    notes.ask("Second?")
    notes.save(path)
    assert [len(Chat.load(str(file)).turns) for file in (old, path)] == [1, 2]
    assert os.listdir(Path(path).parent) == [Path(path).name]


def test_nothing_is_written_unless_asked_for(chat: NewChat, tmp_path: Path) -> None:
    chat().ask("Hello")
    assert list(tmp_path.iterdir()) == []


def test_a_journal_holds_no_key_and_is_private(sandbox: Sandbox, chat: NewChat, path: str) -> None:
    asked = chat(journal=path, api_key="sk-eden-0123456789")
    asked.ask("Hello")
    asked.save(f"{path}2")
    for file in (path, f"{path}2"):
        assert "sk-eden" not in Path(file).read_text()
        assert Path(file).stat().st_mode & 0o077 == 0


def test_every_line_may_be_the_last_and_may_be_torn(sandbox: Sandbox, chat: NewChat, path: str) -> None:
    # Given a journal
    sandbox.enqueue("The answer in a few words.")
    whole = chat(journal=path)
    whole.ask("Hello?")
    data = Path(path).read_bytes()
    asked = data.index(b"\n", 1)
    # When it is cut at any byte, then what was there before is read
    for cut in range(asked, len(data)):
        Path(path).write_bytes(data[:cut])
        turn = Chat.load(path).turns[0]
        assert whole.turns[0].reply.startswith(turn.reply)
        assert turn.state == ("failed" if cut < len(data) - 1 else "done")
    # And what is asked after a torn line is not lost with it
    Path(path).write_bytes(data[: asked + 30])
    chat(journal=path).ask("Again?")
    assert Chat.load(path).turns[0].prompt == "Again?"


KILLED = """
import sys, edenai_nb as eden
address, path = sys.argv[1:]
chat = eden.Chat(base_url=address, api_key="sandbox", model="openai/gpt-5-mini", journal=path)
chat.ask("First?")
chat.ask("Second?")
"""


def test_a_kernel_killed_in_mid_stream_loses_nothing(sandbox: Sandbox, path: str) -> None:
    # Given a process that reads a stream which has stopped
    sandbox.enqueue("One.", Script.raw(Opening(), Thinking("Hm, hm."), "Half an answer", Stall()))
    process = subprocess.Popen([sys.executable, "-c", KILLED, sandbox.base_url, path])
    try:
        wait_until(lambda: Path(path).exists() and b"answer" in Path(path).read_bytes())
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    # Then the journal has everything that had arrived
    chat = Chat.load(path)
    assert [str(turn.reply) for turn in chat.turns] == ["One.", "Half an answer"]
    assert chat.turns[1].reply.reasoning == "Hm, hm."
    assert chat.turns[1].state == "failed"
    assert "kernel ended" in str(chat.turns[1].reply.error)


def test_a_journal_that_cannot_be_written_sends_nothing(sandbox: Sandbox, chat: NewChat) -> None:
    with pytest.raises(errors.InvalidInput, match="cannot be written"):
        chat(journal="/proc/no/journal").ask("Hello")
    assert sandbox.requests == []


def test_a_disk_that_is_full_is_said_and_does_not_end_the_answer(sandbox: Sandbox, chat: NewChat) -> None:
    turn = chat(journal="/dev/full").send("Hello")
    assert turn.wait().complete
    assert "journal" in (turn.note or "")


def test_many_turns_share_one_journal(sandbox: Sandbox, chat: NewChat, path: str) -> None:
    gate = threading.Event()
    sandbox.enqueue(*[Script.raw(Opening(), Gate(gate), *Script.text("word " * 50).steps[1:])] * 8)
    turns = [chat(journal=path).send(f"{number}?") for number in range(8)]
    gate.set()
    assert all(turn.wait(DEADLINE_S).complete for turn in turns)
    lines = [json.loads(line) for line in Path(path).read_text().splitlines() if line]
    said = {
        turn.id: "".join(line["said"]["text"] for line in lines if line["turn"] == turn.id and "said" in line)
        for turn in turns
    }
    assert set(said.values()) == {"word " * 50}


@pytest.mark.parametrize("content", [None, b"", b"no journal\n", b"\xff\n[1]\n7\n", b'{"turn": "a", "ended": {}}\n'])
def test_a_file_without_a_conversation_says_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(errors.InvalidInput):
        Chat.load(str(path))


def test_a_journal_of_another_version_is_read_with_the_counts_that_are_known(tmp_path: Path) -> None:
    path = tmp_path / "file"
    ended = {"complete": True, "text": "Hi", "usage": {"total_tokens": 3, "audio_tokens": 9}}
    path.write_text('{"turn": "a", "asked": {"prompt": "Hello"}}\n' + json.dumps({"turn": "a", "ended": ended}))
    reply = Chat.load(str(path)).turns[0].reply
    assert reply.usage == Usage(total_tokens=3)
