"""ChatWidget as Python sees it: its conversation, its callbacks, what it tells its views, and what it leaves behind."""

from __future__ import annotations

import gc
import json
import re
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from ipywidgets.widgets.widget import _instances

from edenai_nb import Chat, ChatWidget, Reply, Sandbox, attachments
from edenai_nb.chat import ledger
from edenai_nb.messages import text_of
from edenai_nb.render import html
from edenai_nb.render.page import Patch
from edenai_nb.sandbox import Gate, HangUp, Opening, Script
from edenai_nb.settings import resolve
from edenai_nb.views import arrivals
from edenai_nb.views.transcript import Transcript

END_S = 30.0
CODE = "```python\nprint('hello')\n```"
ANSWER = f"# Title\n\nSome **bold** text.\n\n{CODE}\n\n{'A paragraph. ' * 30}**never closed"


class Window(ChatWidget):
    """A ChatWidget that shows what it sends to a view of its own, which does what chat.js does."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self.answers: dict[Any, dict[str, Any]] = {}
        self.blocks: dict[str, tuple[str, ...]] = {}
        self.states: dict[str, str] = {}
        self.path: list[list[Any]] = []
        self.head: dict[str, Any] = {}
        self.number = 0
        super().__init__(*args, **settings)
        self._on_message(self, {"kind": "hello"}, [])

    def send(self, content: dict[str, Any], buffers: Any = None) -> None:
        is_packed = content["kind"] == "packed"
        message = json.loads(zlib.decompress(buffers[0]) if is_packed else json.dumps(content))
        if message["kind"] == "answer":
            self.answers[message["ticket"]] = message
            return
        assert message["number"] == self.number + 1
        self.number = message["number"]
        self.path = message.get("path", self.path)
        self.head = message.get("head", self.head)
        self.blocks = {id: self.blocks.get(id, ()) for id, *_ in self.path}
        for id, news in message.get("turns", {}).items():
            if "patch" not in news:  # what a file keeps
                continue
            keep, prefix, blocks = news["patch"]
            self.blocks[id] = Patch(keep, prefix, tuple(blocks)).apply(self.blocks[id])
            self.states[id] = news["status"]["state"]

    def do(self, kind: str, buffers: Any = (), **fields: Any) -> dict[str, Any]:
        """Send an intent as a view does; gives its answer."""
        self._on_message(self, {"kind": kind, "ticket": kind, **fields}, list(buffers))
        wait(lambda: kind in self.answers)
        return self.answers.pop(kind)

    def settle(self) -> None:
        wait(lambda: not self.chat.busy and all(self.states[id] in ("done", "stopped", "failed") for id in self.ids))
        wait(self._all_told)

    def _all_told(self) -> bool:
        with self._lock:  # else between its last change and its message
            return not self._transcript.open

    @property
    def ids(self) -> list[str]:
        return [id for id, *_ in self.path]


def wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + END_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=0, keys=["sk-eden-secret"]) as sandbox:
        yield sandbox


@pytest.fixture
def settings(sandbox: Sandbox) -> dict[str, Any]:
    return {"base_url": sandbox.base_url, "api_key": sandbox.key, "model": "sandbox/echo"}


@pytest.fixture
def window(settings: dict[str, Any]) -> Iterator[Window]:
    window = Window(**settings)
    yield window
    window.close()


def test_what_a_view_was_told_in_patches_is_the_whole_render(window: Window, sandbox: Sandbox) -> None:
    sandbox.enqueue(Script.text(ANSWER, tokens_per_s=400))

    assert window.do("send", text="hello") == {"kind": "answer", "ticket": "send"}
    window.settle()
    patched = window.blocks[window.ids[0]]
    window._on_message(window, {"kind": "hello"}, [])

    assert patched == window.blocks[window.ids[0]] == tuple(html.blocks(ANSWER))
    assert window.states[window.ids[0]] == "done"


def test_last_value_callbacks_and_busy_follow_the_conversation(window: Window, sandbox: Sandbox) -> None:
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), "Half", Gate(gate), *Script.text(" and half").steps[1:]))
    heard: list[Reply] = []
    busy: list[bool] = []
    window.on_reply(lambda reply: 1 / 0)
    window.on_reply(heard.append)
    window.observe(lambda change: busy.append(change["new"]), "busy")
    assert window.last is None

    window.chat.send("hello")
    wait(lambda: window.last == "Half")
    assert window.busy
    gate.set()
    wait(lambda: heard and not window.busy)

    assert heard == [window.last] == ["Half and half"]
    assert busy == [True, False]
    assert window.value == [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "Half and half"}]


def test_every_window_of_a_conversation_shows_it(settings: dict[str, Any]) -> None:
    chat = Chat(**settings)
    chat.ask("before")
    one, two = Window(chat), Window(chat)

    one.do("send", text="in the first")
    chat.ask("from Python")
    one.settle()
    two.settle()

    assert list(one.blocks.values()) == list(two.blocks.values())
    assert len(one.ids) == 3
    two.do("delete", id=two.ids[0])
    assert len(one.ids) == len(two.ids) == 2
    one.close()
    two.close()


def test_closing_leaves_nothing_and_only_its_own_conversation_stops(settings: dict[str, Any], sandbox: Sandbox) -> None:
    before = set(_instances)
    gate = threading.Event()
    for _ in range(2):
        sandbox.enqueue(Script.raw(Opening(), "Half", Gate(gate), *Script.text(" and half").steps[1:]))
    given = Chat(**settings)
    own, guest = Window(**settings), Window(given)
    own.do("send", text="hello")
    guest.do("send", text="hello")
    wait(lambda: own.last == guest.last == "Half")

    own.close()
    guest.close()
    own.close()

    assert own.last is not None
    assert own.chat.turns[0].state == "stopped"
    gate.set()
    assert given.turns[0].wait(END_S) == "Half and half"
    assert own.comm is None
    assert guest.comm is None
    assert given._watchers == []
    after = set(_instances)
    assert after <= before  # the widgets and their layouts


def test_deleted_turns_are_freed(window: Window, sandbox: Sandbox) -> None:
    turns: list[weakref.ref[Any]] = []
    for number in range(30):
        sandbox.enqueue(f"answer {number}")
        window.do("send", text="hello")
        window.settle()
        turns.append(weakref.ref(window.chat.turns[0]))
        window.do("delete", id=window.ids[0])

    gc.collect()

    assert window.blocks == {}
    assert sum(turn() is not None for turn in turns) <= 1  # a thread that has just ended may still hold the last


def test_what_cannot_be_sent_is_answered_with_why(window: Window) -> None:
    window.do("send", text="kept")
    window.settle()
    id = window.ids[0]
    window.chat.options = {**window.chat.options, "api_key": None}

    assert "No Eden AI key" in window.do("send", text="hello")["error"]
    assert "No Eden AI key" in window.do("retry", id=id)["error"]
    assert "No Eden AI key" in window.do("edit", id=id, text="other")["error"]
    assert "empty" in window.do("send", text=" ")["error"]
    assert "no longer" in window.do("retry", id="t0")["error"]
    assert window.do("delete")["error"]
    assert window.do("nonsense")["error"]
    assert "no export" in window.do("export", form="word")["error"]
    assert "Temperature" in window.do("set", temperature="hot")["error"]
    assert "Temperature" in window.do("set", temperature="2.1")["error"]
    assert "Max tokens" in window.do("set", max_tokens="0")["error"]
    assert "at most three" in window.do("set", fallbacks="a, b, c, d")["error"]
    assert "number of USD" in window.do("set", budget="-1")["error"]
    assert window.ids == [id]


def test_settings_are_set_and_forgotten(window: Window) -> None:
    window.do("set", model=" a/b ", temperature="0.5", max_tokens="7", system=" Be brief ")
    assert window.chat.system == "Be brief"
    assert {"model": "a/b", "temperature": 0.5, "max_tokens": 7}.items() <= window.chat.options.items()
    assert {"model": "a/b", "temperature": 0.5, "max_tokens": 7, "system": "Be brief"}.items() <= window.head.items()

    window.do("set", model="", temperature="", max_tokens="", system="")
    assert window.chat.system is None
    assert not {"model", "temperature", "max_tokens"} & window.chat.options.keys()


def test_fallbacks_and_a_budget_are_the_conversations_and_another_model_answers_in_a_branch(
    window: Window, sandbox: Sandbox
) -> None:
    window.chat.ask("Hello")
    window.do("set", fallbacks="openai/gpt-4o-mini, anthropic/claude-haiku-4-5,", budget="0.5")
    assert window.head["fallbacks"] == "openai/gpt-4o-mini, anthropic/claude-haiku-4-5"
    assert window.head["budget"] == 0.5
    window.do("set", model="anthropic/claude-opus-5")
    window.do("retry", id=window.ids[0])
    window.chat.turns[0].wait()
    assert sandbox.requests[-1].json["fallbacks"] == ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"]
    assert [turn.reply.model for turn in window.chat.branches()][-1] == "anthropic/claude-opus-5"
    assert len(window.chat.branches()) == 2
    window.do("set", fallbacks="", budget="")
    assert not {"fallbacks", "budget"} & window.chat.options.keys()


def test_what_was_spent_today_stands_beside_what_the_conversation_took(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    ledger.ledger_of(resolve()).settle(None, ledger.Entry("other", "a/b", cost=1.25))
    window.chat.ask("Hello")
    assert "$1.25 today" in window.head["facts"]


def test_models_come_with_price_and_context_length(window: Window) -> None:
    told = window.do("models")
    known = {id: facts for id, *facts in told["models"]}

    assert known["anthropic/claude-sonnet-latest"][:4] == ["$3.00", "$15.00", 200_000, "anthropic"]
    assert "tools" in known["anthropic/claude-sonnet-latest"][4]
    assert told["recent"][0] == resolve(api_key="-").model
    assert "openai/gpt-image-2" not in known


def attach(window: Window, name: str, *pieces: bytes, size: int | None = None) -> dict[str, Any]:
    """A file that comes in these pieces, as a view names it in a question."""
    for piece in pieces:
        assert "error" not in window.do("piece", [memoryview(piece)], file=name)
    return {"id": name, "name": name, "size": sum(map(len, pieces)) if size is None else size}


def asked(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The parts of the last question."""
    content: list[dict[str, Any]] = sandbox.requests[-1].json["messages"][-1]["content"]  # type: ignore[index]
    return content


