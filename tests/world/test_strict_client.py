"""Our client against the strict server: wherever a question is asked, its request is what the document allows."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

import edenai_nb as eden
from edenai_nb import Chat, ChatWidget
from edenai_nb.chat.turn import Turn

from ..kernel import Kernel
from .strict_server import StrictServer

DEADLINE_S = 30.0
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": True}}
# One valid value for each field of the contract that a user may set (section 2).
FIELDS: dict[str, Any] = {
    "routing": {"sort": "latency", "allowed_providers": ["openai"], "allow_fallbacks": False, "quality_cost": 3},
    "fallbacks": ["openai/gpt-5-mini", "anthropic/claude-haiku-4-5"],
    "session_id": "a-conversation",
    "router_candidates": ["openai/gpt-5-mini"],
    "pre_hooks": [{"action": "pdf_text_extract", "params": {"method": "default"}}],
    "post_hooks": [{"action": "json_heal", "params": {"json_schema": {}}}],
    "n": 1,
    "reasoning_effort": "low",
    "metadata": {"team": "data"},
    "frequency_penalty": -0.5,
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "top_logprobs": 3,
    "max_tokens": 100,
    "max_completion_tokens": 100,
    "modalities": ["text"],
    "prediction": {"type": "content", "content": "x"},
    "audio": {"voice": "alloy", "format": "wav"},
    "presence_penalty": 2,
    "response_format": SCHEMA,
    "seed": 7,
    "service_tier": "flex",
    "stop": ["END", "STOP"],
    "temperature": 0,
    "top_p": 1,
    "tools": [TOOL],
    "tool_choice": "auto",
    "parallel_tool_calls": False,
    "user": "u1",
    "function_call": "auto",
    "functions": [{"name": "add", "parameters": {}}],
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "web_search_options": {"search_context_size": "low"},
    "verbosity": "low",
    "prompt_cache_key": "k",
    "prompt_cache_retention": "24h",
    "prompt_cache_options": {"mode": "implicit"},
    "image_config": {"aspect_ratio": "1:1"},
    "extra_headers": {"x-team": "data"},
}


@pytest.fixture
def options(strict: StrictServer) -> dict[str, Any]:
    return {"base_url": strict.base_url, "api_key": strict.api_key, "model": "openai/gpt-5-mini"}


def answered(turn: Turn, strict: StrictServer) -> Any:
    """The body of the one question that the server got and answered."""
    reply = turn.wait(DEADLINE_S)
    assert reply == strict.answer
    assert reply.complete
    return strict.questions[-1].json


def test_the_table_holds_every_field_of_the_document_that_a_user_may_set() -> None:
    document = json.loads(Path(__file__).with_name("openapi.json").read_text("utf-8"))
    fields = set(document["components"]["schemas"]["LlmCompletionBody"]["properties"])
    assert fields - set(FIELDS) == {"model", "messages", "stream", "stream_options", "extra_body"}


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_arrives_as_it_was_given(strict: StrictServer, options: dict[str, Any], name: str) -> None:
    body = answered(Chat(**options).send("Hello", **{name: FIELDS[name]}), strict)
    assert body[name] == FIELDS[name]


def test_headers_are_those_of_a_client_that_wants_a_stream(strict: StrictServer, options: dict[str, Any]) -> None:
    body = answered(Chat(**options).send("Hello"), strict)

    headers = strict.questions[-1].headers
    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "text/event-stream"
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"].startswith("edenai-nb/")
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}


def test_a_conversation_and_its_cost_arrive(strict: StrictServer, options: dict[str, Any]) -> None:
    chat = Chat("Be brief", **options)
    chat.ask("Hello")
    body = answered(chat.send("And now?"), strict)

    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    assert chat.cost == pytest.approx(3e-5)


def test_messages_as_the_openai_sdk_takes_them_arrive(strict: StrictServer, options: dict[str, Any]) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    messages = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "2+2?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "4"},
    ]
    assert eden.ask(messages, **options) == strict.answer
    assert strict.questions[-1].json["messages"] == messages


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", PNG),
        ("a.csv", b"a,b\n1,2\n"),
        ("latin.csv", "größe;straße\n1;2\n".encode("cp1252")),
        ("wide.txt", "größe".encode("utf-16")),
    ],
)
def test_attachments_of_the_window_arrive(
    strict: StrictServer, options: dict[str, Any], name: str, data: bytes
) -> None:
    window = ChatWidget(**options)
    try:
        window._on_message(window, {"kind": "piece", "ticket": 1, "file": "f1"}, [memoryview(data)])
        file = {"id": "f1", "name": name, "size": len(data)}
        window._on_message(window, {"kind": "send", "ticket": 2, "text": "What is it?", "files": [file]}, [])
        (turn,) = window.chat.turns
        body = answered(turn, strict)
    finally:
        window.close()

    content = body["messages"][-1]["content"]
    assert {part["type"] for part in content} <= {"text", "image_url", "file"}
    assert "What is it?" in json.dumps(content)


@pytest.fixture
def connected(kernel: Kernel, strict: StrictServer) -> Kernel:
    kernel.run("%load_ext edenai_nb\nimport edenai_nb as eden")
    kernel.run(f"eden.configure(base_url={strict.base_url!r}, api_key={strict.api_key!r})")
    return kernel


def test_a_cell_with_every_option_is_answered(strict: StrictServer, connected: Kernel) -> None:
    line = (
        "answer -m anthropic/claude-haiku-4-5 -s 'Be brief' -t 0.3 --max-tokens 50 -p seed=3 -p user=me "
        """-p stop='["END"]' -p fallbacks='["openai/gpt-5-mini"]' -c other --new --max-cost 1"""
    )
    connected.run(f"%%edenchat {line}\nHello")
    assert connected.run("(answer == " + repr(strict.answer) + ", answer.cost)").value == "(True, 1.5e-05)"

    body = strict.questions[-1].json
    assert body["model"] == "anthropic/claude-haiku-4-5"
    assert body["fallbacks"] == ["openai/gpt-5-mini"]
    assert (body["temperature"], body["max_tokens"], body["seed"], body["stop"]) == (0.3, 50, 3, ["END"])


def test_the_quickstarts_questions_are_answered(strict: StrictServer, connected: Kernel) -> None:
    """Every cell of the notebook that asks, with the strict server instead of the sandbox."""
    strict.answer += "\n\n```python\nprint('Hello')\n```"
    notebook = nbformat.read(NOTEBOOKS / "1-quickstart.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for source in cells:
        if "edenchat sandbox" not in source and "load_ext" not in source:
            result = connected.run(source)
            assert result.status == "ok", (source, result.traceback)
    connected.run("%edenchat wait")

    asked = sum("%%edenchat" in source for source in cells)
    assert asked
    assert len(strict.questions) >= asked
    assert all(seen.headers["content-type"] == "application/json" for seen in strict.questions)
    assert connected.run("str(_eden) == " + repr(strict.answer)).value == "True"
