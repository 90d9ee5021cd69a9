"""A conversation: what the model is told, what is forgotten, and what goes along when it is copied."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import edenai_nb as eden
from edenai_nb import Chat, EdenError, Sandbox, errors
from edenai_nb.sandbox.script import Bill, Done, Finish, Gate, HangUp, Opening, Script, Stall

DEADLINE_S = 20.0
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "4"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as sandbox:
        yield sandbox


@pytest.fixture
def chat(sandbox: Sandbox) -> Chat:
    return Chat(model="openai/gpt-5-mini")


def talk(chat: Chat, sandbox: Sandbox, *texts: str) -> None:
    """One turn for each text: the text is asked, and answered with itself in capitals."""
    for text in texts:
        sandbox.enqueue(text.upper())
        chat.ask(text)


def said(chat: Chat) -> list[Any]:
    return [message["content"] for message in chat.messages]


def told(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The messages of the last request."""
    return list(sandbox.requests[-1].json["messages"])


def calling(*calls: dict[str, Any], text: str = "") -> Script:
    chunk = {"index": 0, "delta": {"tool_calls": [{"index": i, **call} for i, call in enumerate(calls)]}}
    return Script.raw(Opening(), *([text] if text else []), {"choices": [chunk]}, Finish("tool_calls"), Bill(), Done())


# what the model is told


def test_a_conversation_tells_the_model_what_was_said(chat: Chat, sandbox: Sandbox) -> None:
    chat.set(system="Be brief")
    talk(chat, sandbox, "a", "b")

    assert told(sandbox) == [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "A"},
        {"role": "user", "content": "b"},
    ]
    assert said(chat) == ["Be brief", "a", "A", "b", "B"]


@pytest.mark.parametrize("system", ["", "  ", "\n"])
def test_a_blank_system_prompt_is_not_sent(sandbox: Sandbox, system: str) -> None:
    Chat(system).ask("Hello")
    assert [message["role"] for message in told(sandbox)] == ["user"]


def test_a_failed_turn_is_not_told_and_a_stopped_one_is_with_its_text(chat: Chat, sandbox: Sandbox) -> None:
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), "Half", HangUp()))
    with pytest.raises(EdenError):
        chat.ask("cut")
    sandbox.enqueue(Script.raw(Opening(), "Part", Gate(gate), " two", Finish(), Done()))
    turn = chat.send("stopped")
    next(reply for reply in turn.frames() if reply)
    turn.stop()
    gate.set()

    assert said(chat) == ["stopped", "Part"]


def test_messages_of_other_sdks_are_asked_as_they_are(sandbox: Sandbox) -> None:
    messages = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "2+2?"}]
    sandbox.enqueue("4")

    chat = Chat()
    assert chat.ask(messages) == "4"
    assert told(sandbox) == messages
    chat.ask("And 3+3?")
    assert told(sandbox) == [
        *messages,
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "And 3+3?"},
    ]


@pytest.mark.parametrize("prompt", [123, None, ["a", "b"], {}, b"x", [], "", "  ", [{"role": "robot", "content": "x"}]])
def test_what_is_no_prompt_is_not_sent(sandbox: Sandbox, prompt: Any) -> None:
    with pytest.raises(errors.InvalidInput, match="nothing was sent"):
        eden.ask(prompt)
    assert sandbox.requests == []


def test_a_model_behind_the_prompt_is_named() -> None:
    with pytest.raises(errors.InvalidInput, match="model="):
        eden.ask("Hello", "openai/gpt-5-mini")


# tool calls


def test_a_tool_call_that_nothing_answers_is_no_part_of_the_history(chat: Chat, sandbox: Sandbox) -> None:
    sandbox.enqueue(calling(CALL), "fine")
    assert chat.ask("2+2?").tool_calls
    assert chat.ask("Never mind") == "fine"
    assert told(sandbox) == [{"role": "user", "content": "Never mind"}]


def test_the_text_beside_an_unanswered_call_is(chat: Chat, sandbox: Sandbox) -> None:
    sandbox.enqueue(calling(CALL, text="Let me see."))
    chat.ask("2+2?")
    chat.ask("Never mind")
    assert told(sandbox)[1] == {"role": "assistant", "content": "Let me see."}


