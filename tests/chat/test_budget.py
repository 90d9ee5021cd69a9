"""A turn that would cost too much sends nothing; what was billed counts."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from edenai_nb import Chat, Sandbox, errors, settings
from edenai_nb.api.account import account_of
from edenai_nb.sandbox.script import Opening, Script, Stall

NewChat = Callable[..., Chat]
OPUS = "anthropic/claude-opus-5"  # USD 5 and 25 a million tokens
DEADLINE_S = 20.0


def asked(sandbox: Sandbox) -> int:
    return sum(request.path.endswith("/chat/completions") for request in sandbox.requests)


def refused(chat: Chat, **options: object) -> str:
    with pytest.raises(errors.BudgetExceeded) as caught:
        chat.ask("Hello", **options)
    return str(caught.value)


def test_a_turn_that_may_cost_too_much_is_not_sent(sandbox: Sandbox, chat: NewChat) -> None:
    message = refused(chat(model=OPUS, max_cost=0.02))
    assert "it may cost $0.025, more than $0.02" in message
    assert asked(sandbox) == 0


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_the_length_of_the_answer_and_of_the_prompt_count(sandbox: Sandbox, chat: NewChat, limit: str) -> None:
    ours = chat(model=OPUS, max_cost=0.02, **{limit: 500})
    assert ours.ask("Hello").complete
    assert "may cost" in refused(Chat(system="x" * 30_000, **ours.options))
    assert asked(sandbox) == 1


def test_the_dearest_fallback_counts(sandbox: Sandbox, chat: NewChat) -> None:
    ours = chat(model="openai/gpt-4.1-nano", max_cost=0.01)
    assert ours.ask("Hello").complete
    refused(ours, fallbacks=[OPUS])
    assert asked(sandbox) == 1


@pytest.mark.parametrize("model", ["@edenai", "openai/gpt-image-2"])
def test_a_limit_that_cannot_be_kept_holds_the_turn_back(sandbox: Sandbox, chat: NewChat, model: str) -> None:
    assert f"the price of {model} is unknown" in refused(chat(model=model, max_cost=9))
    assert asked(sandbox) == 0


def test_what_was_really_billed_uses_the_budget_up(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.text("Hi", cost=0.3), Script.text("Hi", cost=0.3))
    chat().ask("Hello")  # before there is a budget
    ours = chat(budget=0.5)
    assert ours.ask("Hello").cost == 0.3
    assert "of the budget is left" in refused(ours)
    assert asked(sandbox) == 2


def test_a_refusal_costs_nothing(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.error(400, {"detail": "no"}))
    with pytest.raises(errors.RequestRefused):
        chat(model=OPUS, budget=0.03).ask("Hello")
    assert chat(model=OPUS, budget=0.03).ask("Hello").complete


def test_turns_under_way_count_until_they_have_ended(sandbox: Sandbox, chat: NewChat) -> None:
    # Given a turn that may cost nearly all, and has cost little when it is stopped
    sandbox.enqueue(Script.raw(Opening(), "A few words", Stall()))
    options = {"model": OPUS, "budget": 0.03}
    turn = chat(**options).send("Hello")
    deadline = time.monotonic() + DEADLINE_S
    while not turn.reply:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    # Then another must wait for its end
    refused(chat(**options))
    turn.stop()
    assert chat(**options).ask("Hello").complete
    ours = account_of(settings.resolve(base_url=sandbox.base_url, api_key=sandbox.key))
    assert 0 < ours.budget.spent < 0.01


@pytest.mark.parametrize("name", ["max_cost", "budget"])
def test_a_limit_is_a_number_above_0(chat: NewChat, name: str) -> None:
    for value in (0, -1, "much"):
        with pytest.raises(errors.InvalidInput, match=name):
            chat(**{name: value}).send("Hello")


def test_without_limits_the_catalogue_is_not_read(sandbox: Sandbox, chat: NewChat) -> None:
    chat().ask("Hello")
    assert [request.method for request in sandbox.requests] == ["POST"]
