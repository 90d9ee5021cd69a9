"""The chat window in a real JupyterLab and Notebook 7, against the sandbox."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edenai_nb.sandbox import Gate, HangUp, Opening, Sandbox, Script

from .chromium import Sync, expect
from .lab import Lab, NotebookPage

ANSWER = "# Title\n\nSome **bold** text.\n\n```python\nprint('hello')\n```\n"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# Gives files to an element as a paste or a drop would: events that a page may make itself.
HAND_OVER = """(node, [kind, files]) => {
    const data = new DataTransfer();
    for (const [name, type, text] of files) {
        data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, {type}));
    }
    const options = {bubbles: true, cancelable: true};
    node.dispatchEvent(kind === 'paste' ? new ClipboardEvent('paste', {...options, clipboardData: data})
                                        : new DragEvent('drop', {...options, dataTransfer: data}));
}"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=0) as sandbox:
        yield sandbox


def setup(sandbox: Sandbox, **settings: Any) -> str:
    """A cell that points the kernel at the sandbox and opens a window."""
    return (
        "%load_ext edenai_nb\nimport edenai_nb as eden\n"
        f"eden.configure(base_url={sandbox.base_url!r}, key={sandbox.key!r}, model='openai/gpt-mini-latest')\n"
        f"w = eden.ChatWidget(**{settings!r})\nw"
    )


class Window:
    """One view of a ChatWidget, by what its reader sees."""

    def __init__(self, page: NotebookPage, root: Sync) -> None:
        self.page, self.root = page, root
        self.box = root.get_by_label("Message", exact=True)
        self.log = root.get_by_role("log")
        self.turns = root.get_by_role("article")
        expect(self.box).to_be_visible(timeout=30_000)

    def ask(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def button(self, name: str, turn: int | None = None) -> Sync:
        where = self.root if turn is None else self.turns.nth(turn)
        return where.get_by_role("button", name=name, exact=True)

    def wait_state(self, state: str, turn: int = 0) -> None:
        expect(self.turns.nth(turn).locator(f".edenai-status[data-state={state}]")).to_be_visible(timeout=30_000)


@pytest.fixture
def window(front_end: Lab, sandbox: Sandbox) -> Window:
    return opened(front_end, setup(sandbox))


def opened(lab: Lab, *cells: str, **how: Any) -> Window:
    page = lab.notebook(list(cells), **how)
    assert page.run(0), page.text(0)
    return Window(page, page.output(0).locator(".edenai-chat"))


def gated(sandbox: Sandbox, before: str, after: str = ", the rest.") -> threading.Event:
    """The next answer stops in the middle until the event is set."""
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), before, Gate(gate), *Script.text(after).steps[1:]))
    return gate


def asked(sandbox: Sandbox, number: int = -1) -> Any:
    """The messages of one request."""
    chats = [request for request in sandbox.requests if request.path.endswith("/chat/completions")]
    return chats[number].json["messages"]  # type: ignore[index, call-overload]


def test_a_question_is_answered_below_it_as_formatted_text(window: Window, sandbox: Sandbox) -> None:
    sandbox.enqueue(ANSWER)

    window.ask("what <b>is</b> it?")

    window.wait_state("done")
    expect(window.log.locator("h1")).to_have_text("Title")
    expect(window.log.locator("strong")).to_have_text("bold")
    expect(window.turns.nth(0).locator(".edenai-text")).to_have_text("what <b>is</b> it?")
    expect(window.box).to_have_value("")
    assert asked(sandbox) == [{"role": "user", "content": "what <b>is</b> it?"}]
    assert window.page.foreign_requests() == []
    assert window.page.page_errors == []


def test_stop_ends_the_stream_and_keeps_the_text(window: Window, sandbox: Sandbox) -> None:
    gated(sandbox, "The first half\n\n")

    window.ask("hello")
    expect(window.log).to_contain_text("The first half", timeout=30_000)
    window.box.press("Escape")

    window.wait_state("stopped")
    expect(window.log).to_contain_text("The first half")
    expect(window.button("Stop")).to_be_hidden()
    assert sandbox.requests[-1].client_gone.wait(10)


def test_enter_sends_shift_enter_breaks_the_line_and_composition_sends_nothing(
    window: Window, sandbox: Sandbox
) -> None:
    window.box.fill("one")
    window.box.press("Shift+Enter")
    window.box.type("two")
    before = window.box.bounding_box()["height"]
    window.box.press("Shift+Enter")
    assert window.box.bounding_box()["height"] > before
    window.box.evaluate(
        "(node) => node.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(window.box).to_have_value("one\ntwo\n")
    assert sandbox.requests == []

    window.box.type("three")
    window.box.press("Enter")

    window.wait_state("done")
    assert asked(sandbox)[0]["content"] == "one\ntwo\nthree"
    window.box.press("ArrowUp")
    expect(window.box).to_have_value("one\ntwo\nthree")


def test_the_keys_can_be_the_other_way_round(lab: Lab, sandbox: Sandbox) -> None:
    window = opened(lab, setup(sandbox, enter_sends=False))

    window.box.fill("one")
    window.box.press("Enter")
    window.box.type("two")
    window.box.press("Shift+Enter")

    window.wait_state("done")
    assert asked(sandbox)[0]["content"] == "one\ntwo"


def test_pasted_and_dropped_files_go_along_and_can_be_removed(window: Window, sandbox: Sandbox) -> None:
    image = ["pixel.png", "image/png", base64.b64encode(PIXEL).decode()]
    text = ["a<b>.txt", "text/plain", base64.b64encode("héllo ```".encode()).decode()]
    big = ["big.txt", "text/plain", base64.b64encode(b"x" * 5_000_001).decode()]

    window.box.evaluate(HAND_OVER, ["paste", [image, big]])
    expect(window.root.get_by_role("status").filter(has_text="big.txt is too large")).to_be_visible()
    window.box.evaluate(HAND_OVER, ["drop", [text, image]])
    expect(window.root.locator(".edenai-composer .edenai-chip")).to_have_count(3)
    window.button("Remove pixel.png").first.click()
    window.ask("look")

    window.wait_state("done")
    expect(window.root.locator(".edenai-composer .edenai-chip")).to_have_count(0)
    expect(window.turns.nth(0).locator(".edenai-chip")).to_have_text(["a<b>.txt", "image"])
    words, file, picture = asked(sandbox)[0]["content"]
    assert words == {"type": "text", "text": "look"}
    assert file["text"] == 'Attached file "a<b>.txt":\n\n````\nhéllo ```\n````'
    assert picture["image_url"]["url"] == f"data:image/png;base64,{image[2]}"