def test_a_tool_call_can_be_answered(chat: Chat, sandbox: Sandbox) -> None:
    sandbox.enqueue(calling(CALL), "It is 4.")
    chat.ask("2+2?")
    assert chat.ask([RESULT]) == "It is 4."
    assert [message["role"] for message in told(sandbox)] == ["user", "assistant", "tool"]
    chat.ask("Thanks")
    roles = [message["role"] for message in told(sandbox)]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]


def test_a_call_of_which_only_a_part_is_answered_is_not_sent(chat: Chat, sandbox: Sandbox) -> None:
    sandbox.enqueue(calling(CALL, {**CALL, "id": "c2"}))
    chat.ask("2+2? 3+3?")
    with pytest.raises(errors.InvalidInput, match="answers no tool call"):
        chat.ask([RESULT])
    assert len(sandbox.requests) == 1


def test_the_result_of_a_call_that_was_forgotten_is_forgotten_too(chat: Chat, sandbox: Sandbox) -> None:
    sandbox.enqueue(calling(CALL), "It is 4.")
    first = chat.send("2+2?")
    first.wait(DEADLINE_S)
    chat.ask([RESULT])
    chat.remove(first)
    chat.ask("Thanks")
    assert told(sandbox) == [{"role": "user", "content": "Thanks"}]


# what is forgotten, and what goes on


def test_undo_forgets_the_last_turn_and_gives_it_back(chat: Chat, sandbox: Sandbox) -> None:
    talk(chat, sandbox, "a", "b")
    last = chat.turns[-1]
    assert chat.undo() is last
    assert said(chat) == ["a", "A"]
    assert Chat().undo() is None


def test_reset_forgets_everything_but_the_system_prompt_and_options(sandbox: Sandbox) -> None:
    chat = Chat("Be brief", temperature=0.5)
    talk(chat, sandbox, "a", "b")
    chat.reset()
    assert (chat.turns, chat.system, chat.options) == ((), "Be brief", {"temperature": 0.5})


def test_a_fork_begins_alike_and_goes_its_own_way(chat: Chat, sandbox: Sandbox) -> None:
    talk(chat, sandbox, "a")
    other = chat.fork()
    talk(other, sandbox, "b")
    talk(chat, sandbox, "c")
    other.set(temperature=1.0)
    assert said(other) == ["a", "A", "b", "B"]
    assert said(chat) == ["a", "A", "c", "C"]
    assert "temperature" not in chat.options


def test_the_cost_of_a_conversation_is_the_sum_of_its_bills(chat: Chat, sandbox: Sandbox) -> None:
    for cost in (0.25, 0.5):
        sandbox.enqueue(Script.text("x", cost=cost))
        chat.ask("Hello")
    assert chat.cost == 0.75
    assert repr(chat) == "<Chat, 2 turns, $0.75>"


def test_stop_ends_what_runs_and_what_waits(chat: Chat, sandbox: Sandbox) -> None:
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), "Part", Gate(gate)))
    turns = [chat.send("a"), chat.send("b")]
    next(reply for reply in turns[0].frames() if reply)
    assert chat.busy
    chat.stop()
    gate.set()
    assert [turn.wait(DEADLINE_S).complete for turn in turns] == [False, False]
    assert not chat.busy
    assert len(sandbox.requests) == 1


def test_a_turn_that_is_removed_or_undone_is_stopped(chat: Chat, sandbox: Sandbox) -> None:
    for forget in (chat.remove, lambda _: chat.undo()):
        sandbox.enqueue(Script.raw(Opening(), "Part", Stall()))
        turn = chat.send("a")
        next(reply for reply in turn.frames() if reply)
        forget(turn)
        assert (turn.wait(DEADLINE_S), turn.stopped, chat.turns) == ("Part", True, ())


def test_a_turn_that_is_replaced_is_stopped(chat: Chat, sandbox: Sandbox) -> None:
    sandbox.enqueue(Script.raw(Opening(), "Part", Stall()), "Other")
    old = chat.send("a")
    next(reply for reply in old.frames() if reply)
    new = chat.send("b", replace=old)
    assert (old.wait(DEADLINE_S), old.stopped, new.wait(DEADLINE_S), chat.turns) == ("Part", True, "Other", (new,))


def test_who_watches_is_told_until_he_no_longer_wants_to_know(chat: Chat, sandbox: Sandbox) -> None:
    heard: list[int] = []
    forget = chat.on_change(lambda: heard.append(len(chat.turns)))
    talk(chat, sandbox, "a")
    forget()
    talk(chat, sandbox, "b")
    assert heard == [1]


