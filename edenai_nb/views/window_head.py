"""What a chat window says about its conversation as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from IPython.core.getipython import get_ipython

from .. import settings as _settings
from ..chat import files, ledger
from ..chat.conversation import Chat
from ..money import dollars
from ..reply import Reply
from ..settings import Settings


def describe(chat: Chat) -> dict[str, Any]:
    """The settings that can be changed in the window, what the conversation took, and what goes on."""
    options = chat.options
    now = _settings.resolve(api_key="-")  # any key: none is looked for
    return {
        "model": options.get("model") or now.model,
        "system": chat.system or "",
        "temperature": options.get("temperature"),
        "max_tokens": options.get("max_tokens"),
        "fallbacks": ", ".join(options.get("fallbacks") or ()),
        "budget": options.get("budget"),
        "facts": " · ".join(filter(None, [_facts([turn.reply for turn in chat.turns]), _today(now)])),
        "busy": chat.busy,
        "earlier": bool(chat.branches() and not chat.turns),
        "free": _has_subshells(),
        "limit": files.MAX_BYTES,
    }


def _facts(replies: Sequence[Reply]) -> str:
    """What the whole conversation took, in words."""
    tokens = sum(reply.usage.total_tokens for reply in replies if reply.usage)
    cost = sum(reply.cost or 0.0 for reply in replies)
    would = "would have cost " if any(reply.sandbox for reply in replies) else ""
    return f"{tokens:,} tokens · {would}{dollars(cost)}" if tokens else ""


def _today(settings: Settings) -> str:
    """What all kernels of this machine have spent today, in words; "" for nothing."""
    spent = ledger.ledger_of(settings).spent(ledger.day_began()) if settings.ledger else 0.0
    return f"{dollars(spent)} today" if spent else ""


def _has_subshells() -> bool:
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_supports_kernel_subshells", False))
