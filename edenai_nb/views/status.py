"""What is said about a turn: its status line, and how its answer fell short."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ..chat.compare import tokens_per_s
from ..chat.turn import Turn
from ..money import dollars
from ..reply import Reply

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_PLAIN_ENDINGS = (None, "stop", "tool_calls", "function_call")
_KINDS = {
    "image_url": "picture",
    "image": "picture",
    "input_image": "picture",
    "output_image": "picture",
    "audio": "recording",
    "input_audio": "recording",
    "output_audio": "recording",
    "file": "file",
    "choice": "other choice",
}


@dataclass(frozen=True)
class Caption:
    """What the status line says besides what the turn knows itself."""

    chat: str = ""  # the conversation, where it is not the usual one
    number: int | None = None  # the turn's place in it
    note: str = ""  # such as expressions that stayed as typed
    is_compared: bool = False  # whether it says how fast the answer came, and how long it is
    form: str = ""  # how the answer is shown: see `shown.markdown`
    is_named: bool = False  # whether who answered stands above the answer, not in the line
    seconds: bool = False  # whether it says what an ended turn took: a saved one does not, it would differ in each run


@dataclass(frozen=True)
class Notice:
    """How an answer fell short: a sentence, and what can be done. `level` is `error` or `warning`."""

    level: str
    title: str
    hint: str = ""

    @property
    def text(self) -> str:
        """Title and hint in one line."""
        return f"{self.title} {self.hint}".strip()


def status(turn: Turn, caption: Caption) -> dict[str, Any]:
    """What a live view shows of a turn besides its text, in words; the view itself only counts the seconds."""
    fell_short = notice(turn.reply) if turn.done else None
    return {
        "state": turn.state,
        "note": "" if turn.done else turn.note or "",
        "notice": fell_short and asdict(fell_short),
        "who": who(turn.reply) if caption.is_named else "",
        "facts": facts(turn, caption),
        "elapsed_s": None if turn.queued else round(turn.elapsed, 1),
    }


def facts(turn: Turn, caption: Caption) -> str:
    """The status line: what answered, what it took. The same in a live view and in what is saved."""
    reply = turn.reply
    parts = [
        _kept(reply),
        "sandbox" if reply.sandbox else "",
        "" if caption.is_named else who(reply),
        f"{turn.elapsed:.1f} s" if caption.seconds and turn.done else "",
        f"{reply.usage.total_tokens:,} tokens" if reply.usage else "",
        _cost(reply) or ("cost ?" if caption.is_compared and turn.done and not reply.error else ""),
        *(_pace(turn) if caption.is_compared else ()),
        *not_shown(reply),
        " ".join(filter(None, [caption.chat, f"turn {caption.number}" if caption.number else ""])),
        caption.note,
        turn.remark,
    ]
    return " · ".join(part for part in parts if part)


def _kept(reply: Reply) -> str:
    """`kept · 3 Nov` for an answer that was not asked now."""
    if reply.kept is None:
        return ""
    try:
        day = date.fromisoformat(str(reply.kept.get("at")))
    except ValueError:
        return "kept"
    return f"kept · {day.day} {day:%b}"


def _cost(reply: Reply) -> str:
    cost = reply.cost if reply.kept is None else reply.kept.get("cost")
    if cost is None:
        return ""
    had = "would have cost " if reply.sandbox else "had cost " if reply.kept else ""
    return f"{had}{dollars(cost)}"


def _pace(turn: Turn) -> list[str]:
    """How fast the answer came and how long it is; times that are not known, or not those of now, are `?`."""
    reply = turn.reply
    if reply.time_to_first_token is None or reply.kept:
        return [f"{len(reply):,} characters"] if turn.done and reply else []
    speed = tokens_per_s(reply)
    at_end = [f"{'?' if speed is None else f'{speed:,.0f}'} tokens/s", f"{len(reply):,} characters"]
    return [f"first token {reply.time_to_first_token:.2f} s", *(at_end if turn.done else ())]


def who(reply: Reply) -> str:
    """Who answered: the model, its provider where the id does not say it, and which attempt, if not the first."""
    model, provider = reply.model or "", reply.provider or ""
    told = "" if not provider or model.startswith(f"{provider}/") or not model else f" by {provider}"
    attempt = len(reply.attempts)
    return f"{model}{told}" + (f", attempt {attempt}" if attempt > 1 else "")


def summary(turn: Turn, caption: Caption) -> str:
    """A turn in one line, for where only text can be shown."""
    fell_short = notice(turn.reply) if turn.done else None
    how = fell_short.text if fell_short else "" if turn.done else turn.state
    return " · ".join(filter(None, [how, facts(turn, caption)]))


def notice(reply: Reply) -> Notice | None:
    """How the answer in a Reply that has ended fell short; None for a whole one."""
    if reply.error:
        title, *hint = _SENTENCE.split(str(reply.error).strip(), maxsplit=1)
        return Notice("error", title, *hint)
    if not reply.complete:
        return Notice("warning", "Stopped.", "The text so far is kept.")
    if reply.finish_reason == "length":
        return Notice("warning", "Cut at the length limit.", "Continue it, or raise --max-tokens.")
    if reply.finish_reason == "content_filter":
        return Notice("warning", "Ended by the provider's content filter.", "Ask in other words, or another model.")
    if reply.finish_reason not in _PLAIN_ENDINGS:
        return Notice("warning", f"The provider ended it with {reply.finish_reason[:40]!r}.", "It may not be whole.")
    return None


def not_shown(reply: Reply) -> list[str]:
    """What came with the text and is not on the screen, in words: `2 pictures not shown (.parts)`."""
    kinds = Counter(_KINDS.get(str(part.get("type")), "other part") for part in reply.parts)
    found = [f"{_count(number, kind)} not shown (.parts)" for kind, number in kinds.items()]
    if reply.citations:
        found.append(f"{_count(len(set(map(_address, reply.citations))), 'source')} (.citations)")
    if reply.tool_calls:
        found.append(f"{_count(len(reply.tool_calls), 'tool call')} not answered (.tool_calls)")
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _address(citation: Any) -> str:
    """What tells one source from another: the address, wherever it stands."""
    if isinstance(citation, dict):
        inside = next((value for value in citation.values() if isinstance(value, dict) and "url" in value), citation)
        return str(inside.get("url") or citation)
    return str(citation)
