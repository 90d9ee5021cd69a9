"""How a value stands in its prompt: in the sentence, or in a fence with its name."""

from __future__ import annotations

import re

from ..attachments import fenced
from ..data.described import Described
from .braces import Expression

LONGEST_INLINE = 1_000  # characters of one line
LONGEST_LABEL = 60
# The user has set it apart already: between tags, or as the content of a fence.
_OPEN = re.compile(r"(?:>|^[ \t]*(?:```|~~~)[^\n`]*\n)[ \t]*\Z|>[ \t]*\n[ \t]*\Z", re.MULTILINE)
_CLOSE = re.compile(r"[ \t]*(?:<|\n[ \t]*(?:```|~~~|</))")


def placed(found: Described, expression: Expression, text: str) -> str:
    """What replaces the expression: a short value, or one that is the whole prompt, as it is; others in a fence."""
    before, behind = text[: expression.start], text[expression.end :]
    is_prompt = found.is_text and not before.strip() and not behind.strip()
    is_long = found.is_block or "\n" in found.text.strip("\n") or len(found.text) > LONGEST_INLINE
    if is_prompt or not is_long:
        return found.text
    if _OPEN.search(before) and _CLOSE.match(behind):
        return f"[{found.about}]\n{found.text}" if found.is_block else found.text
    name = " ".join(expression.source.split())
    label = name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
    about = f" ({found.about})" if found.about else ""
    start = "\n" if before.rpartition("\n")[2].strip() else ""
    end = "" if behind.startswith("\n") or not behind else "\n"
    return f"{start}{label}{about}:\n{fenced(found.text, found.language)}{end}"
