"""Tools are called, schemas fitted and limits obeyed, as a model behind Eden AI would."""

from __future__ import annotations

import json

import jsonschema
import pytest

from edenai_nb.sandbox import Call, Choice, Done, Finish, Opening, Script
from edenai_nb.sandbox.completion import tokens

from .client import said

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}},
    "required": ["city", "unit"],
    "additionalProperties": False,
}
CLOCK = {"type": "object", "properties": {"zone": {"type": "string", "pattern": "^[A-Z]{3}$"}}, "required": ["zone"]}
PARAMETERS = {"get_weather": WEATHER, "read_clock": CLOCK, "stop": None}


def tool(name):
    function = {"name": name, "description": f"Does what {name} says."}
    return {
        "type": "function",
        "function": {**function, "parameters": PARAMETERS[name]} if PARAMETERS[name] else function,
    }


TOOLS = [tool(name) for name in PARAMETERS]
NAMED = {"type": "function", "function": {"name": "read_clock"}}
BOTH = "The weather, and the clock of Paris?"


def calls(client, prompt=BOTH, **fields):
    """The whole calls of an answer that is not streamed, and its finish_reason."""
    choice = client.whole(prompt, tools=TOOLS, **fields)["choices"][0]
    return choice["message"]["tool_calls"] or [], choice["finish_reason"]


def names(called):
    return [call["function"]["name"] for call in called]


def test_tools_that_the_prompt_mentions_are_called_in_parallel(client):
    called, reason = calls(client)

    assert names(called) == ["get_weather", "read_clock"]
    assert len({call["id"] for call in called}) == 2
    assert reason == "tool_calls"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tool_choice": "none"}, []),
        ({"tool_choice": "auto"}, ["get_weather", "read_clock"]),
        ({"tool_choice": "required"}, ["get_weather", "read_clock"]),
        ({"tool_choice": NAMED}, ["read_clock"]),
        ({"parallel_tool_calls": False}, ["get_weather"]),
        ({"prompt": "Hi", "tool_choice": "required"}, ["get_weather", "read_clock", "stop"]),
        ({"prompt": "Hi", "tool_choice": "required", "parallel_tool_calls": False}, ["get_weather"]),
    ],
)
def test_the_choice_of_tools_is_obeyed(client, fields, expected):
    called, reason = calls(client, **fields)

    assert names(called) == expected
    assert reason == ("tool_calls" if expected else "stop")


def test_arguments_fit_each_tools_schema(client):
    called, _ = calls(client, "Hi", tool_choice="required")

    for call in called:
        jsonschema.validate(json.loads(call["function"]["arguments"]), PARAMETERS[call["function"]["name"]] or {})


def test_a_stream_brings_each_call_with_its_id_and_name_first_and_its_arguments_in_fragments(client):
    chunks = client.chunks(BOTH, tools=TOOLS)
    deltas = [
        choice["delta"]["tool_calls"][0] for c in chunks for choice in c["choices"] if choice["delta"].get("tool_calls")
    ]
    for index, name in enumerate(("get_weather", "read_clock")):
        first, *fragments = [delta for delta in deltas if delta["index"] == index]
        assert (first["type"], first["function"]) == ("function", {"name": name, "arguments": ""})
        assert first["id"].startswith("call_")
        assert len(fragments) > 2
        assert all(set(fragment) == {"index", "function"} for fragment in fragments)
        text = "".join(fragment["function"]["arguments"] for fragment in fragments)
        jsonschema.validate(json.loads(text), PARAMETERS[name])
    assert said(chunks) == ""
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_call_without_text_has_null_content_and_is_counted(client):
    answer = client.whole(BOTH, tools=TOOLS)

    assert answer["choices"][0]["message"]["content"] is None
    assert answer["usage"]["completion_tokens"] > 10


def answered(called, **results):
    messages = [{"role": "user", "content": BOTH}, {"role": "assistant", "content": None, "tool_calls": called}]
    return [*messages, *({"role": "tool", "tool_call_id": id, "content": text} for id, text in results.items())]


CALLED = [
    {"id": "a", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}},
    {"id": "b", "type": "function", "function": {"name": "read_clock", "arguments": "{}"}},
]


def test_results_of_tools_are_answered_with_text(client):
    message = client.whole(messages=answered(CALLED, a="18 °C", b="noon"), tools=TOOLS)["choices"][0]["message"]

    assert message["tool_calls"] is None
    assert "no model was called" in message["content"]
    assert "`get_weather`: 18 °C\n- `read_clock`: noon" in message["content"]


