"""Answers that are to fit a schema: decoded, mended once, and never half of one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from edenai_nb import Chat, Sandbox
from edenai_nb.chat import answers
from edenai_nb.chat.stream import Stream
from edenai_nb.chat.structured import Structured
from edenai_nb.data.schema import Schema, schema_of
from edenai_nb.errors import InvalidInput, SchemaMismatch
from edenai_nb.reply import Delta, Reply, ReplyBuilder
from edenai_nb.sandbox.script import Bill, Done, Finish, Gate, Opening, Script

from ..data.wanted import WANTED, Label

RIGHT = '{"name": "a", "score": null}'
WRONG = '{"name": 1, "score": "secret"}'
NewChat = Callable[..., Chat]


def test_the_request_carries_the_schema_and_the_reply_the_object(chat: NewChat, sandbox: Sandbox) -> None:
    reply = chat().ask("Hello", schema=Label)

    sent = sandbox.requests[-1].json["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["strict"] is True
    assert isinstance(reply.value, Label)
    assert json.loads(reply)["name"] == reply.value.name
    assert reply.cost


@pytest.mark.parametrize("wanted", [row[0] for row in WANTED[::5]])
def test_the_strict_sandbox_takes_each_schema(chat: NewChat, wanted: Any) -> None:
    with suppress(SchemaMismatch):  # its values know nothing of limits that are told in words
        assert chat().ask("Hello", schema=wanted).complete


def test_a_wrong_answer_is_asked_for_once_more_with_all_that_is_wrong(chat: NewChat, sandbox: Sandbox) -> None:
    asked = chat()
    sandbox.enqueue(WRONG)
    sandbox.enqueue(RIGHT)
    reply = asked.ask("Hello", schema=Label)

    assert (reply, reply.value) == (RIGHT, Label("a"))
    first, second = (request.json for request in sandbox.requests[-2:])
    assert second["messages"][:-2] == first["messages"]
    assert second["messages"][-2] == {"role": "assistant", "content": WRONG}
    assert "$.name: expected `str`" in second["messages"][-1]["content"]
    assert "$.score: expected `float`" in second["messages"][-1]["content"]
    assert [message["content"] for message in asked.messages] == ["Hello", RIGHT]


def test_the_repair_is_a_part_of_what_the_turn_cost(chat: NewChat, sandbox: Sandbox) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    for text in (WRONG, RIGHT):
        sandbox.enqueue(Script.raw(Opening(), text, Finish(), Bill(usage, 0.5), Done()))
    reply = chat(budget=100.0).ask("Hello", schema=Label)
    assert reply.cost == 1.0
    assert reply.usage is not None
    assert reply.usage.total_tokens == 6


def test_twice_wrong_fails_with_the_problems_and_keeps_the_text(chat: NewChat, sandbox: Sandbox) -> None:
    sandbox.enqueue(WRONG)
    sandbox.enqueue(WRONG)
    turn = chat().send("Hello", schema=Label)
    with pytest.raises(SchemaMismatch) as failed:
        turn.wait()
    assert [problem.path for problem in failed.value.problems] == ["$.name", "$.score"]
    assert "secret" not in str(failed.value)
    assert failed.value.partial == WRONG
    assert turn.reply.value is None
    assert len(sandbox.requests) == 2


@pytest.mark.parametrize("reason", ["length", "content_filter"])
@pytest.mark.parametrize("text", [RIGHT[:12], RIGHT])
def test_a_cut_answer_is_no_object_and_is_not_asked_for_again(
    chat: NewChat, sandbox: Sandbox, text: str, reason: str
) -> None:
    sandbox.enqueue(Script.raw(Opening(), text, Finish(reason), Bill(), Done()))
    turn = chat().send("Hello", schema=Label)
    with pytest.raises(SchemaMismatch, match="cut"):
        turn.wait()
    assert turn.reply.value is None
    assert len(sandbox.requests) == 1


def test_a_stopped_answer_is_its_text_and_nothing_is_asked_again(chat: NewChat, sandbox: Sandbox) -> None:
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), WRONG[:9], Gate(gate), WRONG[9:], Finish(), Done()))
    turn = chat().send("Hello", schema=Label)
    next(reply for reply in turn.frames() if reply == WRONG[:9])
    turn.stop()
    gate.set()
    assert turn.value == turn.reply == WRONG[:9]
    assert len(sandbox.requests) == 1


def test_a_repair_can_be_stopped_and_says_what_it_is(chat: NewChat, sandbox: Sandbox) -> None:
    gate = threading.Event()
    sandbox.enqueue(WRONG, Script.raw(Opening(), RIGHT[:9], Gate(gate), RIGHT[9:], Finish(), Done()))
    turn = chat().send("Hello", schema=Label)
    next(reply for reply in turn.frames() if reply == RIGHT[:9])
    assert turn.note == "the answer did not fit Label (2 places), it is asked for again"
    turn.stop()
    gate.set()
    assert (turn.state, turn.value, turn.reply.value) == ("stopped", RIGHT[:9], None)
    assert sandbox.requests[-1].client_gone.wait(20)


def test_a_repair_that_cannot_be_sent_says_so(chat: NewChat, sandbox: Sandbox) -> None:
    sandbox.enqueue(WRONG)
    with pytest.raises(SchemaMismatch, match="not asked for again: Not sent"):
        chat(budget=0.0015, max_tokens=500).ask("Hello", schema=Label)


def test_any_json_is_asked_for_in_words_too(chat: NewChat, sandbox: Sandbox) -> None:
    reply = chat(system="Be brief").ask("Hello", json=True)
    sent = sandbox.requests[-1].json
    assert sent["response_format"] == {"type": "json_object"}
    assert sent["messages"][0]["content"].startswith("Be brief\n\n")
    assert isinstance(reply.value, dict)

    chat().ask("Hello as JSON", json=True)
    assert sandbox.requests[-1].json["messages"] == [{"role": "user", "content": "Hello as JSON"}]


def test_a_schema_of_the_conversation_holds_for_all_turns_until_it_is_unset(chat: NewChat) -> None:
    asked = chat(schema=Label)
    assert isinstance(asked.ask("Hello").value, Label)
    assert isinstance(asked.ask("And now?").value, Label)
    asked.set(schema=None)
    assert asked.ask("Hello").value is None


def test_a_kept_answer_is_decoded_again(chat: NewChat, sandbox: Sandbox, tmp_path: Any) -> None:
    keep = str(tmp_path / "answers.jsonl")
    first = chat(keep=keep).ask("Hello", schema=Label)
    answers.begin_run()
    kept = chat(keep=keep).ask("Hello", schema=Label)
    assert kept.kept
    assert kept.value == first.value
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("more", [{"json": True}, {"response_format": {"type": "text"}}])
def test_two_forms_at_once_are_refused(chat: NewChat, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="take one of them"):
        chat().send("Hello", schema=Label, **more)


def test_a_dry_run_names_what_a_model_would_have_to_make_up(chat: NewChat) -> None:
    assert "is made up: name. Write `… | None`." in str(chat().dry_run("Hello", schema=list[Label]))
    assert "is made up: lines.name, id" not in str(chat().dry_run("Hello", json=True))


class Said:
    """A stream that says these pieces and then how it ended."""

    note = None

    def __init__(self, *pieces: str, reason: str = "stop") -> None:
        self._deltas = [*(Delta(piece) for piece in pieces), Delta(finish_reason=reason)]

    def __iter__(self) -> Iterator[Delta]:
        return iter(self._deltas)

    def close(self) -> None: ...


def ended(schema: Schema, *streams: Stream) -> Reply:
    """The reply that these streams make: the answer, and the one to the repair. Raises SchemaMismatch."""
    first, *rest = streams
    builder = ReplyBuilder()
    for delta in Structured(first, schema, lambda text, words: rest.pop(0)):
        builder.add(delta)
        assert builder.reply().decoded is None or delta.decoded is not None
    return builder.reply()


@pytest.mark.parametrize(("wanted", "fits", "value", "wrong"), WANTED)
def test_each_schema_ends_with_its_value_or_a_clear_error(wanted: Any, fits: Any, value: Any, wrong: Any) -> None:
    schema, right, bad = schema_of(wanted), json.dumps(fits), json.dumps(wrong)
    for said in ([right], list(right), [f"```json\n{right}\n```"]):
        assert ended(schema, Said(*said)).value == value
    mended = ended(schema, Said(bad), Said(*right))
    assert (mended.value, str(mended)) == (value, right)
    with pytest.raises(SchemaMismatch, match="though it was asked for twice"):
        ended(schema, Said(bad), Said(bad))
    for end in range(0, len(right) + 1, 3):
        with pytest.raises(SchemaMismatch, match="raise --max-tokens"):
            ended(schema, Said(right[:end], reason="length"))