# options


def test_an_option_of_a_turn_does_not_stay(chat: Chat, sandbox: Sandbox) -> None:
    chat.ask("a", temperature=0.5)
    chat.ask("b")
    assert [request.json.get("temperature") for request in sandbox.requests] == [0.5, None]


def test_options_are_changed_all_or_none(chat: Chat) -> None:
    chat.set(temperature=0.5)
    with pytest.raises(errors.InvalidInput):
        chat.set(temperature=9, seed=1, system="x")
    assert (chat.options, chat.system) == ({"model": "openai/gpt-5-mini", "temperature": 0.5}, None)
    chat.set(temperature=None)
    assert chat.options == {"model": "openai/gpt-5-mini"}


@pytest.mark.parametrize("system", [5, ["x"], b"x"])
def test_a_system_prompt_is_text(system: Any) -> None:
    with pytest.raises(errors.InvalidInput, match="system takes text"):
        Chat(system)


# copies


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
def test_a_copy_has_every_branch_and_the_key(sandbox: Sandbox, copied: Callable[[Chat], Chat]) -> None:
    chat = Chat("Be brief", api_key="sk-eden-0123456789", base_url=sandbox.base_url)
    talk(chat, sandbox, "a", "b")
    first = chat.turns[0]
    sandbox.enqueue("A2")
    chat.send("a2", branch_from=first).wait(DEADLINE_S)

    other = copied(chat)
    assert said(other) == said(chat) == ["Be brief", "a2", "A2"]
    other.switch_to(first)
    assert said(other) == ["Be brief", "a", "A", "b", "B"]
    assert said(chat) == ["Be brief", "a2", "A2"]
    assert other.options["api_key"] == "sk-eden-0123456789"


def test_a_pickle_holds_the_conversation_and_no_key(sandbox: Sandbox) -> None:
    chat = Chat("Be brief", temperature=0.5, api_key="sk-eden-0123456789")
    talk(chat, sandbox, "a", "b")
    data = pickle.dumps(chat)
    again = pickle.loads(data)

    assert b"sk-eden-0123456789" not in data
    assert said(again) == said(chat)
    assert again.options["temperature"] == 0.5
    assert again.turns[0].reply.cost == chat.turns[0].reply.cost
    talk(again, sandbox, "c")
    assert said(again)[-2:] == ["c", "C"]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_ask_in_it(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setenv("EDENAI_API_KEY", "sk-eden-0123456789")
    chat = Chat(base_url=sandbox.base_url, model="sandbox/echo")
    chat.ask("warm-up")  # leaves an idle connection
    with multiprocessing.get_context(method).Pool(2) as pool:
        questions = [f"question {number}" for number in range(6)]
        answers = pool.map_async(chat.ask, questions).get(60)
    assert all(question in answer for question, answer in zip(questions, answers, strict=True))


# the sandbox


def test_an_open_sandbox_is_what_is_asked() -> None:
    with Sandbox(tokens_per_s=None) as outer:
        with Sandbox(tokens_per_s=None) as inner:
            inner.enqueue("inner")
            assert eden.ask("x") == "inner"
        outer.enqueue("outer", "outer")
        assert eden.ask("x") == "outer"
        heard: list[str] = []
        thread = threading.Thread(target=lambda: heard.append(eden.ask("x")))
        thread.start()
        thread.join(DEADLINE_S)
        assert heard == ["outer"]
    with pytest.raises(errors.MissingKey):
        eden.ask("x")


def test_an_open_sandbox_keeps_real_keys_and_addresses_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDENAI_API_KEY", "sk-eden-0123456789")
    monkeypatch.setenv("EDENAI_API_BASE", "https://unread.invalid/v3")
    with Sandbox(tokens_per_s=None) as sandbox:
        eden.ask("x")
        assert [request.headers["authorization"] for request in sandbox.requests] == ["Bearer sandbox"]


def test_an_address_that_is_given_is_asked_even_beside_an_open_sandbox() -> None:
    with Sandbox(tokens_per_s=None) as meant, Sandbox() as other:
        eden.ask("x", base_url=meant.base_url, api_key=meant.key)
        assert (len(meant.requests), len(other.requests)) == (1, 0)
