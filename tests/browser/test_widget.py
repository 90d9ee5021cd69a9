"""The chat window in a real JupyterLab and Notebook 7, against the sandbox."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from edenai_nb.sandbox import Gate, HangUp, Opening, Sandbox, Script

from .chromium import Sync, expect, nodes
from .lab import Lab, NotebookPage

ANSWER = "# Title\n\nSome **bold** text.\n\n```python\nprint('hello')\n```\n"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# Gives files to an element as a paste or a drop would: events that a page may make itself.
HAND_OVER = """(node, [kind, files, texts]) => {
    const data = new DataTransfer();
    for (const [type, text] of Object.entries(texts ?? {})) data.setData(type, text);
    for (const [name, type, text] of files) {
        data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, {type}));
    }
    const options = {bubbles: true, cancelable: true};
    node.dispatchEvent(kind === 'paste' ? new ClipboardEvent('paste', {...options, clipboardData: data})
                                        : new DragEvent('drop', {...options, dataTransfer: data}));
}"""

# Drops a PDF of this size.
DROP_SIZE = """(node, [name, size]) => {
    const data = new DataTransfer();
    data.items.add(new File(["%PDF-1.7 ", new Uint8Array(size - 9)], name));
    node.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: data}));
}"""
# Holds the second piece of a file until `gate` is set.
HELD = """import threading
from edenai_nb.views.arrivals import Arrivals
gate, take = threading.Event(), Arrivals.take
def held(arrivals, id, pieces):
    id in arrivals._files and gate.wait(30)
    take(arrivals, id, pieces)
Arrivals.take = held"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=0) as sandbox:
        yield sandbox