def test_a_question_after_the_results_may_call_again(client):
    messages = [
        *answered(CALLED, a="1", b="2"),
        {"role": "assistant", "content": "ok"},
        {"role": "user", "content": BOTH},
    ]

    assert client.whole(messages=messages, tools=TOOLS)["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    ("messages", "param", "words"),
    [
        ([], "messages", "empty array"),
        (answered(CALLED, a="1"), "messages.[2].role", "did not have response messages: b"),
        (answered(CALLED), "messages.[1].role", "did not have response messages: a, b"),
        (
            [*answered(CALLED), {"role": "user", "content": "x"}],
            "messages.[2].role",
            "must be followed by tool messages",
        ),
        (answered(CALLED, a="1", b="2", c="3"), "messages.[4].tool_call_id", "'c' not found"),
        ([{"role": "tool", "tool_call_id": "a", "content": "1"}], "messages.[0].role", "preceeding message"),
        ([{"role": "tool", "content": "1"}], "messages.[0].tool_call_id", "Missing parameter 'tool_call_id'"),
        ([{"role": "user"}], "messages.[0].content", "expected a string, got null"),
        ([{"role": "assistant", "content": None}], "messages.[0].content", "expected a string, got null"),
        ([{"role": "assistant", "tool_calls": []}], "messages.[0].content", "expected a string"),
        ([{"role": "assistant", "content": "x", "tool_calls": [5]}], "messages.[0].tool_calls", "array of objects"),
    ],
)
def test_messages_in_an_order_that_cannot_have_happened_are_400(client, messages, param, words):
    status, body = client.refused(messages=messages)

    assert (status, body["error"]["param"], body["error"]["type"]) == (400, param, "invalid_request_error")
    assert words in body["error"]["message"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": [{"type": "custom"}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tools": [{"type": "function", "function": {"name": "two words"}}]}, "tools[0].function.name"),
        (
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "string"}}}]},
            "tools[0].function.parameters",
        ),
        (
            {"tools": [tool("stop"), {"type": "function", "function": {"name": "f", "parameters": {"properties": 5}}}]},
            "tools[1].function.parameters",
        ),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"tools": TOOLS, "tool_choice": "always"}, "tool_choice"),
        ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "other"}}}, "tool_choice"),
        ({"tools": TOOLS, "tool_choice": {"type": "auto"}}, "tool_choice.function.name"),
        ({"response_format": {}}, "response_format.type"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": []}}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "x"}}}}, "response_format"),
        ({"stop": list("abcde")}, "stop"),
        ({"n": 129}, "n"),
    ],
)
def test_what_no_provider_could_do_is_400_and_names_the_parameter(client, fields, param):
    status, body = client.refused(**fields)

    assert (status, body["error"]["param"], body["error"]["type"]) == (400, param, "invalid_request_error")


# Schemas, choices and limits


@pytest.mark.parametrize("stream", [False, True])
def test_a_json_schema_is_answered_with_a_value_that_fits(client, stream):
    format = {"type": "json_schema", "json_schema": {"name": "weather", "strict": True, "schema": WEATHER}}
    fields = {"response_format": format, "stream_options": {"include_usage": True}}
    if stream:
        text = said(client.chunks("Anything", **fields))
    else:
        text = client.whole("Anything", **fields)["choices"][0]["message"]["content"]

    jsonschema.validate(json.loads(text), WEATHER)


def test_n_choices_are_told_apart_by_their_index_and_arrive_side_by_side(client):
    whole = client.whole("a b c", model="sandbox/echo", n=3)
    chunks = client.chunks("a b c", model="sandbox/echo", n=3)
    choices = [chunk["choices"][0] for chunk in chunks]

    assert [c["index"] for c in whole["choices"]] == [0, 1, 2]
    assert {c["message"]["content"] for c in whole["choices"]} == {"a b c"}
    assert whole["usage"]["completion_tokens"] == 9
    assert [choice["index"] for choice in choices] == [0, 1, 2] * 5
    for index in range(3):
        own = [choice for choice in choices if choice["index"] == index]
        assert "".join(choice["delta"].get("content") or "" for choice in own) == "a b c"
        assert own[-1]["finish_reason"] == "stop"


@pytest.mark.parametrize("stop", ["three", ["four", "three"], ["", "three"]])
def test_the_text_ends_before_the_first_stop_sequence(client, stop):
    answer = client.whole("one two three four", model="sandbox/echo", stop=stop)["choices"][0]

    assert (answer["message"]["content"], answer["finish_reason"]) == ("one two ", "stop")


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_text_thoughts_and_arguments_end_at_the_limit_with_length(client, name):
    for fields in ({}, {"reasoning_effort": "low"}, {"tools": TOOLS}, {"stop": "zebra"}):
        answer = client.whole(BOTH, **{name: 5}, **fields)["choices"][0]
        message = answer["message"]
        arguments = [call["function"]["arguments"] for call in message["tool_calls"] or ()]
        spoken = [message["content"] or "", message["reasoning_content"] or "", *arguments]
        assert sum(len(tokens(text)) for text in spoken) == 5
        assert answer["finish_reason"] == "length"


def test_a_stop_before_the_limit_is_a_stop(client):
    answer = client.whole("one two three", model="sandbox/echo", stop="two", max_tokens=2)["choices"][0]

    assert (answer["message"]["content"], answer["finish_reason"]) == ("one ", "stop")


def test_scripted_calls_and_choices_are_played_as_they_are(client, sandbox):
    steps = (Opening(), Choice(1), "Hi", Choice(0), Call("f", '{"a": 1}', "id-1"), Finish("tool_calls"), Done())
    sandbox.enqueue(Script.raw(*steps), Script.raw(*steps))
    first, second = client.whole()["choices"]
    deltas = [c["choices"][0]["delta"] for c in client.chunks() if c["choices"][0]["delta"].get("tool_calls")]

    assert first["message"]["tool_calls"] == [
        {"id": "id-1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    ]
    assert second["message"]["content"] == "Hi"
    assert "".join(delta["tool_calls"][0]["function"]["arguments"] for delta in deltas) == '{"a": 1}'
