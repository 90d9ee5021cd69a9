"""The fields of a request: what is not known is not sent, what is wrong is named, no value is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

import edenai_nb as eden
from edenai_nb import Chat, ChatWidget, Sandbox, parameters
from edenai_nb.errors import InvalidInput

from .world.test_strict_client import FIELDS

SECRET = "a-value-that-nobody-may-see"
OWN_TOO = {"tags", "stream_options"}  # in the contract, and not in the document or not a user's business
WRONG: dict[str, tuple[Any, ...]] = {
    "temperature": (-0.1, 2.1, "warm", True, float("nan"), [1]),
    "top_p": (-1, 1.5, "1"),
    "max_tokens": (0, -5, 1.5, "100", True),
    "max_completion_tokens": (0, 2.0),
    "stop": (5, ["a", 5], list("abcde"), {"a": 1}),
    "seed": (1.5, "7"),
    "n": (0, "2"),
    "frequency_penalty": (-2.1, 3),
    "presence_penalty": (2.01,),
    "logit_bias": ([1], {"50": "x"}),
    "logprobs": (1, "yes"),
    "top_logprobs": (21, -1),
    "tools": ({}, ["add"], "add"),
    "tool_choice": ("sometimes", 5),
    "parallel_tool_calls": ("no",),
    "response_format": ("json", {"schema": {}}),
    "reasoning_effort": ("extreme", 1),
    "thinking": (True, {"type": "on"}, {"type": "enabled", "budget_tokens": 1023}),
    "verbosity": ("loud",),
    "service_tier": ("gold",),
    "user": (5,),
    "metadata": ([],),
    "fallbacks": ("openai/gpt-5", ["a/b"] * 4, [1]),
    "router_candidates": (["a"] * 65, ["a" * 129]),
    "routing": ({"sort": "price"}, {"quality_cost": 11}, {"allow_fallbacks": "yes"}, "cost"),
    "session_id": ("x" * 257, 5),
    "tags": ({"a": 1}, {"": "x"}, {str(i): "x" for i in range(11)}, {"a": "x" * 129}),
    "extra_headers": ({"a": 1},),
    "stream_options": (5, "usage"),
}


@pytest.fixture
def options() -> Any:
    with Sandbox(tokens_per_s=None) as sandbox:
        yield {"base_url": sandbox.base_url, "api_key": sandbox.key}
        assert sandbox.requests == []


def test_the_table_knows_every_field_of_the_published_document() -> None:
    document = json.loads((Path(__file__).parent / "world" / "openapi.json").read_text("utf-8"))
    fields = set(document["components"]["schemas"]["LlmCompletionBody"]["properties"])
    assert set(parameters.PARAMETERS) == fields - {"model", "messages", "stream", "extra_body"} | OWN_TOO


@pytest.mark.parametrize("name", FIELDS)
def test_what_the_document_allows_is_taken(name: str) -> None:
    assert parameters.read({name: FIELDS[name]}) == {name: FIELDS[name]}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_value_that_a_field_cannot_have_is_refused_in_one_line(options: Any, name: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=rf"^{name} takes .*; nothing was sent\.$"):
        Chat(**options).send("Hello", **{name: value})


@pytest.mark.parametrize("name", WRONG)
def test_a_known_field_in_extra_body_is_looked_at_too(options: Any, name: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        Chat(**options).send("Hello", extra_body={name: WRONG[name][0]})


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("temprature", "temperature"),
        ("key", "api_key"),
        ("apikey", "api_key"),
        ("max_token", "max_tokens"),
        ("respons_format", "response_format"),
        ("fallback", "fallbacks"),
        ("modell", "model"),
        ("sistem", "system"),
        ("baseurl", "base_url"),
    ],
)
@pytest.mark.parametrize(
    "use",
    [
        lambda **given: eden.ask("Hello", **given),
        lambda **given: Chat(**given),
        lambda **given: Chat().send("Hello", **given),
        lambda **given: ChatWidget(**given),
        lambda **given: ChatWidget(Chat(), **given),
    ],
    ids=["ask", "Chat", "send", "ChatWidget", "ChatWidget of a Chat"],
)
def test_a_near_miss_is_named_and_its_value_is_not(options: Any, use: Any, given: str, meant: str) -> None:
    with pytest.raises(InvalidInput, match=f"no parameter '{given}': did you mean {meant}\\?") as caught:
        use(**{given: SECRET})
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_known_is_sent_in_extra_body_only() -> None:
    with Sandbox(tokens_per_s=None) as sandbox:
        chat = Chat(base_url=sandbox.base_url, api_key=sandbox.key)
        with pytest.raises(InvalidInput, match="extra_body"):
            chat.ask("Hello", top_k=5)
        chat.ask("Hello", extra_body={"top_k": 5, "seed": 1}, seed=None)
        assert [request.json["top_k"] for request in sandbox.requests] == [5]


@pytest.mark.parametrize("name", sorted(parameters.OURS))
def test_extra_body_cannot_take_over_the_request(options: Any, name: str) -> None:
    with pytest.raises(InvalidInput, match=f"extra_body cannot set {name}"):
        Chat(**options).send("Hello", extra_body={name: None})


@pytest.mark.parametrize("value", [5, "x", ["top_k"]])
def test_extra_body_is_a_dict(options: Any, value: Any) -> None:
    with pytest.raises(InvalidInput, match="extra_body takes a dict"):
        Chat(**options).send("Hello", extra_body=value)


def test_stream_is_what_happens_anyway(options: Any) -> None:
    assert parameters.read({"stream": True}) == {}
    with pytest.raises(InvalidInput, match="leave stream out"):
        Chat(**options).send("Hello", stream=False)


def test_numbers_of_numpy_are_numbers() -> None:
    given = {"temperature": numpy.float32(0.5), "seed": numpy.int64(3), "logprobs": numpy.bool_(True)}
    assert json.dumps(parameters.read(given)) == '{"temperature": 0.5, "seed": 3, "logprobs": true}'


def test_none_leaves_a_field_out() -> None:
    assert parameters.read({"seed": None, "temperature": 0}) == {"temperature": 0}