def setup(sandbox: Sandbox, **settings: Any) -> str:
    """A cell that points the kernel at the sandbox and opens a window."""
    return (
        "%load_ext edenai_nb\nimport edenai_nb as eden\n"
        f"eden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r}, model='openai/gpt-mini-latest')\n"
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

    def wait_end(self) -> None:
        at_end = "(log) => log.scrollHeight - log.scrollTop - log.clientHeight < 40"
        self.page.page.wait_for_function(at_end, arg=self.log.element_handle())

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
    expect(window.log.locator("h3")).to_have_text("Title")
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
    gated(sandbox, "The other half\n\n")
    window.ask("more")
    expect(window.log).to_contain_text("The other half", timeout=30_000)
    window.button("Copy", 0).press("Escape")
    window.wait_state("stopped", 1)


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

    expect(window.box).to_have_attribute("placeholder", "Ask anything: Shift+Enter sends")
    window.box.fill("one")
    window.box.press("Enter")
    window.box.type("two")
    window.box.press("Shift+Enter")

    window.wait_state("done")
    assert asked(sandbox)[0]["content"] == "one\ntwo"
    window.page.run_new("w.enter_sends = True")
    expect(window.box).to_have_attribute("placeholder", "Ask anything")


def test_pasted_and_dropped_files_go_along_and_can_be_removed(window: Window, sandbox: Sandbox) -> None:
    image = ["pixel.png", "image/png", base64.b64encode(PIXEL).decode()]
    text = ["a<b>.txt", "text/plain", base64.b64encode("héllo ```".encode()).decode()]

    window.box.evaluate(HAND_OVER, ["paste", [image]])
    window.box.evaluate(HAND_OVER, ["drop", [text, image]])
    window.box.evaluate(HAND_OVER, ["paste", [image], {"text/plain": "a", "text/html": "<b>a</b>"}])  # an office's text
    chips = window.root.locator(".edenai-composer .edenai-chip")
    expect(chips).to_have_count(3)
    pictures = chips.locator("img")
    expect(pictures).to_have_count(2)
    window.page.page.wait_for_function("(img) => img.naturalWidth > 0", arg=pictures.first.element_handle())
    expect(chips.locator("small")).to_have_text(["1 kB"] * 3)
    window.button("Remove pixel.png").first.click()
    window.ask("look")

    window.wait_state("done")
    expect(window.root.locator(".edenai-composer .edenai-chip")).to_have_count(0)
    expect(window.turns.nth(0).locator(".edenai-chip")).to_have_text(["a<b>.txt", "pixel.png"])
    words, file, picture = asked(sandbox)[0]["content"]
    assert words == {"type": "text", "text": "look"}
    assert file["text"] == 'Attached file "a<b>.txt":\n\n````\nhéllo ```\n````'
    assert picture["image_url"]["url"] == f"data:image/png;base64,{image[2]}"


def test_a_large_file_comes_in_pieces_with_progress_and_can_be_removed_meanwhile(
    window: Window, sandbox: Sandbox
) -> None:
    window.page.run_new(HELD)
    chips = window.root.locator(".edenai-composer .edenai-chip")
    window.box.evaluate(DROP_SIZE, ["huge.pdf", 100_000_001])
    told = window.root.get_by_role("status").filter(has_text="huge.pdf is too large: a file may have 100 MB.")
    expect(told).to_be_visible()
    window.box.evaluate(DROP_SIZE, ["wrong.pdf", 3_000_000])
    window.box.evaluate(DROP_SIZE, ["right.pdf", 4_500_000])
    expect(chips.nth(0)).to_have_attribute("data-part", "33 %")  # the second piece is held
    window.button("Remove wrong.pdf").click()
    window.ask("look")  # goes once the file is there
    window.page.run_new("gate.set()")

    window.wait_state("done")
    expect(chips).to_have_count(0)
    (upload,) = [request for request in sandbox.requests if request.path.endswith("/upload")]
    assert (upload.files[0].name, upload.files[0].size) == ("right.pdf", 4_500_000)
    assert len(asked(sandbox)[0]["content"][1]["file"]["file_id"]) == 36
    left = window.page.run_new("print(len(w._actions._arrivals._files))")
    window.page.wait_output(left, text="0")


# Each turn


def test_asking_again_makes_branches_that_can_be_walked(window: Window, sandbox: Sandbox) -> None:
    for answer in ("First answer.", "Second answer.", "Third answer.", "Fourth answer."):
        sandbox.enqueue(answer)
    window.ask("one")
    window.wait_state("done")
    window.ask("two")
    window.wait_state("done", 1)

    window.button("Retry", 1).click()
    expect(window.log).to_contain_text("Third answer.")
    expect(window.turns.nth(1).locator(".edenai-walker")).to_contain_text("2/2")
    window.wait_state("done", 1)
    window.button("Edit", 0).click()
    window.root.get_by_label("Edit the question").fill("one, differently")
    window.button("Ask again").click()

    expect(window.log).to_contain_text("Fourth answer.")
    expect(window.turns).to_have_count(1)
    assert [message["content"] for message in asked(sandbox)] == ["one, differently"]
    window.button("Earlier branch", 0).click()
    expect(window.turns).to_have_count(2)
    expect(window.turns.nth(1)).to_contain_text("Third answer.")
    window.button("Earlier branch", 1).click()
    expect(window.turns.nth(1)).to_contain_text("Second answer.")
    window.ask("three")
    window.wait_state("done", 2)
    said = [message["content"] for message in asked(sandbox)]
    assert said == ["one", "First answer.", "two", "Second answer.", "three"]


def test_a_turn_is_deleted_only_when_asked_twice(window: Window, sandbox: Sandbox) -> None:
    window.ask("one")
    window.wait_state("done")
    window.ask("two")
    window.wait_state("done", 1)

    window.button("Delete", 0).click()
    window.box.focus()
    expect(window.button("Really delete?")).to_have_count(0)
    window.button("Delete", 0).click()
    window.button("Really delete?").click()

    expect(window.turns).to_have_count(1)
    expect(window.turns.nth(0).locator(".edenai-text")).to_have_text("two")
    window.ask("three")
    window.wait_state("done", 1)
    assert [message["content"] for message in asked(sandbox) if message["role"] == "user"] == ["two", "three"]


def test_a_broken_answer_says_why_and_goes_on_where_it_ended(window: Window, sandbox: Sandbox) -> None:
    sandbox.enqueue(Script.raw(Opening(), "The first half", HangUp()))
    window.ask("hello")
    window.wait_state("failed")
    expect(window.turns.nth(0)).to_contain_text("The first half")
    expect(window.turns.nth(0).locator(".edenai-notice")).to_contain_text("Run it again.")
    expect(window.button("Retry", 0)).to_be_enabled()

    window.button("Continue", 0).click()

    window.wait_state("done", 1)
    assert [message["role"] for message in asked(sandbox)] == ["user", "assistant", "user"]
    assert asked(sandbox)[1]["content"] == "The first half"
    expect(window.button("Continue", 0)).to_be_hidden()


def test_the_buttons_of_long_code_stay_in_sight_and_leave_with_it(window: Window, sandbox: Sandbox) -> None:
    lines = "\n".join(f"line_{number} = {number}" for number in range(200))
    sandbox.enqueue(f"Before\n\n```python\n{lines}\n```\n\n" + "After\n\n" * 50)
    window.ask("code?")
    window.wait_state("done")
    code = window.turns.first.locator(".edenai-code")
    above = "(code) => code.getBoundingClientRect().top - code.closest('.edenai-log').getBoundingClientRect().top"
    for share in (0.2, 0.4, 0.6):
        window.log.evaluate("(log, share) => log.scrollTop = share * (log.scrollHeight - log.clientHeight)", share)
        assert code.evaluate(above) < -100
        expect(code.get_by_role("button", name="Copy the code")).to_be_in_viewport(ratio=1)
    covers = """(code) => {
        const log = code.closest('.edenai-log'), button = code.querySelector('button');
        log.scrollTop += code.getBoundingClientRect().bottom - log.getBoundingClientRect().top - 4;
        const {left, top, width, height} = button.getBoundingClientRect();
        return button.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    }"""
    assert not code.evaluate(covers)  # what comes after the code


def test_answers_and_code_are_copied_and_code_is_inserted_below(window: Window, sandbox: Sandbox) -> None:
    page = window.page.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sandbox.enqueue(ANSWER)
    window.ask("code please")
    window.wait_state("done")

    window.button("Copy", 0).click()
    expect(window.root.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == ANSWER
    window.button("Copy the code").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text === \"print('hello')\")")
    window.button("Insert below").click()
    expect(window.root.get_by_role("status").filter(has_text="Inserted below")).to_be_visible()

    sources = "() => panel.content.model.sharedModel.cells.map((cell) => cell.source)"
    assert page.evaluate(sources)[1] == "print('hello')"
    assert window.log.locator(".edenai-code").get_attribute("data-language") == "python"


# The header


def test_the_model_is_searched_chosen_and_typed(window: Window, sandbox: Sandbox) -> None:
    field = window.root.get_by_role("combobox", name="Model")
    assert not [request for request in sandbox.requests if request.path.endswith("/models")]

    field.click()
    field.fill("SONNET lat")
    option = window.root.get_by_role("option")
    expect(option).to_have_count(1)
    expect(option.locator("span")).to_have_text(
        ["anthropic/claude-sonnet-latest", re.compile("⚒"), "200k", "$3.00", "$15.00"]
    )
    field.press("ArrowDown")
    field.press("Enter")
    window.ask("hello")
    window.wait_state("done")
    assert sandbox.requests[-1].json["model"] == "anthropic/claude-sonnet-latest"  # type: ignore[index, call-overload]

    field.fill("sandbox/<i>mine</i>")
    field.press("Enter")
    expect(option).to_have_attribute("aria-selected", "true")  # it is not in the list: asked once more
    field.press("Enter")
    last = window.page.run_new("w.chat.options['model']")
    window.page.wait_output(last, text="'sandbox/<i>mine</i>'")
    expect(field).to_have_value("sandbox/<i>mine</i>")

    field.fill("mine/first")
    field.press("Enter")
    field.press("Enter")
    window.page.page.keyboard.type("sonnet")  # without leaving the field
    expect(option.first).to_be_visible()
    field.press("Tab")  # a search that was not finished
    expect(field).to_have_value("mine/first")
    field.fill("mine/own")
    field.press("Tab")  # nobody has confirmed it
    expect(field).to_have_value("mine/first")


def test_an_answer_is_asked_again_of_another_model_and_the_conversation_keeps_its_own(
    window: Window, sandbox: Sandbox
) -> None:
    field = window.root.get_by_role("combobox", name="Model")
    window.ask("hello")
    window.wait_state("done")
    window.button("Retry with another model", 0).click()
    expect(window.root.get_by_role("group", name="Recent")).to_contain_text("openai/gpt-5-mini")
    field.fill("sonnet lat")
    field.press("ArrowDown")
    field.press("Enter")
    expect(window.turns.nth(0).locator(".edenai-walker")).to_contain_text("2/2")
    window.wait_state("done")
    assert sandbox.requests[-1].json["model"] == "anthropic/claude-sonnet-latest"  # type: ignore[index, call-overload]
    expect(field).to_have_value("openai/gpt-mini-latest")


def test_without_a_list_of_models_any_id_can_be_typed(lab: Lab, sandbox: Sandbox) -> None:
    sandbox.stop()
    window = opened(lab, setup(sandbox))

    field = window.root.get_by_role("combobox", name="Model")
    field.click()
    expect(window.root.get_by_role("status").filter(has_text="No list of models")).to_be_visible(timeout=60_000)
    field.fill("mine/own")
    field.press("Tab")

    last = window.page.run_new("w.chat.options['model']")
    window.page.wait_output(last, text="'mine/own'")


def test_settings_hold_from_the_next_question_on(window: Window, sandbox: Sandbox) -> None:
    window.button("Settings").click()
    window.root.get_by_label("System prompt").fill("Be <b>brief</b>")
    window.root.get_by_label("Temperature").fill("0.5")
    window.root.get_by_label("Max tokens").fill("99")
    window.ask("hello")
    window.wait_state("done")

    sent = sandbox.requests[-1].json
    assert sent["messages"][0] == {"role": "system", "content": "Be <b>brief</b>"}  # type: ignore[index, call-overload]
    assert (sent["temperature"], sent["max_tokens"]) == (0.5, 99)  # type: ignore[index, call-overload]
    expect(window.root.locator(".edenai-panel .edenai-facts")).to_contain_text("tokens · would have cost $")
    window.root.get_by_label("Temperature").fill("7")
    window.root.get_by_label("Temperature").press("Tab")
    expect(window.root.get_by_role("status").filter(has_text="Temperature is a number from 0 to 2")).to_be_visible()


def test_a_new_chat_leaves_the_old_one_to_go_back_to(window: Window, sandbox: Sandbox) -> None:
    window.ask("old")
    window.wait_state("done")

    window.button("Settings").click()
    window.button("New chat").click()
    expect(window.turns).to_have_count(0)
    window.button("Back to the conversation before").click()
    expect(window.turns).to_have_count(1)
    window.button("New chat").click()
    expect(window.turns).to_have_count(0)
    window.ask("new")
    window.wait_state("done")

    assert [message["content"] for message in asked(sandbox)] == ["new"]
    expect(window.turns.nth(0).locator(".edenai-walker")).to_contain_text("2/2")


def test_the_conversation_is_exported(window: Window, sandbox: Sandbox) -> None:
    sandbox.enqueue(ANSWER)
    window.ask("hello")
    window.wait_state("done")
    window.button("Settings").click()

    files = {}
    for label in ("Export Markdown", "Export JSON Lines", "Export notebook"):
        with window.page.page.expect_download() as download:
            window.button(label).click()
        files[label] = Path(download.value.path()).read_text("utf-8")
        assert download.value.suggested_filename.startswith("chat-")

    assert "> hello" in files["Export Markdown"]
    assert "print('hello')" in files["Export Markdown"]
    lines = [json.loads(line) for line in files["Export JSON Lines"].splitlines()]
    assert [(line["role"], line["content"]) for line in lines] == [("user", "hello"), ("assistant", ANSWER)]
    assert nbformat.validator.validate(nbformat.reads(files["Export notebook"], 4)) is None


# State


def test_two_views_and_a_reloaded_page_show_the_same_in_mid_stream(window: Window, sandbox: Sandbox) -> None:
    page = window.page
    gate = gated(sandbox, "# Half\n\nThe first half\n\n")
    window.ask("hello")
    expect(window.log).to_contain_text("The first half", timeout=30_000)
    other = Window(page, page.output(page.run_new("w")).locator(".edenai-chat"))
    expect(other.log).to_contain_text("The first half")
    page.save()

    page.reopen(same_kernel=True)
    views = [Window(page, page.output(index).locator(".edenai-chat")) for index in (0, 1)]
    for view in views:
        expect(view.log).to_contain_text("The first half")
    gate.set()

    for view in views:
        view.wait_state("done")
        expect(view.log).to_contain_text(", the rest.")
    assert (
        views[0].log.locator(".edenai-markdown").inner_html() == views[1].log.locator(".edenai-markdown").inner_html()
    )
    views[1].ask("again")
    views[0].wait_state("done", 1)


def test_a_conversation_goes_on_in_a_cell_and_in_the_window(window: Window, sandbox: Sandbox) -> None:
    page = window.page
    shared = page.run_new("%edenchat widget --chat talk")
    view = Window(page, page.output(shared).locator(".edenai-chat"))

    view.ask("in the window")
    view.wait_state("done")
    page.run_new("%%edenchat -c talk\nin a cell")
    view.wait_state("done", 1)

    assert [m["content"] for m in asked(sandbox) if m["role"] == "user"] == ["in the window", "in a cell"]
    expect(view.turns.nth(1).locator(".edenai-text")).to_have_text("in a cell")


def test_a_frozen_window_is_saved_text(window: Window, sandbox: Sandbox) -> None:
    page = window.page
    sandbox.enqueue("An *answer* with `<script>alert(1)</script>` and <img src=x onerror=alert(1)>")
    window.ask("hello <script>")
    window.wait_state("done")

    page.run_new("w.freeze()")

    page.wait_output(0, text="hello <script>", css="em")
    expect(window.root).to_have_count(0)
    page.save()
    page.reopen(kernel=False)
    page.wait_output(0, text="hello <script>", css="em")
    data = page.read_nb().cells[0].outputs[0].data
    assert "> hello \\<script>" in data["text/markdown"] or "> hello &lt;script" in data["text/markdown"]
    assert "application/vnd.jupyter.widget-view+json" not in data


def test_a_window_of_a_kernel_that_is_shut_down_is_saved_text(window: Window, sandbox: Sandbox) -> None:
    page = window.page
    sandbox.enqueue("An *answer*")
    window.ask("hello")
    window.wait_state("done")

    page.page.evaluate("panel.sessionContext.shutdown()")

    page.wait_output(0, text="hello", css="em")
    expect(window.root).to_have_count(0)


def test_a_window_of_a_kernel_that_is_killed_leaves_what_was_said(window: Window, sandbox: Sandbox) -> None:
    page = window.page
    pid = int(page.text(page.run_new("import os; print(os.getpid())")))
    sandbox.enqueue("An **answer**")
    window.ask("hello <img src=x onerror=alert(1)>")
    window.wait_state("done")
    gated(sandbox, "The first *half*\n\n")
    window.ask("more")
    expect(window.log).to_contain_text("The first half", timeout=30_000)

    os.kill(pid, signal.SIGKILL)

    page.wait_output(0, text="The kernel ended; what was said is kept", css="strong")
    expect(window.root).to_have_count(0)
    page.save()
    assert "the kernel ended" in page.read_nb().cells[0].outputs[0].data["text/plain"]
    page.reopen(trusted=False, kernel=False)
    page.wait_output(0, text="hello <img src=x", css=".edenai-question ~ p em")


# While a cell runs


def test_text_appears_and_stop_works_while_a_cell_loops(window: Window, sandbox: Sandbox) -> None:
    page = window.page
    gated(sandbox, "The first half\n\n")
    loop = page.add_cell("import time\nend = time.monotonic() + 60\nwhile w.chat.busy or not w.chat.turns:\n    pass")
    page.run(loop, wait=False)

    window.ask("hello")
    expect(window.log).to_contain_text("The first half", timeout=30_000)
    window.button("Stop").click()

    window.wait_state("stopped")
    assert page.finished(loop)


def test_without_subshells_stop_says_that_it_waits_for_the_cell(window: Window, sandbox: Sandbox) -> None:
    page = window.page
    # JupyterLab opens a subshell for a comm whenever it is ready, even after that was disabled: wait for it.
    comms = "[...panel.sessionContext.session.kernel._comms.values()]"
    page.wait(f"{comms}.length && {comms}.every((comm) => comm.subshellId)")
    page.page.evaluate("panel.sessionContext.session.kernel.commsOverSubshells = 'disabled'")
    page.wait(f"{comms}.every((comm) => !comm.subshellId)")
    gated(sandbox, "The first half\n\n")
    window.ask("hello")
    expect(window.log).to_contain_text("The first half", timeout=30_000)
    loop = page.add_cell("import threading; go = threading.Event(); print('waiting', flush=True); go.wait(60)")
    page.run(loop, wait=False)
    page.wait_output(loop, text="waiting")

    window.button("Stop").click()

    expect(window.button("Stop waits for the running cell")).to_be_visible()
    page.interrupt()
    window.wait_state("stopped")


def test_who_reads_above_is_not_moved_and_can_jump_to_the_end(window: Window, sandbox: Sandbox) -> None:
    sandbox.enqueue("\n\n".join(f"Paragraph {number}" for number in range(100)))
    window.ask("long")
    window.wait_state("done")
    window.wait_end()
    gate = gated(sandbox, "The first half\n\n")
    window.ask("more")
    expect(window.log).to_contain_text("The first half", timeout=30_000)
    window.wait_end()

    window.log.evaluate("(log) => { log.scrollTop = 100; }")
    gate.set()
    expect(window.button("↓ New text below")).to_be_visible()
    assert window.log.evaluate("(log) => log.scrollTop") == 100
    window.button("↓ New text below").click()

    window.wait_end()
    expect(window.button("↓ New text below")).to_be_hidden()


def test_hostile_text_stays_text(window: Window, sandbox: Sandbox) -> None:
    bad = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    page = window.page.page
    title = page.title()
    name = ["<img src=x onerror=document.title='owned'>.txt", "text/plain", base64.b64encode(bad.encode()).decode()]
    sandbox.enqueue(Script.text(bad, model=bad), Script.error(400, {"error": {"message": bad}}))
    window.root.get_by_role("combobox", name="Model").click()
    expect(window.root.get_by_role("option").first).to_be_visible()
    window.root.get_by_role("combobox", name="Model").fill(bad)
    window.root.get_by_role("combobox", name="Model").press("Enter")
    window.root.get_by_role("combobox", name="Model").press("Enter")
    window.button("Settings").click()
    window.root.get_by_label("System prompt").fill(bad)
    window.box.evaluate(HAND_OVER, ["paste", [name]])
    window.ask(bad)
    window.wait_state("failed")
    window.root.get_by_role("combobox", name="Model").fill("openai/gpt-5-mini")
    window.root.get_by_role("combobox", name="Model").press("Enter")
    window.button("Retry", 0).click()
    window.wait_state("done")
    window.ask(bad)
    window.wait_state("failed", 1)

    assert window.root.locator("img, script, [onerror]").count() == 0
    window.page.run_new("w.freeze()")
    expect(window.root).to_have_count(0)
    assert window.page.output(0).locator("img, script, [onerror]").count() == 0
    assert page.title() == title
    assert window.page.foreign_requests() == []


def test_a_window_that_is_closed_leaves_the_memory_of_the_page(lab: Lab, sandbox: Sandbox) -> None:
    sandbox.enqueue("\n\n".join(f"*Line* {number}\n\n```python\nprint({number})\n```" for number in range(120)))
    page = opened(lab, setup(sandbox)).page
    page.run_new("chat = eden.Chat()\nchat.ask('go')")
    show, close = page.add_cell("w = eden.ChatWidget(chat)\nw"), page.add_cell("w.close()")

    def open_and_close() -> tuple[int, int]:
        page.run(show)
        page.wait_output(show, js="node.querySelectorAll('.edenai-codetools').length === 120")
        one = page.output(show).evaluate("(node) => node.querySelectorAll('*').length")
        page.run(close)
        page.wait_output(show, js="!node.querySelector('.edenai-chat')")
        return one, nodes(page.page)

    one, first = open_and_close()
    held = [open_and_close()[1] for _ in range(3)]  # JupyterLab itself leaves 500 nodes a round
    assert held[-1] < first + 4 * one, (one, first, held)


def test_a_window_works_inside_a_layout(lab: Lab, sandbox: Sandbox) -> None:
    cell = setup(sandbox) + "\nimport ipywidgets\nipywidgets.HBox([w, ipywidgets.Label('beside')])"
    window = opened(lab, cell.replace("\nw\n", "\n"))

    window.ask("hello")

    window.wait_state("done")
    window.page.wait_output(0, text="beside")


BELOW = """(root) => {
    const next = root.closest('.jp-Cell').nextElementSibling;
    window.shifts = [];
    let last = next.offsetTop;
    const look = () => {
        if (next.offsetTop !== last) window.shifts.push(next.offsetTop - last);
        last = next.offsetTop;
        requestAnimationFrame(look);
    };
    look();
}"""


def test_nothing_below_the_window_moves_and_the_composer_stays_in_sight(lab: Lab, sandbox: Sandbox) -> None:
    window = opened(lab, setup(sandbox, height="500px"), "1 + 1")
    window.page.page.set_viewport_size({"width": 1280, "height": 700})
    window.ask("first")
    window.wait_state("done")
    assert window.root.bounding_box()["height"] == 500
    expect(window.box).to_be_in_viewport(ratio=1)

    window.root.evaluate(BELOW)
    gate = gated(sandbox, "\n\n".join(f"Paragraph {number}" for number in range(100)), "\n\nThe end.")
    window.ask("long")
    expect(window.log).to_contain_text("Paragraph 99", timeout=30_000)
    gate.set()
    window.wait_state("done", 1)
    window.wait_end()

    assert window.page.page.evaluate("window.shifts") == []
    expect(window.box).to_be_in_viewport(ratio=1)
    window.root.evaluate("root => { root.style.height = '450px'; }")  # as if its corner was dragged
    window.page.run_new("w.height = '400px'")
    window.page.wait_output(0, js="node.querySelector('.edenai-chat').offsetHeight === 400")


def test_enter_leaves_the_composer_in_sight_wherever_the_window_stands(lab: Lab, sandbox: Sandbox) -> None:
    lines = "\n".join(f"# {line}" for line in range(80))
    window = opened(lab, setup(sandbox), lines)
    page = window.page.page
    page.set_viewport_size({"width": 1280, "height": 700})
    window.page.run_new("from IPython.display import HTML; HTML('<div style=\"height:900px\">below</div>')")
    for place in range(20):
        sandbox.enqueue("\n\n".join(f"Paragraph {number}" for number in range(place + 1)))
        window.box.evaluate(
            "(box, place) => { const page = box.closest('.jp-WindowedPanel-outer, .jp-Notebook');"
            " page.scrollTop += box.getBoundingClientRect().top - 120 - 20 * place; box.focus(); }",
            place,
        )
        window.ask(f"question {place}")
        window.wait_state("done", place)
        expect(window.box).to_have_value("")
        expect(window.box).to_be_in_viewport(ratio=1)


def test_a_view_of_its_own_is_filled_by_the_window(lab: Lab, sandbox: Sandbox) -> None:
    window = opened(lab, setup(sandbox))
    window.ask("first")
    window.wait_state("done")
    page = window.page.page
    page.evaluate("panel.content.activeCellIndex = 0; jupyterapp.commands.execute('notebook:create-output-view')")
    view = page.locator(".jp-LinkedOutputView")
    docked = Window(window.page, view.locator(".edenai-chat"))
    expect(docked.turns).to_have_count(1)
    expect(docked.box).to_be_in_viewport(ratio=1)
    left = "(root) => { const outer = root.closest('.jp-LinkedOutputView').getBoundingClientRect(),"
    left += " box = root.getBoundingClientRect(); return [outer.height - box.height, outer.bottom - box.bottom]; }"
    assert all(0 <= gap < 40 for gap in docked.root.evaluate(left)), docked.root.evaluate(left)


def test_the_list_of_models_lies_over_the_page(window: Window) -> None:
    before = window.root.bounding_box()
    window.root.get_by_role("combobox", name="Model").click()

    expect(window.root.get_by_role("option").first).to_be_in_viewport()

    assert window.root.bounding_box() == before


# A long conversation

MANY = """
from edenai_nb.chat import journal
chat = eden.Chat()
first = chat.send("go")
first.wait()
record = journal.as_record(first, "go")
texts = [f"## Answer {number}\\n\\n" + "Some *text*. " * (number % 7 * 30) for number in range(300)]
chat.resume(journal.from_records([
    {"turn": str(number), "asked": {"prompt": f"question {number}"}, "ended": {**record["ended"], "text": text}}
    for number, text in enumerate(texts)
]))
long = eden.ChatWidget(chat)
long
"""
QUESTIONS = [f"question {number}" for number in range(300)]
# How far the turn that is read is moved, in px, over the pictures in which earlier ones come in.
READ_ON = """async (log) => {
    const frame = () => new Promise(requestAnimationFrame);
    const turns = () => [...log.querySelectorAll('.edenai-turn')];
    const [read] = turns(), count = turns().length;
    read.scrollIntoView();
    const top = read.getBoundingClientRect().top, moved = [];
    for (let i = 0; i < 60 && (turns().length === count || moved.length < 5); i++) {
        await frame();
        moved.push(Math.abs(read.getBoundingClientRect().top - top));
    }
    return {moved: Math.max(...moved), turns: turns().length};
}"""


@pytest.fixture
def long(lab: Lab, sandbox: Sandbox) -> Window:
    page = opened(lab, setup(sandbox)).page
    cell = page.add_cell(MANY)
    assert page.run(cell), page.text(cell)
    return Window(page, page.output(cell).locator(".edenai-chat"))


def test_of_a_long_conversation_the_end_is_drawn_and_earlier_turns_come_without_a_jump(
    long: Window, sandbox: Sandbox
) -> None:
    expect(long.log).to_contain_text("Answer 299", timeout=30_000)
    expect(long.button("280 earlier turns")).to_be_attached()
    assert long.root.evaluate("(root) => root.querySelectorAll('*').length") < 3000
    long.wait_end()

    assert long.log.evaluate(READ_ON) == {"moved": pytest.approx(0, abs=0.5), "turns": 40}
    expect(long.turns.first).to_contain_text("Answer 260")
    long.button("260 earlier turns").press("Enter")
    expect(long.log).to_contain_text("question 245")
    sandbox.enqueue("The next one")
    long.ask("more")
    long.log.evaluate("(log) => { log.scrollTop = log.scrollHeight; }")
    expect(long.log).to_contain_text("The next one", timeout=30_000)
    sandbox.enqueue("The last one")
    long.ask("and more")
    expect(long.log).to_contain_text("The last one", timeout=30_000)
    expect(long.turns).to_have_count(20)
    expect(long.turns.first).to_have_attribute("aria-label", "Turn 283")


def test_arrow_up_leads_past_the_first_turn_that_is_drawn(long: Window) -> None:
    expect(long.button("280 earlier turns")).to_be_attached(timeout=30_000)
    long.wait_end()
    first = long.turns.first
    expect(first).to_have_attribute("aria-label", "Turn 281")
    first.focus()

    for _ in range(60):
        if (label := long.root.evaluate("() => document.activeElement.ariaLabel")) != "Turn 281":
            break
        long.page.page.keyboard.press("ArrowUp")
    assert label == "Turn 280"


def test_a_file_holds_the_turns_that_are_not_drawn(long: Window) -> None:
    page = long.page
    expect(long.button("280 earlier turns")).to_be_attached(timeout=30_000)
    page.wait_output(1, text="Answer 299")
    deadline = time.monotonic() + 60
    while "chat" not in (saved := saved_window(page)).metadata.get("edenai_nb", {}) and time.monotonic() < deadline:
        pass  # the kernel is still telling the rest

    assert [turn["asked"]["prompt"] for turn in saved.metadata["edenai_nb"]["chat"]] == QUESTIONS
    assert re.findall(r"Answer \d+", saved.data["text/html"]) == [f"Answer {number}" for number in range(300)]
    assert re.findall(r"question \d+", saved.data["text/plain"]) == QUESTIONS


def saved_window(page: NotebookPage) -> Any:
    page.save()
    return page.read_nb().cells[1].outputs[0]
