"""What %edenchat prints about models, costs and conversations, as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .. import settings, stand_in
from ..api.models import Model
from ..chat.conversation import Chat
from ..messages import text_of
from ..money import dollars
from ..views.status import Caption, summary
from .session import Session

MOST_MODELS = 60  # rows that can still be looked through


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


def models(found: Iterable[Model], words: Sequence[str]) -> str:
    """The models that hold all these words, with their prices in USD per million tokens."""
    matching = [model for model in found if all(word.lower() in model.id.lower() for word in words)]
    if not matching:
        return f"No model is called like {' '.join(words)!r}."
    shown = sorted(matching, key=lambda model: model.id)[:MOST_MODELS]
    rows = [("model", "context", "$/M in", "$/M out"), *map(_row, shown)]
    left = len(matching) - len(shown)
    more = f"\n… and {left:,} more: add a word, as in %edenchat models claude" if left else ""
    return _table(rows) + more


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


def _row(model: Model) -> tuple[str, ...]:
    name = f"{model.id} -> {model.alias_of}" if model.alias_of else model.id
    context = "?" if model.context_length is None else f"{model.context_length:,}"
    return name, context, _per_million(model.input_price), _per_million(model.output_price)


def _per_million(usd: float | None) -> str:
    return "?" if usd is None else f"{usd * 1e6:,.2f}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns of text: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{'>' if place else '<'}{widths[place]}}" for place, cell in enumerate(row)).rstrip()
        for row in rows
    )
