"""One question to several models: each answers, is stopped and fails by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edenai_nb import Chat, Sandbox, compare, errors
from edenai_nb.chat.compare import Replies, compare_in
from edenai_nb.sandbox import Opening, Script, Stall

NewChat = Callable[..., Chat]
A, B, C = "openai/gpt-5-mini", "openai/gpt-4o-mini", "anthropic/claude-opus-5"


def posts(sandbox: Sandbox) -> list[object]:
    return [request.json["model"] for request in sandbox.requests if request.method == "POST"]


def test_each_model_answers_on_a_warm_connection_of_its_own(sandbox: Sandbox, chat: NewChat) -> None:
    replies = compare("Hello", [A, B, C], **{**chat().options, "model": None}).wait()
    assert isinstance(replies, Replies)
    assert [reply.model for reply in replies.values()] == [A, B, C] == list(replies)
    assert [request.method for request in sandbox.requests] == ["HEAD"] * 3 + ["POST"] * 3
    frame = replies.frame()
    assert list(frame.index) == [A, B, C]
    assert frame["cost"].notna().all()
    assert (frame["first_token_s"] > 0).all()


def test_one_is_stopped_and_one_fails_without_the_others(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(*[Script.raw(Opening(), "Half", Stall())] * 2)
    asked = compare("Hello", [A, "nosuch/model", C], **chat().options)
    for turn in (asked.turns[A], asked.turns[C]):
        next(reply for reply in turn.frames() if reply)
    assert not asked.done
    asked.turns[A].stop()
    asked.turns[C].stop()
    replies = asked.wait(20)
    assert asked.done
    assert asked.error is None
    assert (replies[A], replies[A].complete) == ("Half", False)
    assert isinstance(replies["nosuch/model"].error, errors.UnknownModel)
    with pytest.raises(errors.UnknownModel):
        asked["nosuch/model"]


def test_only_where_all_fail_does_the_comparison(chat: NewChat) -> None:
    ended = []
    asked = compare("Hello", ["nosuch/one", "nosuch/two"], **chat().options)
    asked.on_end(ended.append)
    with pytest.raises(errors.UnknownModel):
        asked.wait(20)
    assert ended == [asked]


def test_the_conversation_goes_on_with_the_first_until_another_is_chosen(sandbox: Sandbox, chat: NewChat) -> None:
    ours = chat()
    ours.ask("Before")
    asked = compare_in(ours, "Hello", [A, B, C])
    asked.wait()
    assert ours.turns[1] is asked.turns[A]
    asked.continue_with(C)
    ours.ask("And then?")
    assert ours.turns[1] is asked.turns[C]
    told = sandbox.requests[-1].json["messages"]
    assert [message["content"] for message in told[::2]] == ["Before", "Hello", "And then?"]
    assert told[3]["content"] == str(asked.turns[C].reply)
    assert set(ours.branches(asked.turns[A])) == set(asked.turns.values())


@pytest.mark.parametrize("models", [[], [A], A, [A, B, A], [A, 5]])
def test_what_is_no_comparison_is_said_before_anything_is_sent(
    sandbox: Sandbox, chat: NewChat, models: list[str]
) -> None:
    with pytest.raises(errors.InvalidInput, match=r"two models or more|given twice"):
        compare("Hello", models, **chat().options)
    assert sandbox.requests == []


def test_kept_answers_are_compared_without_a_server(sandbox: Sandbox, chat: NewChat, tmp_path: object) -> None:
    from edenai_nb.chat import answers

    options = chat(keep=f"{tmp_path}/answers.jsonl").options
    answers.begin_run()
    first = compare("Hello", [A, B], **options).wait()
    sandbox.stop()
    answers.begin_run()
    assert compare("Hello", [A, B], **options).wait() == first
