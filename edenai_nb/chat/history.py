"""The messages of earlier turns that a request begins with."""

from __future__ import annotations

from collections.abc import Iterable

from .. import messages
from ..messages import Message, Prompt
from ..reply import Reply
from .turn import Turn


def system_messages(system: str | None) -> list[Message]:
    """The system prompt as the first message; none for an empty one."""
    return [{"role": "system", "content": system}] if (system or "").strip() else []


def told(system: str | None, turns: Iterable[Turn], prompt: Prompt = "") -> list[Message]:
    """The messages before this prompt: without failed turns, stopped ones with their partial text."""
    history = system_messages(system)
    said = [turn for turn in turns if turn.done and not turn.reply.error and (turn.reply or turn.reply.tool_calls)]
    for turn, following in zip(said, [*(turn.prompt for turn in said[1:]), prompt], strict=False):
        asked = messages.as_messages(turn.prompt)
        answer = _answer(turn.reply, messages.answered_ids(messages.as_messages(following)))
        if answer and messages.answered_ids(asked) <= open_calls(history):
            history += [*asked, answer]
    return history


def open_calls(history: list[Message]) -> set[str]:
    """The ids of the tool calls in the last message."""
    return messages.tool_call_ids(history[-1]) if history else set()


def _answer(reply: Reply, answered: set[str]) -> Message | None:
    """The reply as a message; without tool calls that have no answer, as every server refuses those."""
    message: Message = {"role": "assistant", "content": str(reply) or None}
    calls = [dict(call) for call in reply.tool_calls]
    if calls and messages.tool_call_ids({"tool_calls": calls}) <= answered:
        message["tool_calls"] = calls
    return message if message["content"] or "tool_calls" in message else None
