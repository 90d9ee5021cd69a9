"""Strangers as clients of the sandbox: what they understand, ours may rely on."""

from __future__ import annotations

import asyncio
import json
from typing import Literal

import httpx
import jsonschema
import openai
import pytest
from httpx_sse import connect_sse
from pydantic import BaseModel, Field

from edenai_nb.sandbox import Sandbox

MODEL = "openai/gpt-5-mini"
ECHO = "sandbox/echo"
QUESTION = [{"role": "user", "content": "What is the weather in Paris? 🙂"}]
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["C", "F"]}},
    "required": ["city", "unit"],
    "additionalProperties": False,
}
CLOCK = {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]}
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": parameters}}
    for name, parameters in (("get_weather", WEATHER), ("get_time", CLOCK))
]


class Step(BaseModel):
    what: str = Field(min_length=10)
    after: list[Step]


class Plan(BaseModel):
    title: str
    kind: Literal["short", "long"]
    steps: list[Step] = Field(min_length=2)
    share: float = Field(gt=0, lt=1)
    days: int | None


@pytest.fixture
def client(sandbox: Sandbox):
    with openai.OpenAI(base_url=sandbox.base_url, api_key=sandbox.key, max_retries=0) as client:
        yield client


def test_the_openai_sdk_reads_whole_answers_with_what_they_cost(client):
    answer = client.chat.completions.create(model=ECHO, messages=QUESTION)

    assert answer.choices[0].message.content == QUESTION[0]["content"]
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.model_extra["cost"] > 0


def test_the_openai_sdk_reads_n_choices(client):
    answer = client.chat.completions.create(model=ECHO, messages=QUESTION, n=2)

    assert [choice.index for choice in answer.choices] == [0, 1]


def test_the_openai_sdk_reads_a_stream_without_waiting_in_between(sandbox):
    async def ask():
        async with openai.AsyncOpenAI(base_url=sandbox.base_url, api_key=sandbox.key) as client:
            options = {"include_usage": True}
            stream = await client.chat.completions.create(
                model=ECHO, messages=QUESTION, stream=True, stream_options=options
            )
            return [chunk async for chunk in stream]

    chunks = asyncio.run(ask())
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == QUESTION[0]["content"]
    assert chunks[-1].usage.completion_tokens > 0


def test_the_openai_sdks_stream_helper_puts_text_and_calls_together(client):
    with client.chat.completions.stream(model=MODEL, messages=QUESTION, tools=TOOLS) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()

    assert "tool_calls.function.arguments.delta" in kinds
    (call,) = final.choices[0].message.tool_calls
    assert call.function.name == "get_weather"
    jsonschema.validate(json.loads(call.function.arguments), WEATHER)


def test_the_openai_sdk_parses_an_answer_into_a_model(client):
    answer = client.chat.completions.parse(model=MODEL, messages=QUESTION, response_format=Plan)

    plan = answer.choices[0].message.parsed
    assert isinstance(plan, Plan)
    assert len(plan.steps) == 2


def test_the_openai_sdks_stream_helper_parses_too(client):
    with client.chat.completions.stream(model=MODEL, messages=QUESTION, response_format=Plan) as stream:
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, Plan)


def test_a_tool_loop_of_the_openai_sdk_comes_to_its_end(client):
    messages = list(QUESTION)
    for _ in range(3):
        message = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS).choices[0].message
        messages.append(message)
        if not message.tool_calls:
            break
        results = ({"role": "tool", "tool_call_id": call.id, "content": "18 °C"} for call in message.tool_calls)
        messages.extend(results)

    assert len(messages) == 4
    assert "18 °C" in messages[-1].content


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"temperature": 3}, openai.UnprocessableEntityError, "temperature"),
        ({"model": "openai/none"}, openai.BadRequestError, "not found or inactive: openai/none"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "y"}]}, openai.BadRequestError, "preceeding"),
    ],
)
def test_the_openai_sdk_names_a_refusal_by_its_kind(client, fields, error, words):
    with pytest.raises(error) as caught:
        client.chat.completions.create(**{"model": MODEL, "messages": QUESTION, **fields})

    assert words in caught.value.response.text


def test_the_openai_sdk_obeys_the_sandboxs_rate():
    with Sandbox(tokens_per_s=None, rate=1, retry_after=1) as sandbox:
        with openai.OpenAI(base_url=sandbox.base_url, api_key=sandbox.key, max_retries=2) as client:
            answers = [client.chat.completions.create(model=ECHO, messages=QUESTION) for _ in range(2)]
        assert len(answers) == 2
        assert 3 <= len(sandbox.requests) <= 4


def test_httpx_sse_reads_every_event(sandbox):
    body = {"model": ECHO, "messages": QUESTION, "stream": True}
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    with (
        httpx.Client(headers=headers, trust_env=False) as client,
        connect_sse(client, "POST", f"{sandbox.base_url}/chat/completions", json=body) as source,
    ):
        *events, last = source.iter_sse()

    deltas = [json.loads(event.data)["choices"][0]["delta"] for event in events]
    assert "".join(delta["content"] or "" for delta in deltas) == QUESTION[0]["content"]
    assert last.data == "[DONE]"
    assert {event.event for event in events} == {"message"}
