"""The chat window for everybody: WCAG, keyboard, narrow pages, less motion."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edenai_nb.sandbox import HangUp, Opening, Sandbox, Script

from . import axe
from .chromium import expect
from .lab import THEMES, Lab
from .test_widget import HAND_OVER, Window, gated, opened, setup

ALL = (
    "# Title\n\nA [link](https://example.org), `code`, $x^2$.\n\n- [ ] one\n- [x] two\n\n> quote\n\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nclass A:  # why\n    x = 'text' + 12\n```\n\n" + "long" * 100
)
WIDE = (
    f"```\n{'wide ' * 100}\n```\n\n|{' wide |' * 60}\n|{'---|' * 60}\n|{' 1 |' * 60}\n\n"
    f"$${' + '.join(f'x_{{{n}}}' for n in range(80))}$$\n\n- ${' + '.join(f'y_{{{n}}}' for n in range(80))}$\n"
)
THEMES.setdefault("high contrast", "JupyterLab Dark High Contrast")
# What has the focus, whether that can be seen, and whether it had it the last time. What scrolls is at its end then.
FOCUSED = """(root) => {
    const node = document.activeElement, style = getComputedStyle(node), last = root.last;
    root.last = node;
    node.scrollLeft = 1e6;
    return root.contains(node) ? [node.ariaLabel || node.textContent || node.type,
                                  style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                                  node === last] : null;
}"""


# What a screen reader hears of from now on: changes in live regions, but for those of a part that says it is busy.
LISTEN = """(root) => {
    root.spoken = [];
    new MutationObserver((changes) => {
        for (const { target } of changes) {
            const node = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
            const live = node.closest('[aria-live]');
            if (!live || live.getAttribute('aria-live') === 'off' || node.closest('[aria-busy=true]')) continue;
            root.spoken.push(node.textContent);
        }
    }).observe(root, { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def axe_source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return axe.fetch(tmp_path_factory.mktemp("axe"))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=0) as sandbox:
        sandbox.enqueue(f"{ALL}\n\n{WIDE}", Script.raw(Opening(), "Half an answ", HangUp()))
        yield sandbox


def full(lab: Lab, sandbox: Sandbox, theme: str = "light") -> Window:
    """A window with everything in it: two branches, a failed turn, the settings open."""
    window = opened(lab, setup(sandbox), theme=theme)
    window.ask("What is it?\nWith an example.")
    window.wait_state("done")
    window.ask("And then?")
    window.wait_state("failed", 1)
    window.button("Retry", 1).click()
    expect(window.turns.nth(1).locator(".edenai-walker")).to_contain_text("2/2")
    window.wait_state("done", 1)
    window.button("Earlier branch", 1).click()
    window.wait_state("failed", 1)
    window.button("Settings").click()
    return window


@pytest.mark.parametrize("theme", ["light", "dark", "high contrast", "forced colours"])
def test_axe_finds_nothing_against_wcag(lab: Lab, sandbox: Sandbox, axe_source: str, theme: str) -> None:
    is_forced = theme == "forced colours"
    window = full(lab, sandbox, "light" if is_forced else theme)
    window.page.page.emulate_media(forced_colors="active" if is_forced else "none")
    assert axe.violations(window.page.page, axe_source, ".edenai-chat") == []

    window.root.get_by_role("combobox", name="Model").click()
    expect(window.root.get_by_role("option").first).to_be_visible()
    window.root.get_by_role("combobox", name="Model").press("ArrowDown")
    assert axe.violations(window.page.page, axe_source, ".edenai-chat") == []

    window.root.get_by_role("combobox", name="Model").press("Escape")
    window.button("Edit", 0).click()
    assert axe.violations(window.page.page, axe_source, ".edenai-chat") == []


def test_axe_finds_nothing_against_wcag_in_notebook_7(notebook7: Lab, sandbox: Sandbox, axe_source: str) -> None:
    window = full(notebook7, sandbox, "dark")
    assert axe.violations(window.page.page, axe_source, ".edenai-chat") == []


def test_every_action_is_reached_by_keyboard_and_shows_the_focus(front_end: Lab, sandbox: Sandbox) -> None:
    window = full(front_end, sandbox)
    names = window.root.evaluate(
        "(root) => [...root.querySelectorAll('button, input, textarea')].filter((node) => node.checkVisibility()"
        " && !node.disabled && node.tabIndex >= 0).map((node) => node.ariaLabel || node.textContent || node.type)"
    )
    reached: list[str] = []

    def walk(key: str) -> None:
        """Press the key until the focus stays or leaves the window."""
        while (focused := window.root.evaluate(FOCUSED)) and len(reached) < 100:
            name, is_seen, has_stayed = focused
            assert is_seen, f"the focus on {name!r} is not visible"
            if has_stayed:
                break
            reached.append(name)
            window.page.page.keyboard.press(key)

    window.root.get_by_role("combobox", name="Model").focus()
    expect(window.root.get_by_role("option").nth(20)).to_be_attached()  # its list scrolls, and goes when Tab leaves it
    window.log.focus()
    for turn in (1, 0):
        window.page.page.keyboard.press("ArrowUp")
        expect(window.turns.nth(turn)).to_be_focused()
        walk("ArrowRight")
    window.page.page.keyboard.press("Tab")
    walk("Tab")

    assert len(names) > 20
    assert set(names) - set(reached) == set()
    assert reached[-1] == "Send"


def test_the_log_is_one_step_of_tab_both_ways(lab: Lab, sandbox: Sandbox) -> None:
    window = full(lab, sandbox)
    keys = window.page.page.keyboard
    window.button("New chat").focus()

    keys.press("Shift+Tab")
    expect(window.log).to_be_focused()
    keys.press("ArrowUp")
    expect(window.turns.nth(1)).to_be_focused()
    keys.press("ArrowRight")
    wait_focus(window, "Later branch", turn=1)
    keys.press("Tab")
    wait_focus(window, "New chat")
    window.button("Copy", 0).focus()
    keys.press("Shift+Tab")
    assert not window.root.evaluate("(root) => root.contains(document.activeElement)")
    keys.press("Tab")
    expect(window.log).to_be_focused()
    keys.press("Tab")
    wait_focus(window, "New chat")

    window.button("Edit", 1).click()  # the fields of a question that is edited are a form of their own
    wait_focus(window, "Edit the question", turn=1)
    keys.press("Tab")
    wait_focus(window, "Ask again", turn=1)
    keys.press("Tab")
    keys.press("Tab")
    wait_focus(window, "New chat")


def test_arrow_keys_read_a_turn_to_its_end_before_the_next_and_scroll_what_is_wide(lab: Lab, sandbox: Sandbox) -> None:
    window = full(lab, sandbox)
    keys = window.page.page.keyboard
    first, second = window.turns.nth(0), window.turns.nth(1)
    first.focus()
    window.log.evaluate("(log) => { log.scrollTop = 0; }")

    for _ in range(100):
        if second.evaluate("(turn) => turn === document.activeElement"):
            break
        ends = first.evaluate(
            "(turn) => turn.getBoundingClientRect().bottom - turn.parentElement.getBoundingClientRect().bottom"
        )
        keys.press("ArrowDown")
    expect(second).to_be_focused()
    assert ends < 2  # all of the first one had been in sight
    keys.press("ArrowUp")
    expect(first).to_be_focused()

    wide = first.locator("pre").last
    wide.focus()
    keys.press("ArrowRight")
    expect(wide).to_be_focused()
    assert wide.evaluate("(pre) => { const at = pre.scrollLeft; pre.scrollLeft = 1e6; return at; }") > 0
    keys.press("ArrowRight")
    expect(first.get_by_label("Copy the code").last).to_be_focused()
    keys.press("ArrowLeft")
    expect(wide).to_be_focused()


def test_a_turn_keeps_the_focus_while_its_answer_comes(lab: Lab, sandbox: Sandbox) -> None:
    window = opened(lab, setup(sandbox))
    sandbox._routes.scripts.clear()
    gate = gated(sandbox, "The first half\n\n", "The other half")
    window.ask("one")
    expect(window.log).to_contain_text("The first half")
    window.turns.nth(0).focus()
    gate.set()
    window.wait_state("done")
    expect(window.log).to_contain_text("The other half")
    expect(window.turns.nth(0)).to_be_focused()


def test_a_screen_reader_hears_the_start_and_the_end_of_an_answer_and_no_tokens_or_seconds(
    lab: Lab, sandbox: Sandbox
) -> None:
    window = opened(lab, setup(sandbox))
    sandbox._routes.scripts.clear()
    gate = gated(sandbox, "word " * 50)
    window.root.evaluate(LISTEN)
    window.ask("What is it?")
    window.wait_state("streaming")
    facts = window.turns.nth(0).locator(".edenai-facts")
    for _ in range(5):  # the seconds go on
        expect(facts).not_to_have_text(facts.inner_text())
    gate.set()
    window.wait_state("done")
    expect(window.turns.nth(0).locator("[aria-busy]")).to_have_attribute("aria-busy", "false")

    spoken = window.root.evaluate("(root) => root.spoken")
    assert any("streaming" in words for words in spoken)
    assert any("done" in words for words in spoken)
    assert len(spoken) < 15, spoken


def test_what_takes_a_control_away_leaves_the_focus_beside_it(lab: Lab, sandbox: Sandbox) -> None:
    window = opened(lab, setup(sandbox))
    window.ask("one")
    window.wait_state("done")
    window.ask("two")
    window.wait_state("failed", 1)

    press(window, "Continue", turn=1)
    window.wait_state("done", 2)
    wait_focus(window, "Retry", turn=1)  # Continue is gone
    press(window, "Retry", turn=1)
    window.wait_state("done", 1)
    expect(window.turns).to_have_count(2)
    wait_focus(window, "Retry", turn=1)  # of the new turn, which cannot be asked again yet
    press(window, "Earlier branch", turn=1)
    wait_focus(window, "Later branch", turn=1)  # this is the first one
    press(window, "Edit", turn=1)
    wait_focus(window, "Edit the question", turn=1)
    window.page.page.keyboard.press("Escape")
    wait_focus(window, "Edit", turn=1)
    press(window, "Edit", turn=0)
    window.page.page.keyboard.press("Enter")
    wait_focus(window, "Earlier branch", turn=0)
    window.wait_state("done", 0)

    window.ask("last")
    window.wait_state("done", 1)
    press(window, "Delete", turn=0)
    window.page.page.keyboard.press("Enter")
    expect(window.turns).to_have_count(1)
    wait_focus(window, "Delete", turn=0)
    for _ in range(2):
        window.page.page.keyboard.press("Enter")
    wait_focus(window, "Back to the conversation before")


def test_what_disappears_from_the_composer_leaves_the_focus_there(lab: Lab, sandbox: Sandbox) -> None:
    window = opened(lab, setup(sandbox))
    files = [[name, "text/plain", "eA=="] for name in ("a.txt", "b.txt", "c.txt")]
    window.box.evaluate(HAND_OVER, ["paste", files])
    press(window, "Remove b.txt")
    wait_focus(window, "Remove c.txt")
    press(window, "Remove c.txt")
    wait_focus(window, "Remove a.txt")
    press(window, "Remove a.txt")
    wait_focus(window, "Message")

    gate = gated(sandbox, "\n\n".join(f"Paragraph {number}" for number in range(100)))
    window.ask("long")
    window.wait_state("done")
    window.ask("broken")
    window.wait_state("failed", 1)
    window.ask("more")
    expect(window.turns.nth(2)).to_contain_text("Paragraph 99")
    expect(window.button("Stop")).to_be_visible()
    window.log.evaluate("(log) => { log.scrollTop = 0; }")
    press(window, "↓ New text below")
    wait_focus(window, "Message")
    press(window, "Stop")
    window.wait_state("stopped", 2)
    wait_focus(window, "Message")
    gate.set()

    press(window, "Settings")
    press(window, "New chat")
    wait_focus(window, "Message")
    press(window, "Back to the conversation before")
    wait_focus(window, "Message")
    expect(window.turns).to_have_count(3)


def press(window: Window, name: str, turn: int | None = None) -> None:
    window.button(name, turn).focus()
    window.page.page.keyboard.press("Enter")


def wait_focus(window: Window, name: str, turn: int | None = None) -> None:
    where = window.root if turn is None else window.turns.nth(turn)
    expect(where.get_by_label(name, exact=True).or_(where.get_by_role("button", name=name, exact=True))).to_be_focused()


def test_nothing_scrolls_sideways_at_320_pixels(front_end: Lab, sandbox: Sandbox) -> None:
    window = full(front_end, sandbox)
    window.root.evaluate("(node) => { node.style.width = '320px'; }")
    window.root.get_by_role("combobox", name="Model").click()
    expect(window.root.get_by_role("option").first).to_be_visible()

    wide = window.root.evaluate(
        "(root) => [root, ...root.querySelectorAll(':scope > *, .edenai-turn, .edenai-markdown, .edenai-popup')]"
        ".filter((node) => node.scrollWidth > node.clientWidth + 1 && node.checkVisibility())"
        ".map((node) => `${node.className}: ${node.scrollWidth} > ${node.clientWidth}`)"
    )

    assert window.root.bounding_box()["width"] == 320
    assert wide == []


def test_nothing_moves_where_less_motion_is_wanted(lab: Lab, sandbox: Sandbox) -> None:
    window = full(lab, sandbox)
    moves = (
        "(root) => [...root.querySelectorAll('*')].filter((node) => ['', '::before'].some((part) => {"
        " const style = getComputedStyle(node, part);"
        " return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0; })).length"
    )
    window.root.locator(".edenai-status").first.evaluate("(node) => { node.dataset.state = 'streaming'; }")
    assert window.root.evaluate(moves) > 0

    window.page.page.emulate_media(reduced_motion="reduce")

    assert window.root.evaluate(moves) == 0
