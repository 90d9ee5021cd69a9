"""The ways in which the API's documentation reads a stream, in our own words: only address and key are changed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
import requests

from edenai_nb.sandbox import Sandbox

from ..browser.chromium import Sync
from . import pages

MODELS = ("openai/gpt-4", "anthropic/claude-3-5-sonnet-20241022")
QUESTION = "Explain quantum computing in three sentences."
TEXT = 'Zwei Zeilen:\n\n```python\nprint("data: [DONE]")\n```\n\u2028 🙂 «end»'
each_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as running:
        running.enqueue(TEXT)
        yield running


@pytest.fixture(scope="session")
def origin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An address with the sample pages."""
    cache: Path = request.config.cache.mkdir("react")
    with pages.served(pages.with_react(cache, tmp_path_factory.mktemp("pages"))) as address:
        yield address


@pytest.fixture
def page(browser: Sync) -> Iterator[Sync]:
    page = browser.new_page()
    yield page
    page.close()


def asked(sandbox):
    """The JSON of the one question that arrived."""
    (question,) = (request for request in sandbox.requests if request.method == "POST")
    return question.json


@each_model
@pytest.mark.parametrize("folder", ["", "/llm"])
def test_a_requests_loop_over_lines(sandbox, model, folder):
    response = requests.post(
        f"{sandbox.base_url}{folder}/chat/completions",
        headers={"Authorization": f"Bearer {sandbox.key}"},
        json={"model": model, "messages": [{"role": "user", "content": QUESTION}], "stream": True},
        stream=True,
        timeout=10,
    )
    said, nothings = "", 0
    for line in response.iter_lines():
        if not line.startswith(b"data: "):
            continue
        data = line.removeprefix(b"data: ")
        if data == b"[DONE]":
            break
        content = json.loads(data)["choices"][0]["delta"]["content"]
        nothings += content is None
        said += content or ""

    assert said == TEXT
    assert nothings  # the last chunk says null, as the live service does: a loop has to live with it
    assert asked(sandbox)["model"] == model


@each_model
def test_a_javascript_fetch_loop_in_node(sandbox, model):
    command = ["node", pages.SAMPLES / "node.mjs", sandbox.base_url, sandbox.key, model, QUESTION]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)

    assert (done.returncode, done.stderr) == (0, "")
    words = json.loads(done.stdout)
    assert "".join(words) == TEXT
    assert len(words) > 5
    assert asked(sandbox)["messages"][0]["content"] == QUESTION


def test_a_javascript_fetch_loop_in_a_page_of_another_origin(sandbox, origin, page):
    fields = {"base": sandbox.base_url, "key": sandbox.key, "model": MODELS[0], "question": QUESTION}
    page.goto(pages.address(origin, "fetch.html", **fields))
    page.wait_for_selector("output[data-end]", state="attached", timeout=20_000)

    output = page.locator("output")
    assert output.get_attribute("data-end") == "done"
    assert output.text_content() == TEXT
    assert int(output.get_attribute("data-words")) > 5
    assert "OPTIONS" in {request.method for request in sandbox.requests}


def test_a_react_hook_around_the_fetch_loop(sandbox, origin, page):
    fields = {"base": sandbox.base_url, "key": sandbox.key, "model": MODELS[1], "question": QUESTION}
    page.goto(pages.address(origin, "react.html", **fields))
    page.click("button")
    page.wait_for_selector("output[data-end]:not([data-end=''])", state="attached", timeout=20_000)

    output = page.locator("output")
    assert output.get_attribute("data-end") == "done"
    assert output.text_content() == TEXT
    assert asked(sandbox)["model"] == MODELS[1]


def test_a_page_reads_why_it_was_refused(sandbox, origin, page):
    fields = {"base": sandbox.base_url, "key": "nonsense", "model": MODELS[0], "question": QUESTION}
    page.goto(pages.address(origin, "fetch.html", **fields))
    page.wait_for_selector("output[data-end]", state="attached", timeout=20_000)

    assert page.locator("output").get_attribute("data-end") == 'Error: 401 {"detail": "Invalid token"}'


@each_model
@pytest.mark.parametrize("folder", ["", "/llm"])
def test_the_openai_sdk_with_another_base_url(sandbox, model, folder):
    with openai.OpenAI(base_url=f"{sandbox.base_url}{folder}", api_key=sandbox.key) as client:
        stream = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": QUESTION}], stream=True
        )
        said = "".join(chunk.choices[0].delta.content or "" for chunk in stream)

    assert said == TEXT
    assert asked(sandbox)["model"] == model
