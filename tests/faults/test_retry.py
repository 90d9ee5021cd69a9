"""What is tried again, when, and who is told."""

from __future__ import annotations

import datetime
import email.utils
import time
from collections.abc import Callable

import pytest

from edenai_nb import Chat, Sandbox, errors
from edenai_nb.sandbox.script import Headers, Opening, Reset, Script
from edenai_nb.turn import Turn

NewChat = Callable[..., Chat]
DEADLINE_S = 20.0
BUSY = {"error": {"message": "busy", "type": "server_error"}}


def busy(status: int, wait: str = "0.01") -> Script:
    return Script.error(status, BUSY, headers={"Retry-After": wait})


def wait_for_note(turn: Turn) -> str:
    deadline = time.monotonic() + DEADLINE_S
    while not turn.note:
        assert not turn.done, turn.reply.error
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return turn.note


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_what_may_pass_is_tried_again(sandbox: Sandbox, chat: NewChat, status: int) -> None:
    sandbox.enqueue(busy(status), busy(status), "Hi")
    assert chat(retry_s=DEADLINE_S).ask("Hello") == "Hi"
    assert len(sandbox.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 402, 403, 422, 451])
def test_what_will_not_pass_is_not(sandbox: Sandbox, chat: NewChat, status: int) -> None:
    sandbox.enqueue(Script.error(status, {"detail": "no"}), "Hi")
    with pytest.raises(errors.RequestRefused):
        chat(retry_s=DEADLINE_S).ask("Hello")
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("fault", [Script.raw(Reset()), Script.raw(Headers(), Reset()), Script.raw(Opening(), BUSY)])
def test_a_fault_before_the_first_token_is_tried_again(sandbox: Sandbox, chat: NewChat, fault: Script) -> None:
    sandbox.enqueue(fault, "Hi")
    assert chat(retry_s=DEADLINE_S).ask("Hello") == "Hi"


@pytest.mark.parametrize("fault", [Reset(), BUSY])
def test_nothing_is_tried_again_after_the_first_token(sandbox: Sandbox, chat: NewChat, fault: object) -> None:
    sandbox.enqueue(Script.raw(Opening(), "Half", fault), "Hi")
    with pytest.raises(errors.EdenError) as caught:
        chat(retry_s=DEADLINE_S).ask("Hello")
    assert caught.value.partial == "Half"
    assert len(sandbox.requests) == 1


def in_seconds(seconds: int) -> str:
    return str(seconds)


def as_date(seconds: int) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return email.utils.format_datetime(moment, usegmt=True)


@pytest.mark.parametrize("form", [in_seconds, as_date])
def test_the_servers_wait_is_obeyed_said_and_ended_by_stop(
    sandbox: Sandbox, chat: NewChat, form: Callable[[int], str]
) -> None:
    # Given a server that wants a pause
    sandbox.enqueue(busy(429, form(500)))
    turn = chat(retry_s=900).send("Hello")
    # Then the status says how long
    note = wait_for_note(turn)
    assert note.startswith("too many requests: trying again in ")
    assert 480 < int(note.split()[-2]) <= 500
    assert turn.state == "retrying"
    # And Stop ends the pause and its thread, without another request
    turn.stop()
    turn._thread.join(DEADLINE_S)
    assert not turn._thread.is_alive()
    assert len(sandbox.requests) == 1


def test_a_wait_beyond_the_limit_is_not_begun(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(busy(429, "500"))
    with pytest.raises(errors.RateLimited, match="in 500 s") as caught:
        chat(retry_s=60).ask("Hello")
    assert caught.value.retry_after == 500


def test_trying_again_ends_with_the_last_error(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(*[busy(503, "0.05")] * 100)
    with pytest.raises(errors.ServerTrouble, match="busy"):
        chat(retry_s=0.3).ask("Hello")
    assert 2 <= len(sandbox.requests) <= 7


def test_turns_that_start_together_share_the_accounts_pace(sandbox: Sandbox, chat: NewChat) -> None:
    # Given two places in a thousand seconds
    pace = {"requests_per_s": 0.001}
    assert chat(**pace).ask("Hello").complete
    turns = [chat(**pace).send("Hello") for _ in range(3)]
    # Then the others wait, say so, and are stopped at once
    for turn in turns:
        assert "requests/s are allowed" in wait_for_note(turn)
    for turn in turns:
        turn.stop()
        turn._thread.join(DEADLINE_S)
        assert not turn._thread.is_alive()
    assert len(sandbox.requests) == 1
    # And another account does not wait
    assert chat(**pace, key="sk-eden-another-key").ask("Hello").complete
