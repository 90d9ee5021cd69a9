"""Large files: uploaded once, with progress and Stop, and asked about by their id."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import edenai_nb as eden
from edenai_nb import Chat, EdenError, Sandbox
from edenai_nb.api import kept_uploads
from edenai_nb.api.kept_uploads import Stored
from edenai_nb.attachments import files_of
from edenai_nb.chat import files
from edenai_nb.errors import InvalidInput, SecretsFound
from edenai_nb.sandbox.script import Gate, Script
from edenai_nb.settings import Settings
from edenai_nb.views.status import Caption, status

NewChat = Callable[..., Chat]
DEADLINE_S = 20.0
MB = 1_000_000


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-1.7 " + b"x" * (3 * MB))
    return path


def uploads(sandbox: Sandbox) -> list[Any]:
    return [request for request in sandbox.requests if request.path.endswith("/upload")]


def asked(sandbox: Sandbox) -> list[Any]:
    return [request.json["messages"][-1]["content"] for request in sandbox.requests if request.json]


def test_a_large_file_is_uploaded_and_asked_about_by_its_id(paper: Path, chat: NewChat, sandbox: Sandbox) -> None:
    turn = chat().send("What does it say?", files=paper)
    turn.wait()

    (upload,) = uploads(sandbox)
    assert (upload.files[0].name, upload.files[0].mimetype) == ("paper.pdf", "application/pdf")
    assert upload.files[0].size == paper.stat().st_size
    assert upload.form == {"expires_in_days": "7"}
    text, part = asked(sandbox)[-1]
    assert text["text"] == "What does it say?"
    assert len(part["file"]["file_id"]) == 36
    assert files_of(turn.prompt)[0]["name"] == "paper.pdf"


def test_the_second_time_nothing_is_sent_and_a_changed_file_is_sent_anew(
    paper: Path, chat: NewChat, sandbox: Sandbox
) -> None:
    conversation = chat()
    conversation.ask("What?", files=paper)
    conversation.ask("And?")
    chat().ask("Again?", files=str(paper))
    assert len(uploads(sandbox)) == 1
    assert len({content[1]["file"]["file_id"] for content in asked(sandbox) if isinstance(content, list)}) == 1

    paper.write_bytes(paper.read_bytes() + b"y")
    chat().ask("What now?", files=paper)
    assert len(uploads(sandbox)) == 2


def test_several_questions_at_once_send_it_once(paper: Path, sandbox: Sandbox) -> None:
    eden.compare("What?", ["openai/gpt-5-mini", "openai/gpt-mini-latest"], files=paper).wait()
    assert len(uploads(sandbox)) == 1


def test_what_expires_soon_is_uploaded_again(paper: Path, chat: NewChat, sandbox: Sandbox) -> None:
    asking = chat()
    asking.ask("What?", files=paper)
    settings = asking.request("x").settings
    (digest,) = [part["sha256"] for part in files_of(asking.turns[0].prompt)]
    assert kept_uploads.find(settings, digest)
    kept_uploads.keep(settings, digest, Stored("old", time.time() + 60))
    asking.ask("What?", files=paper)
    assert len(uploads(sandbox)) == 2


def test_what_the_store_has_dropped_early_is_uploaded_again_and_asked_about_again(
    paper: Path, chat: NewChat, sandbox: Sandbox
) -> None:
    conversation = chat()
    conversation.ask("What?", files=paper)
    sandbox.drop_uploads()
    assert conversation.ask("And?")
    assert len(uploads(sandbox)) == 2
    id = asked(sandbox)[0][1]["file"]["file_id"]
    assert [id in str(request.json) for request in sandbox.requests if request.json][-1] is False

    conversation.ask("And now?")
    assert len(uploads(sandbox)) == 2


def test_only_the_file_that_is_named_is_uploaded_again(
    paper: Path, chat: NewChat, sandbox: Sandbox, tmp_path: Path
) -> None:
    other = tmp_path / "other.pdf"
    other.write_bytes(paper.read_bytes() + b"y")
    chat().ask("What?", files=[paper, other])
    first = asked(sandbox)[-1][1]["file"]["file_id"]
    sandbox.enqueue(Script.json({"detail": f"file_id {first} does not exist"}, status=400))
    chat().ask("What?", files=[paper, other])
    assert [upload.files[0].name for upload in uploads(sandbox)] == ["paper.pdf", "other.pdf", "paper.pdf"]


def test_a_file_that_was_just_uploaded_and_is_refused_fails_at_once(
    paper: Path, chat: NewChat, sandbox: Sandbox
) -> None:
    gone = Script.json({"detail": "File not found"}, status=404)
    sandbox.enqueue(gone)
    with pytest.raises(EdenError, match="File not found"):
        chat().ask("What?", files=paper)
    sandbox.enqueue(gone, gone)
    with pytest.raises(EdenError, match="File not found"):
        chat().ask("What?", files=paper)
    assert len(uploads(sandbox)) == 2  # one for the first question, one anew for the second


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Model(s) not found or inactive: openai/x"),
        (404, "The model `x` does not exist"),
        (400, "Unable to access file URL (status 404)"),
        (400, "Unsupported file type: unknown"),
        (400, "The file is too large for this model"),
        (422, "File not found"),
        (500, "File not found"),
    ],
)
def test_another_refusal_uploads_nothing_again(
    paper: Path, chat: NewChat, sandbox: Sandbox, status: int, words: str
) -> None:
    asking = chat(retry_s=0.1)
    asking.ask("What?", files=paper)
    sandbox.enqueue(Script.json({"error": {"message": words}}, status=status))
    with pytest.raises(EdenError):
        asking.ask("And?")
    assert len(uploads(sandbox)) == 1
    assert asking.ask("And then?")


def test_an_accepted_question_is_not_asked_again_whatever_its_stream_says_of_files(
    paper: Path, chat: NewChat, sandbox: Sandbox
) -> None:
    asking = chat()
    asking.ask("What?", files=paper)
    before = len(asked(sandbox))
    said = {"error": {"message": "File not found", "code": 404}}
    sandbox.enqueue(Script.json(said))
    with pytest.raises(EdenError, match="File not found"):
        asking.ask("And?")
    assert (len(asked(sandbox)), len(uploads(sandbox))) == (before + 1, 1)


def test_its_progress_is_seen_and_stop_ends_it(paper: Path, chat: NewChat, sandbox: Sandbox) -> None:
    gate = threading.Event()
    sandbox.enqueue_upload(Script.raw(Gate(gate)))
    turn = chat().send("What?", files=paper)
    until = time.monotonic() + DEADLINE_S
    while not (turn.note or "").startswith("paper.pdf: 3.0 of 3.0 MB"):
        assert time.monotonic() < until, turn.note
        time.sleep(0.01)
    assert status(turn, Caption())["state"] == "sending"
    sandbox.wait_for_requests(1)
    turn.stop()
    assert turn.state == "stopped"
    assert uploads(sandbox)[0].client_gone.wait(DEADLINE_S)
    gate.set()
    assert asked(sandbox) == []


@pytest.mark.parametrize(("code", "words"), [(413, "large"), (415, "type"), (422, "field")])
def test_a_refused_upload_fails_the_turn_in_one_line(
    paper: Path, chat: NewChat, sandbox: Sandbox, code: int, words: str
) -> None:
    sandbox.enqueue_upload(Script.json({"detail": f"File {words}"}, status=code))
    turn = chat().send("What?", files=paper)
    with pytest.raises(EdenError) as refused:
        turn.wait()
    assert refused.value.status == code
    assert "\n" not in str(refused.value)
    assert asked(sandbox) == []


def test_more_than_the_store_takes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.pdf"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    with pytest.raises(InvalidInput, match=r"huge.pdf has 100.0 MB, and Eden AI takes 100 MB"):
        files.attached("What?", files=path)


def test_a_file_that_has_changed_before_it_was_sent_is_not_sent(paper: Path, chat: NewChat, sandbox: Sandbox) -> None:
    prompt = files.attached("What?", files=paper)
    paper.write_bytes(b"%PDF-1.7 other" + b"z" * (3 * MB))
    with pytest.raises(InvalidInput, match="is not what it was"):
        chat().ask(prompt)
    assert sandbox.requests == []


def test_a_saved_conversation_knows_its_files_while_the_store_does(
    paper: Path, chat: NewChat, sandbox: Sandbox, tmp_path: Path
) -> None:
    asking = chat()
    asking.ask("What?", files=paper)
    asking.save(str(tmp_path / "chat.jsonl"))
    again = Chat.load(str(tmp_path / "chat.jsonl"), **asking.options)
    again.ask("And?")
    assert len(uploads(sandbox)) == 1
    assert b"x" * 100 not in pickle.dumps(asking)

    kept_uploads.forget()
    with pytest.raises(InvalidInput, match="attach it again"):
        again.ask("And then?")


@pytest.mark.parametrize("lines", [3, 60_000])
def test_a_large_text_that_holds_a_secret_is_held_back(
    tmp_path: Path, chat: NewChat, sandbox: Sandbox, lines: int
) -> None:
    secret = "AKIA" + "Q3EGRHIJK7MN2PLS"
    path = tmp_path / "log.txt"
    path.write_text("all is well here, and so on\n" * lines + f"key={secret}\n" + "more of the same\n" * 80_000)
    with pytest.raises(SecretsFound, match=rf"line {lines + 1} of log.txt seems to hold an AWS") as held:
        chat().ask("What?", files=path)
    assert secret not in str(held.value)
    assert sandbox.requests == []
    assert chat(allow_secrets=True).ask("What?", files=path)


def test_what_is_kept_on_disk_is_found_by_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(api_key="sk", base_url="https://api.example/v3")
    kept_uploads.keep(settings, "d", Stored("id", time.time() + 1e5))
    kept_uploads.keep(settings, "e", Stored("old", 5.0))
    kept_uploads.forget()
    assert kept_uploads.find(settings, "d") == Stored("id", kept_uploads.find(settings, "d").expires_at)  # type: ignore[union-attr]
    assert kept_uploads.find(settings, "e") is None


def test_dropping_one_file_leaves_the_others_and_what_was_uploaded_anew() -> None:
    settings = Settings(api_key="sk", base_url="https://dropping.example/v3")
    for digest in "ab":
        kept_uploads.keep(settings, digest, Stored(digest, time.time() + 1e5))
    kept_uploads.drop(settings, "a", "a")
    kept_uploads.drop(settings, "b", "another")
    kept_uploads.forget()
    assert kept_uploads.find(settings, "a") is None
    assert kept_uploads.find(settings, "b")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    kept_uploads.forget()
