"""JSON chunks into Deltas: every form of the contract, sections 3.2 and 3.3."""

import json
import re
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edenai_nb import errors
from edenai_nb.api import chunks
from edenai_nb.reply import Delta, Usage
from edenai_nb.settings import Settings

SETTINGS = Settings(api_key="sk-eden-0123456789")


def delta(**chunk):
    return chunks.delta(json.dumps(chunk).encode(), SETTINGS)


def choice(finish_reason=None, **fields):
    return [{"index": 0, "delta": fields, "finish_reason": finish_reason, "logprobs": None}]


def test_text_and_model_are_read():
    assert delta(model="openai/x", choices=choice(content="Hi")) == Delta("Hi", model="openai/x")


@pytest.mark.parametrize(
    "chunk",
    [
        {"choices": choice(role="assistant")},
        {"choices": choice(role="assistant", content="")},
        {"choices": choice(role=None, content=None)},
        {"choices": []},
        {"choices": None},
        {},
        {"choices": [{"index": 0, "delta": None}]},
        {"id": "chatcmpl-1", "object": "chat.completion.chunk", "obfuscation": "x9", "choices": choice(content=None)},
    ],
)
def test_a_chunk_without_content_adds_nothing(chunk):
    assert delta(**chunk) == Delta()


COUNTS = {
    "prompt_tokens": 9,
    "completion_tokens": 4,
    "total_tokens": 13,
    "prompt_tokens_details": {"cached_tokens": 2},
    "completion_tokens_details": {"reasoning_tokens": 3},
}


@pytest.mark.parametrize("choices", [[], choice(content=None, role=None), choice("stop")])
def test_usage_and_cost_are_read_with_or_without_an_empty_choice(choices):
    read = delta(choices=choices, usage=COUNTS, cost=0.0013)
    assert (read.usage, read.cost) == (Usage(9, 4, 13, 3, 2), 0.0013)


@pytest.mark.parametrize("cost", ["0.5", 0.5])
def test_a_cost_may_be_a_number_or_its_text(cost):
    assert delta(cost=cost).cost == 0.5


@pytest.mark.parametrize("cost", [0.5, "0.5", {"total_cost": 0.5}])
def test_a_cost_inside_of_usage_is_read_where_there_is_no_other(cost):
    assert delta(usage={**COUNTS, "cost": cost}).cost == 0.5
    assert delta(usage={**COUNTS, "cost": cost}, cost=None).cost == 0.5
    assert delta(usage={**COUNTS, "cost": cost}, cost=0.25).cost == 0.25


def test_usage_has_the_names_of_the_field():
    usage = delta(usage=COUNTS).usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (9, 4, 13)
    assert (usage.reasoning_tokens, usage.cached_tokens) == (3, 2)


@pytest.mark.parametrize(
    "broken",
    [
        {"cost": True},
        {"usage": {"cost": "free"}, "cost": None},
        {"usage": "many"},
        {"usage": [1]},
        {"cost": "free"},
        {"cost": "1e999"},
    ],
)
def test_counts_that_make_no_sense_are_left_out(broken):
    read = delta(**broken)
    assert (read.usage or Usage(), read.cost) == (Usage(), None)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart_from_the_text(name):
    assert delta(choices=choice(**{name: "hm"})) == Delta(reasoning="hm")


def test_content_in_parts_is_joined():
    assert delta(choices=choice(content=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])).text == "ab"


def test_tool_call_fragments_are_handed_on():
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a'}}
    assert delta(choices=choice(tool_calls=[call])).tool_calls == (call,)


def test_an_answer_that_is_not_streamed_is_one_delta():
    message = {"role": "assistant", "content": "OK", "tool_calls": None, "refusal": None}
    read = delta(model="m", choices=[{"index": 0, "message": message, "finish_reason": "stop"}], usage=COUNTS, cost=1)
    assert (read.text, read.finish_reason, read.cost) == ("OK", "stop", 1)


def test_routing_metadata_is_kept():
    assert delta(choices=choice(content=""), edenai_metadata={"attempt": 2}).metadata == {"attempt": 2}


def test_only_the_first_choice_is_read():
    assert delta(choices=[{"index": 1, "delta": {"content": "other"}}, *choice(content="first")]).text == "first"


def test_bad_utf8_costs_a_character_and_not_the_answer():
    assert chunks.delta(b'{"choices":[{"index":0,"delta":{"content":"a\xffb"}}]}', SETTINGS).text == "a\ufffdb"


def test_an_error_in_a_chunk_is_raised_as_ours():
    with pytest.raises(errors.RateLimited) as caught:
        delta(error={"message": "Slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"})
    assert caught.value.code == "rate_limit_exceeded"


@pytest.mark.parametrize(
    ("chunk", "words"),
    [
        ({"error": "overloaded"}, "overloaded"),
        ({"detail": "Provider failed"}, "Provider failed"),
        ({"detail": [{"loc": ["body", "top_p"], "msg": "wrong"}]}, "top_p: wrong"),
        ({"object": "error", "message": "boom", "code": 50001}, "boom"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "Overloaded"),
        ({"error": {"message": "bad"}, "choices": choice("error"), "edenai_metadata": {"attempt": 2}}, "bad"),
        ({"choices": [{**choice(content="")[0], "error": {"message": "Disconnected", "code": 502}}]}, "Disconnected"),
        ({"choices": choice("error")}, "ended its answer with an error"),
        (
            {"error": {"message": {"providers": ["Required."], "n": [{"a": 1}], "x": 1}}},
            'providers: Required.; n: {"a":1}; x: 1',
        ),
    ],
)
def test_an_error_is_found_wherever_a_chunk_holds_it(chunk, words):
    with pytest.raises(errors.EdenError, match=re.escape(words)) as caught:
        delta(**chunk)
    assert not isinstance(caught.value, errors.MalformedStream)


@pytest.mark.parametrize("depth", [100, 450, 480, 495, 900, 10_000])
@pytest.mark.parametrize(
    "place", ['{"error":{"message":%s}}', '{"detail":[%s]}', '{"choices":[{"error":{"message":{"a":%s}}}]}']
)
def test_an_error_of_any_depth_is_ours(place, depth):
    with pytest.raises(errors.EdenError):
        chunks.delta((place % ("[" * depth + "]" * depth)).encode(), SETTINGS)


@pytest.mark.parametrize("data", [b"{}", b'{"choices": []}', b'{"object": "list", "data": []}'])
def test_what_is_not_streamed_must_be_an_answer(data):
    with pytest.raises(errors.MalformedStream):
        chunks.whole(data, SETTINGS)


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{", b'"text"', b"<html>", b"[" * 100_000, b'{"choices": 1}'])
def test_anything_else_is_a_malformed_stream(data):
    with pytest.raises(errors.MalformedStream):
        chunks.delta(data, SETTINGS)


NAMES = st.sampled_from(
    ["choices", "delta", "message", "content", "usage", "error", "index", "tool_calls", "code", "cost"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_no_foreign_exception_leaves_for_any_json(chunk):
    with suppress(errors.EdenError):
        assert isinstance(delta(**chunk), Delta)
