"""What %edenchat prints about conversations, as plain text."""

from __future__ import annotations

from ..chat.conversation import Chat
from ..messages import text_of
from ..money import dollars
from ..views.status import Caption, summary


def count(number: int, what: str) -> str:
    """`1 turn`, `2 turns`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def chat(name: str, chat: Chat) -> str:
    """One conversation in one line."""
    return f"{name}: {count(len(chat.turns), 'turn')}, {dollars(chat.cost)}"


def history(chat: Chat) -> str:
    """Every question and answer of a conversation as it stands."""
    parts = [f"── system\n{chat.system}"] if chat.system else []
    for number, turn in enumerate(chat.turns, 1):
        parts.append(f"── {number} · you\n{text_of(turn.prompt)}")
        parts.append(f"── {number} · {summary(turn, Caption())}\n{turn.reply}")
    return "\n\n".join(parts) or "Nothing has been said yet."
