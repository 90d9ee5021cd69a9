"""What %edenchat prints about costs and conversations, as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from .. import settings, stand_in
from ..chat.conversation import Chat
from ..messages import text_of
from ..money import dollars
from ..views.status import Caption, summary
from .session import Session


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


def cost(session: Session) -> str:
    """What cells have asked, by model, and what this key has spent in this process."""
    from ..api.account import account_of  # not with %load_ext: HTTP is most of what there is to import

    rows = [
        (model, count(use.answers, "answer"), f"{use.tokens:,} tokens", _spent(use.cost, in_sandbox))
        for (model, in_sandbox), use in sorted(session.used.items())
    ]
    total = dollars(account_of(settings.resolve()).budget.spent)
    line = f"With this key in this process, chat windows and Python included: {total}"
    return "\n".join(filter(None, [_table(rows), line + (" (sandbox: not billed)" if stand_in.is_on() else "")]))


def _spent(usd: float, in_sandbox: bool) -> str:
    return f"sandbox: would have cost {dollars(usd)}" if in_sandbox else dollars(usd)


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns of text: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{'>' if place else '<'}{widths[place]}}" for place, cell in enumerate(row)).rstrip()
        for row in rows
    )
