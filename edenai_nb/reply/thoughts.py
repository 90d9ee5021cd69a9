"""Splits off reasoning that a model writes into its answer as `<think>…</think>`."""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPENING = re.compile(r"\s*<think(?:ing)?\s*>", re.IGNORECASE)
_MARK = re.compile(
    r"^[ \t>]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*)$|(?P<tag><(?P<end>/?)think(?:ing)?\s*>)", re.I | re.M
)
_LINE_IS_OVER = re.compile(r"[ \t]*(?:\r?\n)")
_SENTENCE_ENDS = ".!?…。！？)\"'»”`:"


def split(text: str, *, growing: bool = False) -> tuple[str, str]:
    """(reasoning, answer). Reasoning is a `<think>` block at the beginning, closed or not, and everything before a
    `</think>` without an opening tag: some chat templates put the opening tag into the prompt.

    A tag in code, within a sentence, or opened later in the answer stays text. While the text is `growing`, what may
    become a tag at its end is left out.
    """
    thoughts, at = [], 0
    while opening := _OPENING.match(text, at):
        closing = _end_of_thoughts(text, opening.end())
        inside = text[opening.end() : closing.start() if closing else None]
        if growing and not closing:
            inside = inside[: len(inside) - _half(inside, "</thinking>")]
        thoughts.append(inside.strip())
        at = closing.end() if closing else len(text)
    if not at and (end := _unopened(text)):
        thoughts, at = [text[: end.start()].strip()], end.end()
    answer = text[at:].lstrip() if at else text
    if growing and answer and "<thinking>".startswith(answer[:11].strip().lower()):
        answer = ""
    elif growing and not at and (half := _half(answer, "</thinking>")) > 1:
        answer = answer[:-half]
    return "\n\n".join(filter(None, thoughts)), answer


def is_open(text: str) -> bool:
    """Whether the text is still inside of its first `<think>` block, or may be about to open it."""
    opening = _OPENING.match(text)
    return not _end_of_thoughts(text, opening.end()) if opening else text.strip().lower() in "<thinking>"


def _end_of_thoughts(text: str, at: int) -> re.Match[str] | None:
    """The first closing tag outside of code; if all are in code, a fence was left open and the first one counts."""
    first = None
    for tag, in_code in _tags(text, at):
        if tag["end"]:
            first = first or tag
            if not in_code:
                return tag
    return first


def _unopened(text: str) -> re.Match[str] | None:
    """The closing tag that ends reasoning without an opening tag, if there is one."""
    if "</" not in text:
        return None
    for tag, in_code in _tags(text, 0):
        if not tag["end"]:
            return None
        if not in_code and _stands_alone(text, tag):
            return tag
    return None


def _stands_alone(text: str, tag: re.Match[str]) -> bool:
    """Whether the tag stands at the end of a line or sentence, rather than being mentioned within one."""
    before, after = text[max(0, tag.start() - 100) : tag.start()].rpartition("\n")[2], text[tag.end() : tag.end() + 1]
    if _LINE_IS_OVER.match(text, tag.end()):
        return True
    if before.strip():
        return before[-1] in _SENTENCE_ENDS and bool(after) and not after.isspace()
    return not after.isspace() or not text[: tag.start()].strip()


def _tags(text: str, at: int) -> Iterator[tuple[re.Match[str], bool]]:
    """Each tag from index `at` on, and whether it is in code. Linear in the text."""
    fence, ticks, seen, tick, newline = "", 0, at, -1, -1
    for mark in _MARK.finditer(text, at):
        if mark["fence"]:
            if not fence:
                fence = mark["fence"]
            elif mark["fence"].startswith(fence) and not mark["info"].strip():
                fence = ""
            continue
        line_start = text.rfind("\n", seen, mark.start()) + 1
        ticks = text.count("`", max(line_start, seen), mark.start()) + (0 if line_start else ticks)
        seen = mark.end()
        tick, newline = (_next(text, sign, seen, known) for sign, known in (("`", tick), ("\n", newline)))
        yield mark, bool(fence) or bool(ticks % 2 and tick < newline)


def _next(text: str, sign: str, at: int, known: int) -> int:
    """The index of the next `sign` from `at` on, or the text's length; `known` is the result of the last call."""
    if known >= at:
        return known
    found = text.find(sign, at)
    return found if found >= 0 else len(text)


def _half(text: str, tag: str) -> int:
    """The number of characters at the end of the text that may be the beginning of this tag."""
    tail = text[-len(tag) :].lower()
    return next((size for size in range(len(tag) - 1, 0, -1) if tail.endswith(tag[:size])), 0)
