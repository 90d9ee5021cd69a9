"""Messages and their content parts, in the form in which they are sent (contract, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypeGuard

from .errors import InvalidInput

Message: TypeAlias = dict[str, Any]  # {"role": …, "content": …}
Part: TypeAlias = dict[str, Any]  # {"type": "text", "text": …}, {"type": "image_url", …}, {"type": "file", …}, …
Prompt: TypeAlias = "str | list[Part] | list[Message]"

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_INSTEAD_OF_CONTENT = ("tool_calls", "function_call", "refusal", "audio")
_KINDS = (
    'A prompt is text, a list of messages ({"role": "user", "content": …}) or a list of content parts '
    '({"type": "text", "text": …}), not '
)


def check(prompt: Any) -> None:
    """Raise InvalidInput if it is not a prompt, is empty, or holds messages in an impossible order."""
    if isinstance(prompt, str):
        if not prompt.strip():
            raise InvalidInput("The prompt is empty: nothing was sent.")
        return
    if not isinstance(prompt, list):
        raise InvalidInput(f"{_KINDS}{type(prompt).__name__}; nothing was sent.")
    if not prompt:
        raise InvalidInput("The prompt is empty: nothing was sent.")
    if odd := next((item for item in prompt if not isinstance(item, dict)), None):
        raise InvalidInput(f"{_KINDS}a list that holds {type(odd).__name__}; nothing was sent.")
    if is_messages(prompt):
        _check_messages(prompt)
    else:
        _check_parts(prompt, "the prompt")


def is_messages(prompt: Any) -> TypeGuard[list[Message]]:
    """True for a list of messages, as in the OpenAI SDK; False for text and for content parts."""
    return isinstance(prompt, list) and any("role" in item for item in prompt)


def as_messages(prompt: Prompt) -> list[Message]:
    """The messages that a prompt is sent as."""
    return list(prompt) if is_messages(prompt) else [{"role": "user", "content": prompt}]


def said(prompt: Prompt) -> str | list[Part]:
    """The user's content in a prompt: the text or parts; of a list of messages, that of the last user message."""
    if isinstance(prompt, str) or not is_messages(prompt):
        return prompt
    return next((message["content"] for message in reversed(prompt) if message["role"] == "user"), "")


def with_said(prompt: Prompt, content: str | list[Part]) -> Prompt:
    """The same prompt with this as the user's content."""
    if isinstance(prompt, str) or not is_messages(prompt):
        return content
    last = max((i for i, message in enumerate(prompt) if message["role"] == "user"), default=None)
    return [{**message, "content": content} if i == last else message for i, message in enumerate(prompt)]


def text_of(prompt: Prompt) -> str:
    """The typed text: the first text in the user's content, without attached files."""
    content = said(prompt)
    return content if isinstance(content, str) else next((str(part["text"]) for part in content if "text" in part), "")


def texts(content: Any) -> list[str]:
    """Every text in the content of a message, or in a prompt, attached text files included."""
    if isinstance(content, str):
        return [content]
    inner = [part.get("content", part.get("text")) for part in content or () if isinstance(part, Mapping)]
    return [text for value in inner for text in texts(value)]


def tool_call_ids(message: Mapping[str, Any]) -> set[str]:
    """The ids of the tool calls in an assistant's message."""
    calls = message.get("tool_calls")
    return {str(call.get("id")) for call in calls if isinstance(call, Mapping)} if isinstance(calls, list) else set()


def answered_ids(messages: Iterable[Message]) -> set[str]:
    """The ids of the tool calls that are answered by the tool messages at the beginning."""
    found = set()
    for message in messages:
        if message.get("role") != "tool":
            break
        found.add(str(message.get("tool_call_id")))
    return found


def _check_messages(messages: list[Message]) -> None:
    for number, message in enumerate(messages):
        _check_message(message, f"message {number}")
    # A prompt may begin with the results of tool calls in the turn before.
    open_calls: set[str] = answered_ids(messages)
    for number, message in enumerate(messages):
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                raise InvalidInput(f"message {number} answers no tool call before it; nothing was sent.")
        else:
            _check_answered(messages[number:], number)
            open_calls = tool_call_ids(message)


def _check_answered(messages: list[Message], number: int) -> None:
    if missing := tool_call_ids(messages[0]) - answered_ids(messages[1:]):
        raise InvalidInput(
            f"message {number} calls tools, and {len(missing)} of its calls have no tool message after it; "
            "nothing was sent."
        )


def _check_message(message: Message, name: str) -> None:
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        raise InvalidInput(f"{name} has no known role: take one of {', '.join(ROLES)}; nothing was sent.")
    if isinstance(content, list):
        _check_parts(content, name)
    elif content is None:
        if role != "assistant" or not any(message.get(field) for field in _INSTEAD_OF_CONTENT):
            raise InvalidInput(f"{name} has no content; nothing was sent.")
    elif not isinstance(content, str):
        raise InvalidInput(
            f"the content of {name} is text or a list of parts, not {type(content).__name__}; nothing was sent."
        )


def _check_parts(parts: list[Any], name: str) -> None:
    for part in parts:
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise InvalidInput(f'A part of {name} is no dict such as {{"type": "text", "text": …}}; nothing was sent.')
        if part["type"] == "text" and not isinstance(part.get("text"), str):
            raise InvalidInput(f"A text part of {name} has no text; nothing was sent.")
    if not any(part["type"] != "text" or part["text"].strip() for part in parts):
        raise InvalidInput(f"There is nothing but whitespace in {name}; nothing was sent.")
