"""What a Reply promises, and how Deltas become one."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edenai_nb import CodeBlock, Reply, Usage, errors
from edenai_nb.reply import Delta, ReplyBuilder

F = "```"


def built(*deltas: Delta, **facts: Any) -> Reply:
    builder = ReplyBuilder()
    for delta in deltas:
        builder.add(delta)
    return builder.reply(**facts)


def growing(*pieces: str) -> Iterator[Reply]:
    builder = ReplyBuilder()
    for piece in pieces:
        builder.add(Delta(piece))
        yield builder.reply(growing=True)
    yield builder.reply()


FACTS: dict[str, Any] = {"model": "a/b", "usage": Usage(1, 2, 3), "cost": 0.5, "reasoning": "hm", "complete": True}


# A value


def test_a_reply_is_its_text() -> None:
    reply = Reply("Four.", **FACTS)
    assert reply == "Four."
    assert hash(reply) == hash("Four.")
    assert f"{reply}!" == "Four.!"
    assert json.dumps({reply: reply}) == '{"Four.": "Four."}'


def test_its_text_is_exactly_a_str() -> None:
    assert type(Reply("Four.").text) is str
    assert Reply("Four.").text == "Four."


def test_a_reply_is_frozen() -> None:
    reply = Reply("Four.", model="a/b")
    for change in (
        lambda: setattr(reply, "model", "c/d"),
        lambda: setattr(reply, "new", 1),
        lambda: delattr(reply, "model"),
    ):
        with pytest.raises(AttributeError, match="frozen"):
            change()
    assert reply.model == "a/b"


def test_a_fact_that_no_reply_has_is_refused() -> None:
    with pytest.raises(TypeError, match="no colour"):
        Reply("Four.", colour="red")


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda reply: pickle.loads(pickle.dumps(reply))])
def test_copies_and_pickles_keep_the_facts(again: Callable[[Reply], Reply]) -> None:
    error = errors.RateLimited("Slow down.", status=429, retry_after=2.0, partial=Reply("Fo"))
    reply = Reply("Fo", **FACTS, error=error, parts=({"type": "image_url"},), citations=("https://a.example",))
    found = again(reply)
    assert (type(found), found, {**vars(found), "error": None}) == (Reply, reply, {**vars(reply), "error": None})
    assert isinstance(found.error, errors.RateLimited)
    assert (str(found.error), found.error.status, found.error.retry_after) == ("Slow down.", 429, 2.0)
    assert found.error.partial == "Fo"


YAML = """
import edenai_nb, sys
before = edenai_nb.Reply("An answer from before")
assert "yaml" not in sys.modules, "it must not be loaded for the user"
import yaml
class Own(yaml.SafeDumper): pass
Own.add_representer(complex, lambda dumper, value: dumper.represent_str("complex"))
reply = edenai_nb.Reply("```\\n1\\n```", cost=1.0)
for dumper in (yaml.SafeDumper, yaml.Dumper, yaml.CSafeDumper, yaml.CDumper, Own):
    for value in (reply, reply.code[0], before):
        assert yaml.load(yaml.dump([value], Dumper=dumper), yaml.SafeLoader) == [str(value)]
