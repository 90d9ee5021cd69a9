"""What a Turn promises: how it grows, how it ends, and who is told."""

from __future__ import annotations

import asyncio
import copy
import gc
import pickle
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from edenai_nb import Chat, Reply, Sandbox, Turn, errors
from edenai_nb.api.stream import DeltaStream
from edenai_nb.chat import waiting
from edenai_nb.sandbox import Gate, Opening, Script
from edenai_nb.sandbox.script import Reset, Stall, Thinking

DEADLINE_S = 10.0
Send = Callable[..., Turn]
REST = Script.text("").steps[1:]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None) as sandbox:
        yield sandbox


@pytest.fixture
def send(sandbox: Sandbox) -> Send:
    """Send a question whose answer is scripted."""

    def send(*steps: Any) -> Turn:
        sandbox.enqueue(Script.raw(*steps))
        asked = len(sandbox.requests)
        turn = Chat(base_url=sandbox.base_url, api_key=sandbox.key).send("Hello")
        sandbox.wait_for_requests(asked + 1)  # else the next one could take this script
        return turn

    return send


def first_words(turn: Turn) -> Reply:
    return next(reply for reply in turn.frames() if reply)


def test_sending_returns_at_once_and_the_reply_grows(send: Send) -> None:
    go = threading.Event()
    turn = send(Opening(), "one", Gate(go), " two", *REST)
    assert first_words(turn) == "one"
    assert (turn.done, turn.state, turn.reply.complete) == (False, "streaming", False)
    go.set()
    reply = turn.wait(DEADLINE_S)
    assert (reply, turn.done, turn.state, reply.complete) == ("one two", True, "done", True)
    assert reply is turn.reply
    assert 0 < (reply.time_to_first_token or 0) <= reply.elapsed == turn.elapsed


def test_a_turn_that_thinks_says_so_also_inside_of_its_text(send: Send) -> None:
    for step in (Thinking("Hm."), "<think>Hm."):
        go = threading.Event()
        turn = send(Opening(), step, Gate(go), *([] if step != "<think>Hm." else ["</think>"]), "Four.", *REST)
        assert next(reply for reply in turn.frames() if "Hm." in reply.reasoning) == ""
        assert turn.state == "thinking"
        go.set()
        assert (turn.wait(DEADLINE_S), turn.reply.reasoning) == ("Four.", "Hm.")


@pytest.mark.parametrize(
    ("first", "rest"),
    [([Thinking("Hm.")], []), (["<think>Hm."], ["</think>"]), ([" <thi", "nk>H > m."], ["</think", ">"])],
)
def test_a_reply_says_how_long_it_thought_from_its_first_word_of_text_on(
    send: Send, first: list[Any], rest: list[str]
) -> None:
    gates = threading.Event(), threading.Event()
    turn = send(Opening(), *first, Gate(gates[0]), *rest, "Four", Gate(gates[1]), " or five.", *REST)
    assert next(reply for reply in turn.frames() if "m." in reply.reasoning).reasoning_time is None
    gates[0].set()
    assert first_words(turn) == "Four"
    thought = turn.reply.reasoning_time
    assert thought is not None
    gates[1].set()
    reply = turn.wait(DEADLINE_S)
    assert reply.reasoning_time == thought
    assert 0 < thought <= reply.elapsed - (reply.time_to_first_token or 0)
    assert pickle.loads(pickle.dumps(reply)).reasoning_time == thought


@pytest.mark.parametrize("steps", [["Four."], ["<b>Four</b>"], [Thinking("Hm.")], ["<think>Hm."], ["4 < 5", " > 3"]])
def test_without_thoughts_or_without_text_there_is_no_time_of_thinking(send: Send, steps: list[Any]) -> None:
    turn = send(Opening(), *steps, *REST)
    with suppress(errors.EdenError):
        turn.wait(DEADLINE_S)
    assert turn.reply.reasoning_time is None


def test_waiting_may_end_before_the_turn_does(send: Send) -> None:
    turn = send(Opening(), "one", Stall())
    first_words(turn)
    assert (turn.wait(0.01), turn.done) == ("one", False)
    turn.stop()


