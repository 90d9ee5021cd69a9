"""What a reader sees of an answer: its ending, its saved form, what is copied, diagrams, a window without a key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edenai_nb.sandbox import Opening, Sandbox, Script, Stall

from .chromium import expect
from .test_stream import LIVE, SAVED, gated, open_notebook

TEXT = """# Title

Some **bold** text and $x^2$.

$$\\begin{cases} 1 & \\text{if $x > 0$} \\\\ 0 \\end{cases}$$

```python
def f(): return 1
```

| a | b |
|---|--:|
| 1 | 2 |

"""
NOT_FOUND = Script.error(404, {"error": {"message": "Model x not found", "type": "invalid_request_error"}})
SELECT_ALL = """(node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const event = new ClipboardEvent('copy', {clipboardData: new DataTransfer(), bubbles: true, cancelable: true});
    node.dispatchEvent(event);
    return event.clipboardData.getData('text/plain');
}"""
BOX = "(node) => { const {x, y, width, height} = node.getBoundingClientRect(); return [x, width, height]; }"
LOOK = "(node, name) => getComputedStyle(node).getPropertyValue(name)"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=500) as sandbox:
        yield sandbox


def test_nothing_moves_when_an_answer_ends(lab, sandbox):
    page = open_notebook(
        lab, sandbox, "%%edenchat ans --once\nhello", "from IPython.display import HTML; HTML('<p>x</p>')"
    )
    gate = gated(sandbox, TEXT, "The end.")
    page.run(1)
    page.run(2)
    page.wait_output(1, css=f"{LIVE} table td:nth-child(2)")
    page.wait_output(1, js="node.querySelectorAll('mjx-container').length === 2")
    live = page.output(1).locator(".edenai-markdown h3").evaluate(BOX)
    gate.set()
    page.wait_output(1, text="The end.", js=f"{SAVED} && node.querySelectorAll('mjx-container').length === 2")
    assert page.output(1).locator(".edenai-markdown h3").evaluate(BOX) == live
    others = page.output(2).locator("p").evaluate(BOX)
    assert page.output(1).locator(".edenai-markdown p").first.evaluate(BOX)[0] == others[0]


@pytest.mark.parametrize("trusted", [True, False])
def test_a_reopened_answer_has_its_frame_and_its_alignment(lab, sandbox, trusted):
    sandbox.enqueue(TEXT)
    page = open_notebook(lab, sandbox, "%%edenchat ans --once\nhello")
    page.run(1)
    page.wait_output(1, css="table td", js=SAVED)
    page.save()
    page.reopen(trusted=trusted)
    cells = page.output(1).locator("td")
    assert [cells.nth(n).evaluate(LOOK, "text-align") for n in range(2)] == ["left", "right"]
    assert page.output(1).locator(".edenai-code").evaluate(LOOK, "border-top-width") == "1px"
    assert page.output(1).locator("code .k").first.evaluate(LOOK, "color") != "rgb(0, 0, 0)"
    page.wait_output(1, js="node.querySelectorAll('mjx-container').length === 2")
    assert page.page.locator("mjx-merror").count() == 0


def test_a_selection_is_copied_with_its_formulas_as_tex_and_without_buttons(lab, sandbox):
    sandbox.enqueue(TEXT)
    page = open_notebook(lab, sandbox, "%%edenchat ans --once\nhello")
    page.run(1)
    page.wait_output(1, css=".edenai-codetools", js=f"{SAVED} && node.querySelector('mjx-container')")
    copied = page.output(1).locator(".edenai-markdown").evaluate(SELECT_ALL)
    assert "Some bold text and $x^2$." in copied
    assert r"$$\begin{cases} 1 & \text{if $x > 0$} \\ 0 \end{cases}$$" in copied
    assert "Copy" not in copied


def test_saved_code_has_its_buttons_without_being_pointed_at(front_end, sandbox):
    sandbox.enqueue(TEXT)
    page = open_notebook(front_end, sandbox, "%%edenchat ans --once\nhello")
    page.run(1)
    page.wait_output(1, css=".edenai-codetools", js=SAVED)
    assert page.output(1).locator(".edenai-codetools").evaluate(LOOK, "user-select") == "none"


def test_mermaid_is_drawn_by_jupyterlab_and_copied_as_its_source(lab, sandbox):
    gate = gated(sandbox, "```mermaid\ngraph LR; A-->B\n```\n\nMore", "\n\nThe end.")
    page = open_notebook(lab, sandbox, "%%edenchat ans --once\nhello")
    page.run(1)
    page.wait_output(1, css=f"{LIVE} .jp-RenderedMermaid img")
    gate.set()
    page.wait_output(1, css=".jp-RenderedMermaid img", js=SAVED)
    assert page.page_errors == []


def test_a_failed_cell_is_a_box_with_retry_and_a_stopped_one_with_continue(lab, sandbox):
    page = open_notebook(lab, sandbox, "%%edenchat ans --once\nhello", "%%edenchat more\nhello")
    sandbox.enqueue(NOT_FOUND, "Now it works.")
    page.run(1)
    page.wait_output(1, text="Model x not found.", js=SAVED)
    notice = page.output(1).locator(".edenai-is-error")
    wanted = page.page.evaluate("getComputedStyle(document.body).getPropertyValue('--jp-rendermime-error-background')")
    assert notice.evaluate(
        "(node, wanted) => { const box = document.createElement('i'); box.style.color = wanted;"
        " document.body.append(box); const is = getComputedStyle(box).color; box.remove();"
        " return is === getComputedStyle(node).backgroundColor; }",
        wanted,
    )
    notice.get_by_role("button", name="Retry").click()
    page.wait_output(1, text="Now it works.", js=SAVED)

    sandbox.enqueue(Script.raw(Opening(), "So far", Stall()), "and the rest.")
    page.run(2)
    page.wait_output(2, text="So far")
    page.output(2).locator(".edenai-stop").click()
    page.wait_output(2, text="Stopped.", js=SAVED)
    page.output(2).get_by_role("button", name="Continue").click()
    page.wait_output(3, text="and the rest.", js=SAVED)
    assert [message["content"] for message in sandbox.requests[-1].json["messages"]][:2] == ["hello", "So far"]


def test_an_answer_is_copied_as_it_was_written_and_its_conversation_opened_in_a_window(lab, sandbox):
    sandbox.enqueue(Script.text(TEXT, finish_reason="length"))
    page = open_notebook(lab, sandbox, "%%edenchat ans --chat talk\nhello")
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.run(1)
    page.wait_output(1, text="Cut at the length limit.", js=SAVED)
    page.output(1).locator("p").first.hover()
    page.output(1).get_by_role("button", name="Copy the answer").click()
    page.page.wait_for_function("(text) => navigator.clipboard.readText().then((now) => now === text)", arg=TEXT)
    page.output(1).get_by_role("button", name="Open in window").click()
    page.wait_output(2, css=".edenai-turn h3")


def test_without_a_kernel_nothing_is_offered_that_cannot_be(lab, sandbox):
    sandbox.enqueue(NOT_FOUND)
    page = open_notebook(lab, sandbox, "%%edenchat ans --once\nhello")
    page.run(1)
    page.wait_output(1, text="Retry", js=SAVED)
    page.save()
    (output,) = page.read_nb().cells[1].outputs
    assert "Retry" not in str(output)
    page.reopen(kernel=False)
    page.wait_output(1, text="Model x not found.")
    assert page.output(1).get_by_role("button").count() == 0


def test_headings_of_answers_are_no_chapters_of_the_notebook(lab, sandbox):
    sandbox.enqueue(TEXT)
    page = open_notebook(lab, sandbox, "%%edenchat ans --once\nhello")
    page.run(1)
    page.wait_output(1, css="h3.jp-toc-ignore", js=SAVED)
    page.page.evaluate("window.jupyterapp.commands.execute('toc:show-panel')")
    expect(page.page.locator(".jp-TableOfContents")).not_to_contain_text("Title")


def test_a_window_without_a_key_offers_to_enter_one_or_to_try_the_sandbox(lab, sandbox):
    page = open_notebook(
        lab, sandbox, "eden.configure(base_url='https://api.edenai.run/v3', api_key=None)\neden.ChatWidget()"
    )
    page.run(1)
    area = page.output(1).get_by_label("Message", exact=True)
    area.fill("Hello")
    area.press("Enter")
    page.output(1).get_by_role("button", name="Enter a key").click()
    field = page.output(1).get_by_label("Eden AI key")
    expect(field).to_be_focused()
    assert field.get_attribute("type") == "password"
    page.output(1).get_by_role("button", name="Try the sandbox").click()
    page.wait_output(1, text="Sandbox reply", timeout_s=60)
    page.wait_output(1, text="would have cost", timeout_s=60)
    expect(page.output(1).get_by_role("button", name="Try the sandbox")).to_be_hidden()


def test_a_key_that_is_entered_in_a_window_is_in_use_and_nowhere_else(lab, sandbox):
    key = "sk-entered-in-a-window"
    page = open_notebook(
        lab,
        sandbox,
        f"eden.configure(base_url={sandbox.base_url!r}, api_key=None)\neden.ChatWidget()",
        "eden.ask('2+2?')",
    )
    sandbox.enqueue("Four.", "Five.")
    page.run(1)
    area = page.output(1).get_by_label("Message", exact=True)
    area.fill("Hello")
    area.press("Enter")
    page.output(1).get_by_role("button", name="Enter a key").click()
    page.output(1).get_by_label("Eden AI key").fill(key)
    page.output(1).get_by_label("Eden AI key").press("Enter")
    page.wait_output(1, text="Four.")
    page.save()
    assert key not in page.path.read_text("utf-8")
    assert key not in page.page.content()
    assert sandbox.requests[-1].headers["authorization"] == f"Bearer {key}"