def test_files_come_in_pieces_become_parts_and_keep_their_names(window: Window, sandbox: Sandbox) -> None:
    text = attach(window, 'a".py', b"x = ", b"'```'")
    given = [text, attach(window, "p", b"\x89PNG\r\n\x1a\n"), attach(window, "empty.txt")]
    assert "error" not in window.do("send", text="look", files=given)
    window.settle()
    words, code, picture, empty = asked(sandbox)
    assert words["text"] == "look"
    assert code["text"].endswith("\n````\nx = '```'\n````")
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert empty["text"].startswith('Attached file "empty.txt"')
    (turn,) = window.chat.turns
    assert attachments.labels(turn.prompt) == ['a".py', "p", "empty.txt"]
    edited = attachments.with_text(turn.prompt, "again")
    assert text_of(edited) == "again"
    assert attachments.labels(edited) == attachments.labels(turn.prompt)


def test_a_large_file_is_uploaded_and_asked_about_by_its_id(window: Window, sandbox: Sandbox) -> None:
    file = attach(window, "paper.pdf", b"%PDF-1.7 ", *[b"x" * 1_000_000] * 6)
    assert "error" not in window.do("send", text="", files=[file])
    window.settle()
    (upload,) = [request for request in sandbox.requests if request.path.endswith("/upload")]
    assert upload.files[0].size == file["size"]
    words, part = asked(sandbox)
    assert words["text"] == "See the attached."
    assert len(part["file"]["file_id"]) == 36


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"z.zip": b"PK\0\xff"}, "z.zip is neither text nor a PNG"),
        ({f"{n}.txt": bytes([120 + n % 2]) * 999_999 for n in range(8)}, "larger than 5 MB together"),
    ],
)
def test_files_that_do_not_go_are_one_line_and_stay_attached(
    window: Window, sandbox: Sandbox, files: dict[str, bytes], words: str
) -> None:
    given = [attach(window, name, data) for name, data in files.items()]
    for _ in range(2):
        assert words in window.do("send", text="look", files=given)["error"]
    assert sandbox.requests == []