def test_a_stopped_turn_keeps_its_text_and_does_not_raise(send: Send) -> None:
    turn = send(Opening(), "one", Stall())
    first_words(turn)
    turn.stop()
    turn.stop()
    assert (turn.wait(DEADLINE_S), turn.state, turn.stopped) == ("one", "stopped", True)
    assert (turn.reply.complete, turn.reply.error) == (False, None)


def test_a_stopped_turn_hangs_up_on_a_silent_server(send: Send, sandbox: Sandbox) -> None:
    turn = send(Opening(), "one", Stall())
    first_words(turn)
    turn.stop()
    assert sandbox.requests[0].client_gone.wait(DEADLINE_S)


def test_an_interrupted_wait_stops_the_turn_and_keeps_its_text(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    turn = send(Opening(), "one", Stall())
    first_words(turn)
    monkeypatch.setattr(waiting, "wait", interrupted)
    with pytest.raises(errors.Interrupted) as caught:
        turn.wait(DEADLINE_S)
    assert (caught.value.partial, turn.stopped, turn.done) == ("one", True, True)


def test_a_failed_turn_raises_each_time_and_keeps_its_text(send: Send) -> None:
    turn = send(Opening(), "one", Reset())
    frames = set()
    for _ in range(2):
        with pytest.raises(errors.StreamInterrupted) as caught:
            turn.wait(DEADLINE_S)
        assert caught.value.partial == "one"
        frames.add(len(caught.traceback))
    assert (turn.state, turn.reply, len(frames)) == ("failed", "one", 1)


def test_a_failed_turn_may_be_kept_as_if_it_had_been_stopped_there(send: Send) -> None:
    turn = send(Opening(), "one", Reset())
    with pytest.raises(errors.StreamInterrupted):
        turn.wait(DEADLINE_S)
    turn.accept_partial()
    assert (turn.wait(), turn.reply.error, turn.state) == ("one", None, "stopped")


def test_frames_are_each_newer_than_the_last_and_the_final_one_comes(send: Send) -> None:
    frames = list(send(Opening(), *[f"{number} " for number in range(50)], *REST).frames())
    assert frames[-1] == "".join(f"{number} " for number in range(50))
    assert frames[-1].complete
    assert all(later.startswith(earlier) and later is not earlier for earlier, later in pairwise(frames))


def test_who_watches_a_turn_is_told_when_its_reply_has_grown(send: Send) -> None:
    go, grown = threading.Event(), queue.Queue[str]()
    turn = send(Opening(), "one", Gate(go), " two", *REST)
    turn.on_update(lambda told: grown.put(str(told.reply)))
    go.set()
    turn.wait(DEADLINE_S)
    assert "one two" in [grown.get(timeout=5) for _ in range(grown.qsize())]


def test_who_asks_is_told_the_end_once_also_when_it_has_been(send: Send) -> None:
    told: list[Turn] = []
    turn = send(Opening(), "one", *REST)
    turn.on_end(told.append)
    turn.wait(DEADLINE_S)
    assert told == [turn]
    turn.on_end(told.append)
    assert told == [turn, turn]


def test_who_fails_when_told_the_end_keeps_nobody_else_from_it(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, told, go = [], [], threading.Event()  # type: list[Any], list[Turn], threading.Event
    monkeypatch.setattr(threading, "excepthook", shown.append)
    turn = send(Opening(), "one", Gate(go), *REST)
    turn.on_end(lambda _: 1 / 0)
    turn.on_end(told.append)
    go.set()
    assert turn.wait(DEADLINE_S) == "one"
    assert turn._ended.wait(DEADLINE_S)
    assert told == [turn]
    assert [one.exc_type for one in shown] == [ZeroDivisionError]


def test_a_turn_can_be_awaited(send: Send) -> None:
    async def ask() -> Reply:
        return await send(Opening(), "one", *REST)

    assert asyncio.run(ask()) == "one"


def test_awaiting_raises_what_ended_it(send: Send) -> None:
    async def ask() -> Reply:
        return await send(Opening(), "one", Reset())

    with pytest.raises(errors.StreamInterrupted):
        asyncio.run(ask())


def test_a_cancelled_await_stops_the_turn_and_its_bill(send: Send, sandbox: Sandbox) -> None:
    turns: list[Turn] = []

    async def ask() -> None:
        turns.append(send(Opening(), "one", Stall()))
        await asyncio.wait_for(turns[0], 0.2)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(ask())
    assert (turns[0].done, turns[0].stopped) == (True, True)
    assert sandbox.requests[0].client_gone.wait(DEADLINE_S)


AGAIN = [copy.copy, copy.deepcopy, lambda turn: pickle.loads(pickle.dumps(turn))]


@pytest.mark.parametrize("again", AGAIN)
def test_a_turn_that_has_ended_can_be_copied_and_pickled(send: Send, again: Callable[[Turn], Turn]) -> None:
    turns = [send(Opening(), "one", *REST), send(Opening(), "one", Reset()), send(Opening(), "one", Stall())]
    first_words(turns[2])
    turns[2].stop()
    for turn in turns:
        list(turn.frames())
        found = again(turn)
        assert (found.prompt, found.reply, found.id, found.state) == (turn.prompt, turn.reply, turn.id, turn.state)
        assert (found.done, found.stopped, found.elapsed) == (True, turn.stopped, turn.elapsed)
        assert found.reply.usage == turn.reply.usage


@pytest.mark.parametrize("again", AGAIN)
def test_a_turn_that_runs_says_why_it_cannot_be_copied(send: Send, again: Callable[[Turn], Turn]) -> None:
    turn = send(Opening(), "one", Stall())
    with pytest.raises(errors.InvalidInput, match="still being answered"):
        again(turn)
    turn.stop()


def test_a_turn_can_be_made_of_its_end() -> None:
    error = errors.ServerTrouble("Trouble.")
    for reply, state in {
        Reply("Four.", complete=True): "done",
        Reply("Fo"): "stopped",
        Reply("F", error=error): "failed",
    }.items():
        turn = Turn.ended("2+2?", reply, id="a")
        assert (turn.state, turn.reply, turn.prompt, turn.id, list(turn.frames())) == (
            state,
            reply,
            "2+2?",
            "a",
            [reply],
        )
    with pytest.raises(errors.ServerTrouble):
        turn.wait()


def test_a_turn_shows_no_prompt_and_no_answer_in_its_repr() -> None:
    assert repr(Turn.ended("my secret", Reply("Four.", complete=True))) == "<Turn done, 5 characters>"


def test_an_answer_is_waited_for_inside_a_loop_that_cannot_be_nested() -> None:
    import uvloop

    async def ask() -> str:
        return Chat().ask("Hello")

    with Sandbox(tokens_per_s=None) as sandbox:
        sandbox.enqueue("Hi")
        assert uvloop.run(ask()) == "Hi"


@pytest.mark.parametrize("how", [{}, {"journal": "talk.jsonl"}, {"schema": {"type": "object"}}, {"keep": "kept.jsonl"}])
def test_a_turn_that_has_ended_lets_go_of_what_was_sent(
    sandbox: Sandbox, how: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole conversation is sent with each question: kept by every turn, that grows with their number squared."""
    monkeypatch.chdir(tmp_path)

    def held() -> int:
        gc.collect()
        streams = [one for one in gc.get_objects() if isinstance(one, DeltaStream)]
        return sum(one._client.settings.base_url == sandbox.base_url for one in streams)

    sandbox.enqueue("{}", "{}", Script.raw(Opening(), "half", Stall()))
    chat = Chat(base_url=sandbox.base_url, api_key=sandbox.key, **how)
    chat.ask("one")
    chat.ask("two")
    third = chat.send("three")
    first_words(third)
    third.stop()

    deadline = time.monotonic() + DEADLINE_S
    while held() and time.monotonic() < deadline:  # the thread of what was stopped has a moment to go
        time.sleep(0.01)
    assert held() == 0