"""


def test_yaml_writes_a_reply_as_text_and_is_not_loaded_for_that() -> None:
    subprocess.run([sys.executable, "-c", YAML], check=True)


# Code

DOCSTRING = f'def f():\n    """\n    {F}\n    f()\n    {F}\n    """\n'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"Here:\n{F}python\nx = 1\n{F}\nDone.", ["x = 1\n"]),
        ("~~~\nx\n~~~", ["x\n"]),
        ("~~~ python `tick`\nx\n~~~", ["x\n"]),
        (f"Here:\r\n{F}python\r\nx = 1\r\n{F}\r\nDone.\r\n", ["x = 1\n"]),
        (f"{F}python\n{DOCSTRING}{F}\n", [DOCSTRING]),
        (f"1. Do\n\n   {F}sh\n   ls\n     -l\n   {F}\n", ["ls\n  -l\n"]),
        (f"- {F}python\n  x = 1\n  {F}\n", ["x = 1\n"]),
        (f"> {F}\n> a\n>\n> b\n> {F}\n", ["a\n\nb\n"]),
        (f"> - {F}\n>   a\n>   {F}\n", ["a\n"]),
        (f"  {F}\n  a\n    b\n  {F}\n", ["a\n  b\n"]),
        (f"{F}{F[0]}md\n{F}\nx\n{F}\n{F}{F[0]}\n", [f"{F}\nx\n{F}\n"]),
        (f"{F}\nx\n~~~\ny\n{F}\n", ["x\n~~~\ny\n"]),
        (f"{F}\ncut off", ["cut off"]),
        (f"<details>\n{F}\nx\n{F}\n</details>\n", ["x\n"]),
        (f"{F}\na\n{F}\n\n~~~\nb\n~~~", ["a\n", "b\n"]),
        (f"Not {F}code{F} at all, `neither`.", []),
        (f"    {F}\n    shown as it is\n    {F}\n", []),
        ("Nothing.", []),
    ],
)
def test_code_is_what_is_fenced(text: str, code: list[str]) -> None:
    assert [str(block) for block in Reply(text).code] == code


@pytest.mark.parametrize(("info", "language"), [("python", "python"), ("", ""), ("  py title=x", "py"), ("{r}", "{r}")])
def test_a_code_block_knows_its_language_also_pickled(info: str, language: str) -> None:
    block = Reply(f"{F}{info}\nx\n{F}").code[0]
    again = pickle.loads(pickle.dumps(block))
    assert (type(again), again, again.language) == (CodeBlock, "x\n", language)
    assert copy.deepcopy(block).language == language


# JSON


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '\ufeff{"a": 1}\n',
        f'{F}json\n{{"a": 1}}\n{F}',
        f'Sure:\r\n\r\n{F}json\r\n{{"a": 1}}\r\n{F}\r\nDone.\r\n',
        f'{F}\n\ufeff{{"a": 1}}\n{F}',
        f'{F}python\n[3]\n{F}\n\n{F}json\n{{"a": 1}}\n{F}',
        '{"a": 1}\n\nHope this helps!',
        'Here it is: {"a": 1}',
        'As in [1], {name} and {"b": c}: {"a": 1}. See [2].',
        '> {"a":\n> 1}'.replace("> ", ""),
    ],
)
def test_json_is_found_bare_fenced_or_among_words(text: str) -> None:
    assert Reply(text).json() == {"a": 1}


def test_of_values_between_words_an_object_comes_before_a_list() -> None:
    assert Reply('Columns:\n["a"]\nThe row: {"a": 1}, and {"a": 2}').json() == {"a": 1}
    assert Reply("Columns:\n[1]\nor\n[2]").json() == [1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2]", [1, 2]),
        ("They are:\n[1, 2]\nDone.", [1, 2]),
        ("They are: [1, 2].", [1, 2]),
        ('{"s": "a } \\" { b"} ends', {"s": 'a } " { b'}),
        ("7", 7),
        (f"Here:\n{F}json\n7\n{F}", 7),
        (f'Not {{"a": 1}} but\n{F}json\n{{"b": 2}}\n{F}', {"b": 2}),
        (f'{{"code": "{F}python\\n[1]\\n{F}"}}', {"code": f"{F}python\n[1]\n{F}"}),
    ],
)
def test_json_may_be_any_value_with_anything_in_its_strings(text: str, value: Any) -> None:
    assert Reply(text).json() == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No.",
        "As in [1] and [2][3].",
        '[{"a": 1}, {"a": 2}, {"a":',  # broken off: a piece of it would look like an answer
        '{"a": 1, "b": oops, "c": {"d": 1}}',
        f'{F}json\n{{"a": {{"b": 1}}, "c": [\n',
        "{" * 50_000,
        '{"a":' * 50_000,
    ],
)
def test_json_that_is_not_there_or_not_whole_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="no whole JSON"):
        Reply(text).json()


# Built from Deltas


def test_pieces_and_facts_become_one_reply() -> None:
    reply = built(
        Delta(reasoning="h", model="a/b", metadata={"attempt": 1}),
        Delta(reasoning="m"),
        Delta("Fo"),
        Delta("ur.", finish_reason="stop"),
        Delta(usage=Usage(1), cost=0.5, provider="p"),
        elapsed=2.0,
        complete=True,
    )
    assert (reply, reply.reasoning, reply.model, reply.finish_reason) == ("Four.", "hm", "a/b", "stop")
    assert (reply.usage, reply.cost, reply.provider, reply.metadata) == (Usage(1), 0.5, "p", {"attempt": 1})
    assert (reply.elapsed, reply.complete) == (2.0, True)


def test_a_reply_that_was_handed_out_does_not_grow() -> None:
    builder = ReplyBuilder()
    builder.add(Delta("a", tool_calls=({"index": 0, "id": "c", "function": {"name": "f", "arguments": "{"}},)))
    before = builder.reply()
    builder.add(Delta("b", tool_calls=({"index": 0, "function": {"arguments": "}"}},)))
    assert (before, before.tool_calls[0]["function"]["arguments"]) == ("a", "{")


@pytest.mark.parametrize(
    ("deltas", "reason"),
    [
        ([Delta("a", finish_reason="stop"), Delta("b")], None),
        ([Delta("a", finish_reason="stop"), Delta("b", finish_reason="length")], "length"),
        ([Delta("a"), Delta(finish_reason="length"), Delta(finish_reason="stop")], "length"),
        ([Delta("a"), Delta(finish_reason="stop"), Delta(finish_reason="tool_calls")], "tool_calls"),
        ([Delta("a"), Delta(finish_reason="stop"), Delta("b", choice=1)], "stop"),
    ],
)
def test_text_takes_a_finish_reason_back_and_a_plain_stop_hides_no_other(deltas: list[Delta], reason: str) -> None:
    assert built(*deltas).finish_reason == reason


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["Done \ud83d", "\ude00!"], "Done \U0001f600!"),
        (["Done \ud83d", "", "\ude00!"], "Done \U0001f600!"),
        (["a\ud83d", "b"], "a\ufffdb"),
        (["a\ude00"], "a\ufffd"),
        (["\ud83d\ude00\ud83d", "\ude00"], "\U0001f600\U0001f600"),
    ],
)
def test_halves_of_a_letter_are_joined_and_a_lone_one_is_replaced(pieces: list[str], text: str) -> None:
    assert built(*map(Delta, pieces)) == text
    assert built(*(Delta(reasoning=piece) for piece in pieces)).reasoning == text
    calls = built(*(Delta(tool_calls=({"index": 0, "function": {"arguments": piece}},)) for piece in pieces)).tool_calls
    assert calls[0]["function"]["arguments"] == text
    for reply in growing(*pieces):
        reply.encode()


# Choices, parts, sources


def test_the_choice_with_index_0_is_the_answer_and_others_are_kept() -> None:
    reply = built(Delta("B", choice=1), Delta("A"), Delta("b", finish_reason="length", choice=1))
    assert reply == "A"
    assert reply.parts == ({"type": "choice", "index": 1, "text": "Bb", "finish_reason": "length"},)


def test_where_choice_0_brings_no_text_the_one_there_is_is_read() -> None:
    reply = built(Delta(reasoning="hm"), Delta("Four.", choice=1), Delta(finish_reason="stop", choice=1))
    assert (reply, reply.reasoning, reply.finish_reason, reply.parts) == ("Four.", "hm", "stop", ())


def test_tool_calls_of_another_choice_belong_to_the_answer_where_it_has_none() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    reply = built(Delta("Let me look."), Delta(tool_calls=(call,), finish_reason="tool_calls", choice=1))
    assert (reply, reply.tool_calls[0]["id"], reply.finish_reason) == ("Let me look.", "c", "tool_calls")
    both = built(Delta(tool_calls=(call,)), Delta(tool_calls=({**call, "id": "d"},), choice=1))
    assert [found["id"] for found in both.tool_calls] == ["c"]
    assert both.parts[0]["tool_calls"][0]["id"] == "d"


def test_pictures_are_parts_and_the_fragments_of_an_audio_are_one() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:…"}}
    sound = [{"type": "audio", "id": "a", "data": "AA=="}, {"type": "audio", "data": "AQ==", "transcript": "Fo"}]
    reply = built(
        Delta(parts=(picture,)),
        *(Delta(parts=(part,)) for part in sound),
        Delta(parts=({"type": "audio", "transcript": "ur."},)),
    )
    assert reply.parts == (picture, {"type": "audio", "id": "a", "data": "AAE=", "transcript": "Four."})
    assert reply == "Four.", "what is spoken is the text where there is no other"
    assert built(Delta("4", parts=(sound[1],))) == "4"


def test_sources_are_kept_once_in_their_order() -> None:
    reply = built(
        Delta("a", citations=("https://b.example", {"url": "c"})), Delta(citations=("https://b.example", "d"))
    )
    assert reply.citations == ("https://b.example", {"url": "c"}, "d")


# Tool calls


def fragment(index: Any = None, id: Any = None, name: Any = None, arguments: Any = None) -> dict[str, Any]:
    known = {"index": index, "id": id, "function": {"name": name, "arguments": arguments}}
    return {key: value for key, value in known.items() if value is not None}


FRAGMENTS: dict[str, list[list[Any]]] = {
    'a rain {"c":1}': [
        [(0, "a", "rain", '{"c":'), (0, None, None, "1}")],
        [(0, "a", "rain", '{"c":'), (0, "a", "rain", "1}")],  # everything is said again
        [(0, "a", "rain", '{"c":'), (0, "b", None, "1}")],  # with an id made up for every fragment
        [("0", "a", "rain", '{"c":'), (0, None, None, "1}")],
        [(None, "a", "rain", '{"c":'), (None, None, None, "1}")],
        [(0, "a", "rain", {}), (0, None, None, '{"c":1}')],  # an empty object first
        [(0, "a", "ra", ""), (0, None, "in", '{"c":1}')],
        [(0, "a", "ra", ""), (0, None, "rain", '{"c":1}')],
        [(0, "a", None, ""), (0, None, "rain", '{"c":1}'), (0, "", "", "")],
    ],
    'a rain {"c":1}, b rain {}': [
        [(0, "a", "rain", '{"c":1}'), (1, "b", "rain", "{}")],
        [(0, "a", "rain", '{"c":1}'), (0, "b", "rain", "{}")],
        [(None, "a", "rain", '{"c":1}'), (None, "b", "rain", "{}")],
        [(0, "a", "rain", '{"c":'), (1, "b", "rain", "{"), (0, None, None, "1}"), (1, None, None, "}")],
    ],
    "None rain {}, None time {}": [[(0, None, "rain", "{}"), (0, None, "time", "{}")]],
    "None rain [1], None rain [2]": [[(0, None, "rain", "[1]"), (0, None, "rain", "[2]")]],
    'a rain {"c": "é"}': [
        [(0, "a", "rain", {"c": "é"})],
        [{"id": "a", "function": "rain", "arguments": {"c": "é"}}],
        [{"id": "a", "name": "rain", "arguments": {"c": "é"}}],
    ],
    "7 rain 5": [[(0, 7, "rain", 5)]],
    "None  ": [[{"index": {}, "id": [], "function": [1]}], [{"function": None}], [{}]],
}


@pytest.mark.parametrize(("calls", "fragments"), [(calls, one) for calls, many in FRAGMENTS.items() for one in many])
def test_fragments_of_tool_calls_become_calls_however_they_are_numbered(calls: str, fragments: list[Any]) -> None:
    pieces = [fragment(*one) if isinstance(one, tuple) else one for one in fragments]
    found = built(*(Delta(tool_calls=(piece,)) for piece in pieces)).tool_calls
    told = (f"{call['id']} {call['function']['name']} {call['function']['arguments']}" for call in found)
    assert ", ".join(told) == calls
    assert built(Delta(tool_calls=tuple(pieces))).tool_calls == found


def test_what_else_a_tool_call_holds_is_kept() -> None:
    call = {**fragment(0, "a", "rain", "{}"), "type": "function", "extra_content": {"signature": "s"}}
    found = built(Delta(tool_calls=(call,))).tool_calls[0]
    assert (found["type"], found["extra_content"]) == ("function", {"signature": "s"})


# Thinking inside the text


@pytest.mark.parametrize(
    ("text", "thoughts", "answer"),
    [
        ("<think>\nhm\n</think>\n\nFour.", "hm", "Four."),
        ("<think>hm</think>Four.", "hm", "Four."),
        ("\n<THINK>hm</THINK> Four.", "hm", "Four."),
        ("<thinking>hm</thinking>\nFour.", "hm", "Four."),
        ("<think>a</think>\n<think>b</think>\nFour.", "a\n\nb", "Four."),
        ("<think>\n\n</think>\n\nFour.", "", "Four."),
        ("<think>cut off in", "cut off in", ""),
        (f"<think>\n{F}\nwrong()\n{F}\n</think>\n\n{F}\nright()\n{F}", f"{F}\nwrong()\n{F}", f"{F}\nright()\n{F}"),
        ("<think>I write `</think>` in code.</think>\nFour.", "I write `</think>` in code.", "Four."),
        (f"<think>\n{F}\nleft open\n</think>\nFour.", f"{F}\nleft open", "Four."),
        ("<think>a</think>One </think> two.", "a", "One </think> two."),
        ("I add.\n</think>\n\nFour.", "I add.", "Four."),
        ("I add.</think>\n\nFour.", "I add.", "Four."),
        ("I add.</think>Four.", "I add.", "Four."),
        ("I add.\n</thinking>Four.", "I add.", "Four."),
        ("</think>\n\nFour.", "", "Four."),
        ("I add.\n</think>", "I add.", ""),
        ("Write `</think>` at the end. The tag </think> closes it.", "", None),
        ("The tag\n</think> closes it.", "", None),
        ("It ends with </think>", "", None),
        ("Models write <think>hm</think> first.", "", None),
        ("So:\n\n<think>\nhm\n</think>\n\nFour.", "", None),
        (f"{F}\n<think>\nhm\n</think>\nFour.\n{F}", "", None),
        (f"The end is\n{F}\n</think>\n{F}\n", "", None),
        ("`<think>` is a tag.", "", None),
        ("<thinker>a</thinker>", "", None),
        ("a < b </b>", "", None),
    ],
)
def test_thoughts_are_no_part_of_the_text_however_the_tags_are_cut(
    text: str, thoughts: str, answer: str | None
) -> None:
    answer = text if answer is None else answer
    reply = built(Delta(text))
    assert (reply, reply.reasoning) == (answer, thoughts)
    *_, last = growing(*text)
    assert (last, last.reasoning) == (answer, thoughts)


def test_no_frame_shows_a_piece_of_a_tag() -> None:
    frames = list(growing(*"<think>hm</think>\n\nFour."))
    assert not any("<" in frame + frame.reasoning for frame in frames)
    assert "hm" in [frame.reasoning for frame in frames]


def test_a_growing_answer_holds_nothing_else_back() -> None:
    assert [str(frame) for frame in growing("a ", "< ", "b")][:3] == ["a ", "a < ", "a < b"]


def test_half_a_tag_at_the_end_is_text() -> None:
    assert built(Delta("<thi")) == "<thi"
    assert built(Delta("a </thi")) == "a </thi"


def test_thoughts_in_the_text_come_after_those_beside_it() -> None:
    assert built(Delta(reasoning="one"), Delta("<think>two</think>Four.")).reasoning == "one\n\ntwo"


def test_a_long_text_of_tags_is_split_in_linear_time() -> None:
    for tag in ("<think>", "</think>\n", "</think> ", "`</think>`", "<think></think>"):
        built(Delta(tag * 50_000))
