"""What the status line of a turn says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..turn import Turn


@dataclass(frozen=True)
class Caption:
    """What the status line says besides the state of the turn."""

    chat: str = ""  # the conversation, where it is not the usual one
    number: int | None = None  # the turn's place in it
    sandbox: bool = False
    note: str = ""  # such as expressions that stayed as typed


def status(turn: Turn, caption: Caption) -> dict[str, Any]:
    """What the status line shows, for the live view and for the saved one."""
    reply = turn.reply
    return {
        "state": turn.state,
        "why": _why(turn),
        "model": reply.model or "",
        "elapsed_s": round(turn.elapsed, 1),
        "tokens": reply.usage.total_tokens if reply.usage else None,
        "cost": reply.cost,
        "chat": caption.chat,
        "number": caption.number,
        "sandbox": caption.sandbox,
        "note": caption.note,
    }


def summary(status: Mapping[str, Any]) -> str:
    """The status as one line of text."""
    parts = [
        "" if status["state"] == "done" else status["state"],
        status["why"],
        "sandbox" if status["sandbox"] else "",
        status["model"],
        f"{status['elapsed_s']:.1f} s",
        "" if status["tokens"] is None else f"{status['tokens']:,} tokens",
        "" if status["cost"] is None else money(status["cost"]),
        " ".join(filter(None, [status["chat"], f"turn {status['number']}" if status["number"] else ""])),
        status["note"],
    ]
    return " · ".join(part for part in parts if part)


def money(usd: float) -> str:
    """USD with at least two digits that say something: $1.20, $0.0013."""
    if usd >= 0.01 or usd == 0:
        return f"${usd:.2f}"
    return f"${usd:.2g}" if usd >= 0.0001 else "<$0.0001"


def _why(turn: Turn) -> str:
    reply = turn.reply
    if turn.done and reply.error:
        return f"{type(reply.error).__name__}: {reply.error}"
    if reply.finish_reason == "length":
        return "cut at the length limit: raise --max-tokens"
    if reply.finish_reason == "content_filter":
        return "ended by the provider's content filter"
    return turn.note or ""
