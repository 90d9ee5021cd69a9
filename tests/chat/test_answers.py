"""Kept answers: what is in the file is neither asked nor paid again."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from edenai_nb import Chat, Sandbox, ask, errors
from edenai_nb.chat import answers
from edenai_nb.chat.kept_file import KeptFile
from edenai_nb.notebook import options
from edenai_nb.sandbox.script import HangUp, Opening, Script

NewChat = Callable[..., Chat]


@pytest.fixture
def kept(tmp_path: Path) -> str:
    answers.begin_run()
    return str(tmp_path / "answers.jsonl")


def lines(path: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def test_a_kept_answer_needs_no_server_no_key_and_no_money(sandbox: Sandbox, chat: NewChat, kept: str) -> None:
    sandbox.enqueue(Script.text("Kept *words*.", cost=0.25))
    first = chat(keep=kept).ask("Hello", temperature=0.5)
    sandbox.stop()
    answers.begin_run()
    again = ask("Hello", model="openai/gpt-5-mini", temperature=0.5, keep=kept, base_url="http://127.0.0.1:9/v3")
    assert again == first
    assert again.complete
    assert (again.cost, again.model, again.usage, again.finish_reason) == (0.0, first.model, first.usage, "stop")
    assert again.kept is not None
    assert again.kept["cost"] == 0.25
    assert first.kept is None


def test_whatever_could_change_the_answer_is_asked_anew(sandbox: Sandbox, chat: NewChat, kept: str) -> None:
    ours = chat(keep=kept)
    for how in ({}, {"temperature": 1}, {"model": "openai/gpt-4o-mini"}, {"system": "Be brief."}):
        answers.begin_run()
        Chat(**{**ours.options, **how}).ask("Hello")
    assert len(sandbox.requests) == 4
    answers.begin_run()
    Chat(**ours.options).ask("Hello", max_cost=5, tags={"a": "b"})
    assert len([r for r in sandbox.requests if r.method == "POST"]) == 4


def test_equal_questions_of_one_run_have_answers_of_their_own(sandbox: Sandbox, chat: NewChat, kept: str) -> None:
    sandbox.enqueue("one", "two", "three")
    first = [chat(keep=kept).ask("Hello") for _ in range(3)]
    answers.begin_run()
    again = [chat(keep=kept).ask("Hello") for _ in range(3)]
    assert first == again == ["one", "two", "three"]
    assert len(sandbox.requests) == 3


def test_fresh_asks_again_and_the_new_answer_is_the_kept_one(sandbox: Sandbox, chat: NewChat, kept: str) -> None:
    sandbox.enqueue("old", "new")
    for fresh, said in ((False, "old"), (True, "new"), (False, "new")):
        answers.begin_run()
        assert chat(keep=kept, fresh=fresh).ask("Hello") == said
    assert len(sandbox.requests) == 2


def test_only_whole_answers_are_kept(sandbox: Sandbox, chat: NewChat, kept: str) -> None:
    cut = Script.text("Cut", finish_reason="length")
    sandbox.enqueue(Script.raw(Opening(), "Half", HangUp()), cut, Script.text(""), "Whole")
    for _ in range(4):
        answers.begin_run()
        turn = chat(keep=kept).send("Hello")
        with suppress(errors.EdenError):
            turn.wait(20)
        assert turn.done
    assert [line["answer"]["text"] for line in lines(kept)] == ["Whole"]  # type: ignore[index]


def test_the_file_holds_no_question_and_no_key_and_its_lines_are_steady(
    sandbox: Sandbox, chat: NewChat, kept: str
) -> None:
    sandbox.enqueue("Grüße 🙂")
    chat(keep=kept).ask("my secret plan")
    text = Path(kept).read_text("utf-8")
    assert "secret" not in text
    assert sandbox.key not in text.replace('"sandbox": true', "")
    (line,) = lines(kept)
    assert list(line) == sorted(line)
    assert line["answer"]["text"] == "Grüße 🙂"  # type: ignore[index]


def test_a_torn_line_is_read_past_and_what_follows_it_is_not_lost(sandbox: Sandbox, chat: NewChat, kept: str) -> None:
    sandbox.enqueue("one", "two")
    chat(keep=kept).ask("first")
    with open(kept, "a", encoding="utf-8") as file:
        file.write('{"answer": {"text": "to')
    chat(keep=kept).ask("second")
    answers.begin_run()
    assert [chat(keep=kept).ask(words) for words in ("first", "second")] == ["one", "two"]
    assert len(sandbox.requests) == 2


def test_a_file_of_another_version_is_read_by_the_names_that_are_known(
    sandbox: Sandbox, chat: NewChat, kept: str
) -> None:
    first = chat(keep=kept).ask("Hello")
    (line,) = lines(kept)
    line["later"] = line["answer"]["usage"]["later"] = 1  # type: ignore[index]
    Path(kept).write_text(json.dumps(line) + "\r\n\r\n7\n", "utf-8")
    answers.begin_run()
    again = chat(keep=kept).ask("Hello")
    assert (again, again.usage, again.kept is not None) == (first, first.usage, True)
    assert len(sandbox.requests) == 1


def test_writers_at_once_lose_no_line_and_leave_no_empty_one(kept: str) -> None:
    writers = [Thread(target=lambda: [KeptFile(Path(kept)).append({"at": "x"}) for _ in range(200)]) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
    assert lines(kept) == [{"at": "x"}] * 800


def test_a_conversation_goes_on_from_kept_answers(sandbox: Sandbox, chat: NewChat, kept: str) -> None:
    for _ in range(2):
        answers.begin_run()
        ours = chat(keep=kept)
        ours.ask("Hello")
        ours.ask("And then?")
    assert len(sandbox.requests) == 2


def test_without_a_key_what_is_not_kept_says_so(kept: str) -> None:
    with pytest.raises(errors.MissingKey):
        ask("Hello", keep=kept)


def test_a_file_that_cannot_be_written_is_said_before_anything_is_sent(
    sandbox: Sandbox, chat: NewChat, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.InvalidInput, match="cannot keep answers"):
        chat(keep=str(tmp_path / "file" / "answers.jsonl")).ask("Hello")
    assert sandbox.requests == []


@pytest.mark.parametrize(
    ("line", "path", "out"),
    [
        ("--keep", "answers.jsonl", None),
        ("ans --keep --fresh", "answers.jsonl", "ans"),
        ("--keep notes.jsonl ans", "notes.jsonl", "ans"),
        ("--keep=notes.jsonl", "notes.jsonl", None),
        ("--keep ans", "answers.jsonl", "ans"),
    ],
)
def test_the_option_takes_a_file_or_none(line: str, path: str, out: str | None) -> None:
    chosen = options.parse(line)
    assert options.request(chosen)["keep"] == path
    assert chosen.out == out
    assert options.split_line("--keep notes.jsonl why?").text == "why?"
    assert options.split_line("--keep why?").text == "why?"
