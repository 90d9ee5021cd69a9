"""A turn as it is saved: a static MIME bundle, the same wherever it is opened."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from .. import attachments
from ..chat.turn import Turn
from ..render import html
from ..render.defang import defang
from ..reply import Reply
from . import shown
from .status import Caption, Notice, facts, notice, who

# Of markdown, and what would end a comment.
_MARKS = re.compile(r"\]\([^)]*\)|^[ \t]*(?:[-+>#]+[ \t]|\|)|[*_`~|$\\\[\]<>]|-{2,}", re.MULTILINE)
_FAINT = '<div class="{}" style="opacity:.75{}"><small style="font-size:13px">{}</small></div>'
_PEEK = 12  # words
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
# Colours that a sanitiser lets through, and behind them JupyterLab's own where it trusts the notebook.
_LOOK = (
    "border-left:4px solid {0};padding:6px 12px;margin:6px 0;font-size:.87em;background:{0}1a;background:var({1},{0}1a)"
)
_LEVELS = {
    "error": _LOOK.format("#d32f2f", "--jp-rendermime-error-background"),
    "warning": _LOOK.format("#e67700", "--edenai-none"),
}


def bundle(turn: Turn, caption: Caption) -> dict[str, str]:
    """The MIME bundle of a turn that has ended. Each of its texts says how the answer fell short."""
    return {**reply_bundle(turn.reply, caption.form), "text/html": turn_html(turn, caption)}


def reply_bundle(reply: Reply, form: str = "") -> dict[str, str]:
    """The MIME bundle of a Reply by itself, without a status line."""
    fell_short, said = notice(reply), shown.markdown(reply, form)
    return {
        "text/html": html.rooted(
            html.to_html(said, reply.reasoning, reply.reasoning_time, durable=True) + notice_html(fell_short)
        ),
        "text/markdown": markdown(reply, form=form),
        "text/plain": "\n\n".join(filter(None, [str(reply), f"[{fell_short.text}]" if fell_short else ""])),
    }


def markdown(reply: Reply, has_ended: bool = True, form: str = "") -> str:
    """Safe markdown of a Reply, with how it fell short in bold at its end."""
    text, fell_short = defang(shown.markdown(reply, form, has_ended)), notice(reply) if has_ended else None
    if fell_short is None:
        return text if reply.complete else _close_fence(text)
    words = f"**{defang(fell_short.title)}** {defang(fell_short.hint)}".strip()
    return f"{_close_fence(text)}\n\n{words}".lstrip()


def turn_html(turn: Turn, caption: Caption) -> str:
    """Who answered, the answer, how it fell short, and the status line, as static HTML."""
    body = html.rooted(body_html(turn, caption.form))
    return f"{_peek(turn.reply)}{name_html(turn, caption)}{body}{line_html(turn, caption)}"


def _peek(reply: Reply) -> str:
    """The first words as a comment: what JupyterLab shows of a collapsed output is the first line of its HTML."""
    words = _MARKS.sub("", str(reply)[:400]).split()[:_PEEK]
    return f"<!-- {' '.join(words)} … -->\n" if words else ""


def body_html(turn: Turn, form: str = "") -> str:
    """The answer and how it fell short, to be put into a root element."""
    said = shown.markdown(turn.reply, form, turn.done)
    answer = html.to_html(said, turn.reply.reasoning, turn.reply.reasoning_time, durable=True)
    return answer + (notice_html(notice(turn.reply)) if turn.done else "")


def name_html(turn: Turn, caption: Caption) -> str:
    """Who answered, where that is to stand above the answer."""
    name = escape(who(turn.reply)) if caption.is_named else ""
    return _FAINT.format("edenai-name", ";margin-bottom:4px", name) if name else ""


def line_html(turn: Turn, caption: Caption) -> str:
    """The status line."""
    words = escape(facts(turn, caption))
    return _FAINT.format("edenai-status", "", words) if words else ""


def notice_html(fell_short: Notice | None) -> str:
    """The box that says it, "" where there is nothing to say."""
    if fell_short is None:
        return ""
    level, title, hint = fell_short.level, escape(fell_short.title), escape(fell_short.hint)
    look = f'class="edenai-notice edenai-is-{level}" style="{_LEVELS[level]}"'
    return f"<div {look}><strong>{title}</strong> {hint}</div>"


def metadata(turn: Turn) -> dict[str, Any]:
    """Output metadata: what answered, what it took, and the digest of the request, which changes with the question."""
    reply = turn.reply
    usage = vars(reply.usage) if reply.usage else None
    known = {
        "model": reply.model,
        "provider": reply.provider,
        "attempts": len(reply.attempts) or None,
        "finish_reason": reply.finish_reason,
        "usage": usage,
        "cost": reply.cost,
        "elapsed": None if reply.kept else round(reply.elapsed, 3),  # the same in each run
        "kept": reply.kept and reply.kept.get("at"),
        "complete": reply.complete,
        "request": turn.digest or None,
        "files": attachments.files_of(turn.prompt) or None,
    }
    return {"edenai_nb": {name: value for name, value in known.items() if value is not None}}


def _close_fence(text: str) -> str:
    """The text with its last code fence closed: a stopped answer must not swallow what follows it."""
    fence = ""
    for line in text.split("\n"):
        if not (match := _FENCE.match(line)):
            continue
        if not fence:
            fence = match[0]
        elif match[1].startswith(fence.strip()) and not line[match.end() :].strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text
