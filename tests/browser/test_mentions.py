"""The notebook's variables in the chat window: offered after "@", suggested, and sent as they are in a cell."""

from __future__ import annotations

from typing import Any

import pytest

from edenai_nb.sandbox import Sandbox

from .chromium import expect
from .lab import Lab
from .test_widget import Window, asked, setup

DATA = """import pandas as pd
sales = pd.DataFrame({'city': [f'town {i}' for i in range(80)], 'units': range(80)})
rate = 0.25"""
BUSY = """import time
rate = 0.5
print('begun', flush=True)
time.sleep(2)
assert not w.chat.turns
rate = 0.75"""


@pytest.fixture
def window(lab: Lab, sandbox: Sandbox) -> Window:
    page = lab.notebook([DATA, "1 / 0", setup(sandbox), BUSY])
    for index in (0, 1, 2):
        page.run(index)
    return Window(page, page.output(2).locator(".edenai-chat"))


def texts(message: dict[str, Any]) -> list[str]:
    return [part["text"] for part in message["content"]]


def test_a_variable_is_chosen_after_an_at_sign_and_its_chip_says_what_will_be_sent(
    window: Window, sandbox: Sandbox
) -> None:
    window.box.press_sequentially("Describe @sa")
    option = window.root.get_by_role("option", name="sales")
    expect(option).to_have_text("salesDataFrame")

    window.box.press("Enter")

    expect(window.root.locator(".edenai-composer .edenai-chip")).to_contain_text("sales · schema of 80 x 2")
    expect(window.box).to_have_value("Describe sales ")
    window.box.press_sequentially("at {{rate:.0%}}")
    window.box.press("Enter")
    window.wait_state("done")
    said, value = texts(asked(sandbox)[0])
    assert said == "Describe sales at 25%"
    assert value.startswith('Variable "sales" (schema of 80 x 2):\n\n```')
    assert "town 7" not in value
    expect(window.turns.nth(0).locator(".edenai-chip")).to_have_text("sales · schema of 80 x 2")


def test_what_is_sent_of_a_variable_is_what_it_is_once_no_cell_runs(window: Window, sandbox: Sandbox) -> None:
    window.page.run(3, wait=False)
    window.page.wait_output(3, text="begun")
    window.ask("at {{rate:.0%}}")
    window.wait_state("done")
    assert asked(sandbox)[0]["content"] == "at 75%"
    assert window.page.text(3) == "begun"


def test_an_empty_window_suggests_what_the_notebook_holds_and_sends_nothing_by_itself(
    window: Window, sandbox: Sandbox
) -> None:
    suggestions = window.root.get_by_role("group", name="Suggestions").get_by_role("button")
    expect(suggestions).to_have_text(["Fix the last error", "Explain sales", "Suggest a chart for sales"])

    suggestions.nth(0).click()

    expect(window.box).to_have_value("Fix the last error")
    expect(window.root.locator(".edenai-composer .edenai-chip")).to_contain_text("error")
    assert not [request for request in sandbox.requests if request.path.endswith("/chat/completions")]
    window.box.press("Enter")
    window.wait_state("done")
    assert "ZeroDivisionError" in texts(asked(sandbox)[0])[1]
