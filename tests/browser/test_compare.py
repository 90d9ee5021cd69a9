"""Several models in one cell of a real JupyterLab: side by side, stopped one by one, saved, chosen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edenai_nb.sandbox import Opening, Sandbox, Script, Stall

from .test_stream import open_notebook

CELL = "%%edenchat answers -m openai/gpt-5-mini -m nosuch/model -m openai/gpt-4o-mini\nhello"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as sandbox:
        yield sandbox


def test_columns_stream_side_by_side_and_one_is_stopped_and_one_is_chosen(lab, sandbox):
    sandbox.enqueue(*[Script.raw(Opening(), "**So far**", Stall())] * 2)
    page = open_notebook(lab, sandbox, CELL, "print(sorted(answers))")
    page.run(1)
    columns = page.output(1).locator(".edenai-column")
    page.wait_output(1, js="node.querySelectorAll('.edenai-column strong').length >= 5")  # names, texts and an error
    tops = [columns.nth(number).bounding_box()["y"] for number in range(3)]
    assert max(tops) - min(tops) < 2
    page.page.set_viewport_size({"width": 620, "height": 900})
    tops_of = "[...document.querySelectorAll('.edenai-column')].map((node) => node.getBoundingClientRect().top)"
    page.wait(f"(([first, , last]) => last > first + 20)({tops_of})")
    page.page.set_viewport_size({"width": 1280, "height": 900})

    columns.nth(0).locator(".edenai-stop").click()
    page.wait_output(1, js="node.querySelectorAll('.edenai-stop:not([hidden])').length === 1")
    columns.nth(2).locator(".edenai-stop").click()
    page.run(2)
    assert page.text(2) == "['nosuch/model', 'openai/gpt-4o-mini', 'openai/gpt-5-mini']"
    page.wait_output(1, css=".edenai-compared table", js="!node.querySelector('.edenai-view')")
    page.output(1).get_by_text("Continue with this one").last.click()
    page.wait_output(2, text="main goes on after the answer of openai/gpt-4o-mini.")
    assert page.page_errors == []
    page.save()
    page.reopen(trusted=False)
    page.wait_output(1, text="So far", css="table")