def test_what_was_removed_asked_about_or_never_came_is_not_there(window: Window, sandbox: Sandbox) -> None:
    removed = attach(window, "a.txt", b"one")
    window.do("drop", file="a.txt")
    late = attach(window, "b.txt", b"one")
    assert "error" not in window.do("send", text="look", files=[late])
    window.settle()
    for file in (removed, late, attach(window, "c.txt", b"one", size=4), attach(window, "d.txt", size=4)):
        told = window.do("send", text="look", files=[file])["error"]
        assert told == f"{file['name']} did not arrive whole: attach it again."
    assert len(sandbox.requests) == 1


def test_more_than_eden_ai_takes_is_refused_and_forgotten(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "MAX_BYTES", 5_000_000)
    attach(window, "a.txt", b"x" * 4_000_000)
    told = window.do("piece", [b"x" * 1_000_001], file="a.txt")["error"]
    assert told == "The file is too large: Eden AI takes 5 MB."
    assert (
        "did not arrive whole" in window.do("send", text="", files=[{"id": "a.txt", "name": "a", "size": 4}])["error"]
    )


def test_what_a_closed_view_left_behind_does_not_pile_up(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "MOST_HELD", 10)
    oldest, older, newest = (attach(window, name, b"four") for name in "abc")
    assert "did not arrive whole" in window.do("send", text="", files=[oldest])["error"]
    assert "error" not in window.do("send", text="", files=[older, newest])
    window.settle()


