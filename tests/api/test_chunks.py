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


def read(data, **how):
    return list(chunks.deltas(data, SETTINGS, **how))


def delta(**chunk):
    return next(chunks.deltas(json.dumps(chunk).encode(), SETTINGS), Delta())


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
    found = delta(choices=choices, usage=COUNTS, cost=0.0013)
    assert (found.usage, found.cost) == (Usage(9, 4, 13, 3, 2), 0.0013)


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
    found = delta(**broken)
    assert (found.usage or Usage(), found.cost) == (Usage(), None)


THINKING = [{"type": "thinking", "thinking": "h", "signature": "s"}, {"type": "thinking", "thinking": "m"}]


@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning": {"summary": "hm"}},
        {"thinking": "hm"},
        {"reasoning_text": "hm"},
        {"thinking_blocks": THINKING},
        {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}, {"type": "reasoning.encrypted", "data": "x"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "hm"}]},
        {"content": THINKING},
        {"content": {"type": "thinking", "thinking": "hm"}},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "h"}, {"type": "text", "text": "m"}]}]},
        {"content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}]},
        {"content": [{"text": "hm", "thought": True}]},
        {"content": "", "reasoning_content": "hm", "reasoning": "hm", "thinking_blocks": THINKING},
    ],
)
def test_thinking_is_kept_apart_from_the_text_once_however_it_is_written(fields):
    assert delta(choices=choice(**fields)) == Delta(reasoning="hm")


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


@pytest.mark.parametrize("fields", [{"images": [PICTURE]}, {"images": PICTURE}, {"content": [PICTURE]}])
def test_a_picture_is_a_part(fields):
    assert delta(choices=choice(**fields)) == Delta(parts=(PICTURE,))


def test_audio_is_a_part():
    part = {"type": "audio", "id": "a", "data": "AAAA", "transcript": "Four."}
    assert delta(choices=choice(audio={"id": "a", "data": "AAAA", "transcript": "Four."})) == Delta(parts=(part,))


SOURCE = {"type": "url_citation", "url_citation": {"url": "https://example.org/rome"}}


@pytest.mark.parametrize(
    "chunk",
    [
        {"citations": [SOURCE]},
        {"search_results": [SOURCE]},
        {"choices": choice(annotations=[SOURCE])},
        {"choices": choice(citations=[SOURCE])},
        {"choices": choice(provider_specific_fields={"citation": SOURCE})},
    ],
)
def test_sources_are_read_wherever_they_stand(chunk):
    assert delta(**chunk) == Delta(citations=(SOURCE,))


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("stop", "stop"),
        ("end_turn", "stop"),
        ("STOP", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("MAX_TOKENS", "length"),
        ("model_length", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("refusal", "content_filter"),
        ("tool_use", "tool_calls"),
        ("function_call", "function_call"),
        ("something_new", "something_new"),
        ("null", None),
        ("None", None),
        ("", None),
        (" ", None),
        (7, None),
    ],
)
def test_an_ending_is_told_in_the_words_of_the_contract(word, meaning):
    assert delta(choices=choice(word)).finish_reason == meaning


@pytest.mark.parametrize("word", ["error", "network_error", "insufficient_system_resource", "ERROR"])
def test_an_ending_by_an_error_is_one_after_the_last_words(word):
    found = chunks.deltas(json.dumps({"choices": choice(word, content="Hi")}).encode(), SETTINGS)
    assert next(found) == Delta("Hi")
    with pytest.raises(errors.ServerTrouble, match="ended its answer with an error"):
        next(found)


def test_content_in_parts_is_joined():
    assert delta(choices=choice(content=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])).text == "ab"


def test_tool_call_fragments_are_handed_on():
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a'}}
    assert delta(choices=choice(tool_calls=[call])).tool_calls == (call,)


def test_an_answer_that_is_not_streamed_is_one_delta():
    message = {"role": "assistant", "content": "OK", "tool_calls": None, "refusal": None}
    found = delta(model="m", choices=[{"index": 0, "message": message, "finish_reason": "stop"}], usage=COUNTS, cost=1)
    assert (found.text, found.finish_reason, found.cost) == ("OK", "stop", 1)


