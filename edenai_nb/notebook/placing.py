"""How a value stands in its prompt: in the sentence, or in a fence with its name."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..attachments import fenced, value
from ..data.described import Described
from ..errors import InvalidInput
from ..messages import Part
from .braces import Expression

LONGEST_INLINE = 1_000  # characters of one line
LONGEST_LABEL = 60
# The user has set it apart already: between tags, or as the content of a fence.
_OPEN = re.compile(r"(?:>|^[ \t]*(?:```|~~~)[^\n`]*\n)[ \t]*\Z|>[ \t]*\n[ \t]*\Z", re.MULTILINE)
_CLOSE = re.compile(r"[ \t]*(?:<|\n[ \t]*(?:```|~~~|</))")


Place = Callable[[Described, Expression, str], str]  # what stands for a value, at an expression in a text


def in_option(found: Described, expression: Expression, _: str) -> str:
    """The value as the word of an option. Raises InvalidInput for a picture."""
    if found.parts:
        raise InvalidInput(f"{expression.source} is a picture, which no option takes; nothing was sent.")
    return found.text


class Attaching:
    """For a message in a window: what is long is attached (`parts`), and its expression stands in the sentence."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def __call__(self, found: Described, expression: Expression, text: str) -> str:
        if not (found.parts or _is_long(found)):
            return found.text
        self.parts += [value(expression.source, found.about, found.text, found.language), *found.parts]
        return expression.source


def placed(found: Described, expression: Expression, text: str) -> str:
    """What replaces the expression: a short value, or one that is the whole prompt, as it is; others in a fence."""
    before, behind = text[: expression.start], text[expression.end :]
    is_prompt = found.is_text and not before.strip() and not behind.strip()
    if is_prompt or not _is_long(found):
        return found.text
    if _OPEN.search(before) and _CLOSE.match(behind):
        return f"[{found.about}]\n{found.text}" if found.is_block else found.text
    name = " ".join(expression.source.split())
    label = name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
    about = f" ({found.about})" if found.about else ""
    start = "\n" if before.rpartition("\n")[2].strip() else ""
    end = "" if behind.startswith("\n") or not behind else "\n"
    return f"{start}{label}{about}:\n{fenced(found.text, found.language)}{end}"


def _is_long(found: Described) -> bool:
    return found.is_block or "\n" in found.text.strip("\n") or len(found.text) > LONGEST_INLINE