def test_exports_hold_the_conversation_and_nothing_else(window: Window, sandbox: Sandbox) -> None:
    sandbox.enqueue(
        Script.raw(Opening(), "Text\n\n```python\nprint(1)", HangUp()), "Whole <img src=x onerror=alert(1)>"
    )
    window.chat.system = "Be brief"
    for text in ("one", "two <script>"):
        window.do("send", text=text)
        window.settle()

    markdown = window.export()
    assert html.to_html(markdown).count("<strong>You:</strong>") == 2  # the cut fence swallows nothing
    assert not {"<img", "<script"} & set(re.findall(r"(?<!\\)<\w+", markdown))
    assert "\n\n**The connection" in markdown  # how it fell short
    assert "StreamInterrupted" not in markdown
    lines = [json.loads(line) for line in window.export("jsonl").splitlines()]
    assert [line["role"] for line in lines] == ["system", "user", "assistant", "user", "assistant"]
    assert lines[2]["complete"] is False
    nbformat.validate(nbformat.reads(window.export("notebook"), 4))
    assert not any(sandbox.key in window.export(form) for form in ("markdown", "jsonl", "notebook"))


def test_what_a_file_keeps_comes_after_all_that_is_seen(chat: Callable[..., Chat]) -> None:
    talk = chat()
    for _ in range(45):
        talk.ask("go")
    parts = [part["turns"] for part in Transcript(talk).whole()]
    seen = [["patch" in news for news in part.values()] for part in parts]
    assert [len(part) for part in parts] == [20, 20, 5, 20, 20, 5]
    assert seen == [[True] * 20, [True] * 20, [True] * 5, [False] * 20, [False] * 20, [False] * 5]
    assert all(news["saved"]["record"] for part in parts for news in part.values())
    assert [set(news["saved"]) for part in parts[3:] for news in part.values()] == [{"html", "markdown", "record"}] * 45


def test_a_long_conversation_travels_small(settings: dict[str, Any], sandbox: Sandbox) -> None:
    chat = Chat(**settings)
    answer = "\n\n".join(
        f"## Part {i}\n\nSome text with `code` and **more**.\n\n```python\nx = {i}\n```" for i in range(28)
    )
    for number in range(60):
        sandbox.enqueue(answer.replace("Part", f"Part {number}"))
        chat.ask("hello")
    sizes: list[int] = []

    class Weighed(Window):
        def send(self, content: dict[str, Any], buffers: Any = None) -> None:
            sizes.append(len(json.dumps(content)) + sum(map(len, buffers or ())))
            super().send(content, buffers)

    window = Weighed(chat)
    sizes.clear()
    window._on_message(window, {"kind": "hello"}, [])
    assert len(sizes) == 6
    assert sum(sizes) < 300_000
    sizes.clear()
    sandbox.enqueue("short")
    window.do("send", text="one more")
    window.settle()

    assert max(sizes) < 5_000
    window.close()