def test_routing_metadata_is_kept():
    assert delta(choices=choice(content=""), edenai_metadata={"attempt": 2}).metadata == {"attempt": 2}


def test_every_choice_has_a_delta_of_its_own():
    chunk = {"model": "m", "choices": [{"index": 1, "delta": {"content": "other"}}, *choice(content="first")]}
    assert read(json.dumps(chunk).encode()) == [Delta("other", model="m", choice=1), Delta("first")]


@pytest.mark.parametrize(
    ("index", "number"), [(0, 0), (2, 2), ("0", 0), ("1", 1), (1.0, 1), (None, 0), (-1, 0), ({}, 0)]
)
def test_a_choice_has_a_number_however_its_index_is_written(index, number):
    assert delta(choices=[{"index": index, "delta": {"content": "x"}}]).choice == number


def test_choices_without_an_index_are_counted():
    chunk = {"choices": [{"delta": {"content": "a"}}, {"delta": {"content": "b"}}]}
    assert [delta.choice for delta in read(json.dumps(chunk).encode())] == [0, 1]


def test_bad_utf8_costs_a_character_and_not_the_answer():
    assert read(b'{"choices":[{"index":0,"delta":{"content":"a\xffb"}}]}')[0].text == "a\ufffdb"


NAN = b'{"choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":{"content":[{"logprob":%s}]}}],"cost":%s}'


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_a_number_that_json_has_not_costs_nothing(number):
    assert read(NAN % (number, number)) == [Delta("Hi")]


@pytest.mark.parametrize("empty", [b"[]", b'""', b"null", b"{}"])
@pytest.mark.parametrize(
    "chunk",
    [
        b'{"model":"m","choices":%s}',
        b'{"model":"m","choices":[{"index":0,"delta":%s}]}',
        b'{"model":"m","choices":[{"index":0,"message":%s}]}',
        b'{"model":"m","choices":[%s]}',
        b'{"model":"m","choices":[{"index":0,"delta":{"content":%s,"tool_calls":%s}}]}',
        b'{"model":"m","choices":[],"usage":%s,"error":%s}',
    ],
)
def test_what_is_empty_is_nothing_however_it_is_written(chunk, empty):
    assert read(chunk.replace(b"%s", empty)) == [Delta(model="m")]


@pytest.mark.parametrize("data", [b"", b" ", b"\n", b"null", b"[]", b'""', b"{}"])
@pytest.mark.parametrize("named", [True, False])
def test_an_event_that_says_nothing_adds_nothing(data, named):
    assert read(data, named=named) == []


@pytest.mark.parametrize("data", [b"12:00:01", b"{", b"7", b'"on"', b"[1]", b'{"choices":3}', b'{"message":"queued"}'])
def test_an_event_of_another_name_that_holds_no_chunk_adds_nothing(data):
    assert read(data, named=True) == []


def test_an_event_of_another_name_may_hold_a_chunk_or_an_error():
    assert read(b'{"choices":[{"delta":{"content":"Hi"}}]}', named=True) == [Delta("Hi")]
    with pytest.raises(errors.ServerTrouble, match="boom"):
        read(b'{"error":{"message":"boom"}}', named=True)


def test_half_letters_are_handed_on_in_what_is_said_and_nowhere_else():
    chunk = b'{"model":"m\\ud83d","choices":[{"delta":{"content":"a\\ud83d","reasoning":"\\ude00"}}]}'
    assert read(chunk) == [Delta("a\ud83d", "\ude00", "m\ufffd")]
    assert read(b'{"choices":[{"delta":{"content":"\xed\xa0\xbd"}}]}') == [Delta("\ud83d")]


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
        read((place % ("[" * depth + "]" * depth)).encode())


@pytest.mark.parametrize("data", [b"{}", b'{"choices": []}', b'{"object": "list", "data": []}'])
def test_what_is_not_streamed_must_be_an_answer(data):
    with pytest.raises(errors.MalformedStream):
        list(chunks.whole(data, SETTINGS))


@pytest.mark.parametrize("data", [b"{", b"0", b"[1]", b'"text"', b"<html>", b"[" * 100_000, b'{"choices":1}', b"{oops"])
def test_anything_else_is_a_malformed_stream(data):
    with pytest.raises(errors.MalformedStream):
        read(data)


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
