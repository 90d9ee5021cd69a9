"""`<details>` and `<think>` as folding blocks with markdown inside."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from .close_open import GROWING
from .source import is_indented_code, line_of, scratch

MAX_FOLDED = 4  # levels
_FOLDED = re.compile(r"<(details|think|thinking)(?:\s+open(?:=(?:\"\"|''|\"open\"))?)?\s*>", re.IGNORECASE)
_END_OF_THINKING = re.compile(r"</think(?:ing)?\s*>\s*", re.IGNORECASE)
_SUMMARY = re.compile(r"\s*<summary>(.*?)(?:</summary>|\n\n|\Z)", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")


def folded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: `<details>` and `<think>` are containers whose inside is markdown."""
    opening = _FOLDED.match(line_of(state, start))
    if not opening or is_indented_code(state, start) or state.env.get("outer_level", 0) >= MAX_FOLDED:
        return False
    tag = opening[1].lower()
    last, closed = _closing_tag_line(state, start, end, tag)
    if not closed and tag != "details" and not state.env.get(GROWING):
        return False
    if silent:
        return True
    source = state.getLines(start, last, state.blkIndent, False)
    inside, rest = source[opening.end() + source.index("<") :], ""
    if closed:
        cut = inside.lower().rindex(f"</{tag}")
        inside, rest = inside[:cut], inside[inside.index(">", cut) + 1 :]
    state.line = last
    details = _push_folded(state, tag, inside, [start, last])
    details.meta["begins"] += len(source) - len(inside) - len(rest)
    details.meta["closed"] = closed
    _parse_inside(state, rest, last - 1)
    return True


def end_of_thinking(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: hides a `</think>` on a line of its own that has no opening tag."""
    if is_indented_code(state, start) or not _END_OF_THINKING.fullmatch(line_of(state, start)):
        return False
    if not silent:
        state.line = start + 1
    return True


def is_closed(inside: str, tag: str) -> bool:
    """Whether `inside` may hold the closing tag; one in a fence counts here, too."""
    inside = inside.lower()
    return inside.count(f"</{tag}") > inside.count(f"<{tag}")


def _closing_tag_line(state: StateBlock, start: int, end: int, tag: str) -> tuple[int, bool]:
    """(line after the closing tag's, whether there is a closing tag). Tags in fences do not count."""
    tags = re.compile(rf"<(/?){tag}\b[^>]*>", re.IGNORECASE)
    dead = scratch(state, "folded_without_end", dict[tuple[str, int], int])
    if tag != "details" and start >= dead.get((tag, end), end):
        return start, False
    depth, fence = 0, ""
    for number in range(start, end):
        if number > start and state.sCount[number] < state.blkIndent and not state.isEmpty(number):
            return number, False
        line = line_of(state, number)
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[0]
        elif mark and line.startswith(fence) and not line.strip(fence[0]).strip():
            fence = ""
        elif not fence:
            depth += sum(-1 if found[1] else 1 for found in tags.finditer(line))
            if depth <= 0:
                return number + 1, True
    dead[tag, end] = start
    return end, False


def _push_folded(state: StateBlock, tag: str, inside: str, lines: list[int]) -> Token:
    """Push the opening token; its `meta` says where the content begins, after the summary."""
    opening = state.push("details_open", "details", 1)
    opening.map, opening.info = lines, tag
    summary = _SUMMARY.match(inside) if tag == "details" else None
    title = summary[1].strip() if summary else "Details" if tag == "details" else "Thinking"
    if tag != "details":
        opening.attrSet("class", "edenai-thinking")
    if summary or tag != "details":
        state.push("summary_open", "summary", 1)
        text = state.push("inline", "", 0)
        text.content, text.map, text.children = title, lines, []
        state.push("summary_close", "summary", -1)
    opening.meta["begins"] = summary.end() if summary else 0
    _parse_inside(state, inside[opening.meta["begins"] :], lines[0])
    state.push("details_close", "details", -1)
    return opening


def _parse_inside(state: StateBlock, source: str, line: int) -> None:
    if not source.strip():
        return
    before, first = state.env.get("outer_level", 0), len(state.tokens)
    state.env["outer_level"] = before + state.level + 1
    state.md.block.parse(source, state.md, state.env, state.tokens)
    state.env["outer_level"] = before
    for token in state.tokens[first:]:
        token.level += state.level
        token.map = token.map and [line, state.line]
