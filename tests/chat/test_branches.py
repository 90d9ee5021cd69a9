"""Asking again in an earlier place: branches, and what the model is told in each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edenai_nb import Chat, Sandbox

END_S = 30.0


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def chat(sandbox: Sandbox) -> Chat:
    """A conversation of three turns: a, b, c."""
    chat = Chat(base_url=sandbox.base_url, api_key=sandbox.key, model="sandbox/echo")
    for prompt in "abc":
        chat.ask(prompt)
    return chat


def _asked(sandbox: Sandbox) -> list[str]:
    """The prompts of the last request."""
    messages = sandbox.requests[-1].json["messages"]  # type: ignore[index, call-overload]
    return [message["content"] for message in messages if message["role"] == "user"]


def test_asking_again_begins_a_branch_that_knows_only_what_came_before(chat: Chat, sandbox: Sandbox) -> None:
    a, b, _ = chat.turns

    again = chat.send("b2", branch_from=b)
    again.wait(END_S)

    assert chat.turns == (a, again)
    assert chat.branches(again) == chat.branches(b) == (b, again)
    assert _asked(sandbox) == ["a", "b2"]


def test_walking_back_brings_the_later_turns_back(chat: Chat, sandbox: Sandbox) -> None:
    a, b, c = chat.turns
    chat.ask("b2", branch_from=b)

    chat.switch_to(b)
    chat.ask("d")

    assert chat.turns[:3] == (a, b, c)
    assert _asked(sandbox) == ["a", "b", "c", "d"]


def test_an_empty_branch_forgets_nothing(chat: Chat, sandbox: Sandbox) -> None:
    before = chat.turns

    chat.switch_to(None)
    assert chat.turns == ()
    assert chat.branches() == before[:1]
    chat.ask("anew")

    assert _asked(sandbox) == ["anew"]
    assert chat.branches(chat.turns[0]) == (before[0], chat.turns[0])
    chat.switch_to(before[0])
    assert chat.turns == before


def test_a_removed_turn_leaves_the_others_in_their_branches(chat: Chat) -> None:
    a, b, c = chat.turns
    other = chat.send("b2", branch_from=b)
    other.wait(END_S)

    chat.remove(b)

    assert chat.turns == (a, other)
    assert chat.branches(other) == (c, other)


def test_a_replaced_turn_keeps_its_place_and_its_later_turns(chat: Chat, sandbox: Sandbox) -> None:
    a, b, c = chat.turns

    new = chat.send("b2", replace=b)
    new.wait(END_S)

    assert chat.turns == (a, new, c)
    assert chat.branches(new) == (new,)
    assert _asked(sandbox) == ["a", "b2"]


def test_reset_forgets_every_branch_and_says_so(chat: Chat) -> None:
    chat.switch_to(None)
    said: list[int] = []
    forget = chat.on_change(lambda: said.append(len(chat.branches())))

    chat.reset()
    forget()
    chat.ask("anew")

    assert said[-1] == 0
    assert chat.branches() == chat.turns
