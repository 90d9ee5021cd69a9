"""Finds where TeX formulas in markdown begin and end."""

from __future__ import annotations

import re
from bisect import bisect_left

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from .close_open import GROWING, MAX_HIDDEN
from .source import Braces, is_indented_code, last_place, line_of, scratch

ENVIRONMENT = re.compile(
    r"\\begin\{((?:align(?:ed|at)?|equation|gather(?:ed)?|multline|eqnarray|cases|split|[pbBvV]?matrix|array)\*?)\}"
)
_AMOUNT = re.compile(r"\d[^\\^_={}+<>*/]*")
_WORDS = re.compile(r"[\s\u0590-\u1dff\u2e80-\ud7ff]")  # spaces, and scripts in which no formula is written
_DOLLAR_CLOSER = re.compile(r"(?<!\s)(?<!(?<!\\)\\)\$(?![${\d])(?!(?!(?:th|st|nd|rd|s)(?![a-z]))[A-Za-z_])")
_VARIABLE = re.compile(r"\{\w+\}(?![$^_])")  # in a shell script or a template
_REMARK = re.compile(r"\\\[(?:\d+|[^\W\d_]{2,})(?:[ ,.;:&–-]+\w+)*\\\]")  # escaped brackets around words
_MAX_INLINE_TEX = 2000


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`$$ … $$`, `\\[ … \\]`, `\\begin{align} … \\end{align}`, each beginning on a line of its own."""
    first = line_of(state, start)
    if first[:1] not in ("$", "\\") or is_indented_code(state, start):
        return False
    opener, closer = _math_marks(first)
    if not opener:
        return False
    last = _closing_line(state, start, end, first[len(opener) :], closer)
    if last is None:
        return False
    if silent:
        return True
    open_end = last == end
    source = state.getLines(start, end if open_end else last + 1, state.blkIndent, False).strip()
    wrapped = not opener.startswith("\\begin")
    tex = source[len(opener) : len(source) if open_end else source.rindex(closer)].strip() if wrapped else source
    state.line = end if open_end else last + 1
    state.push("paragraph_open", "p", 1).map = [start, state.line]
    if not open_end:
        token = state.push("math", "", 0)
        token.content, token.info = tex, "display"
    elif len(tex) > MAX_HIDDEN:
        state.push("code_inline", "code", 0).content = tex
    state.push("paragraph_close", "p", -1)
    return True


def _math_marks(line: str) -> tuple[str, str]:
    if line.startswith("$$"):
        return "$$", "$$"
    if line.startswith("\\["):
        return "\\[", "\\]"
    begin = ENVIRONMENT.match(line)
    return (begin[0], f"\\end{{{begin[1]}}}") if begin else ("", "")


def _closing_line(state: StateBlock, start: int, end: int, rest: str, closer: str) -> int | None:
    """The first line that ends with `closer`; `end` or more if further text may bring it; None if there is none.

    A blank line ends the search, as in TeX. A failed search is cached, so that all searches together are linear.
    """
    if closer in rest:
        return start if rest.rstrip().endswith(closer) and rest.count(closer) == 1 else None
    dead = scratch(state, "math_without_end", dict[str, int])
    if start < dead.get(closer, 0):
        return None
    for number in range(start + 1, end):
        if state.sCount[number] < state.blkIndent or state.isEmpty(number):
            dead[closer] = number
            return None
        line = line_of(state, number)
        if closer in line:
            return number if line.rstrip().endswith(closer) else None
    dead[closer] = end
    return end if state.env.get(GROWING) and end == state.lineMax else None


def math_inline(state: StateInline, silent: bool) -> bool:
    r"""`$…$`, `$$…$$`, `\(…\)`, `\[…\]` inside a paragraph."""
    pair = state.src[state.pos : state.pos + 2]
    if pair[:1] == "$" and pair != "$$":
        end, width = _dollar_end(state), 1
    elif pair in ("$$", "\\(", "\\["):
        end, width = _pair_end(state, {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}[pair]), 2
    else:
        return False
    tex = state.src[state.pos + width : end]
    if end < 0 or not tex.strip():
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content, token.info = tex.strip(), "display" if pair in ("$$", "\\[") else ""
    state.pos = end + width
    return True


def _pair_end(state: StateInline, closer: str) -> int:
    if last_place(state, closer) <= state.pos + 1:
        return -1
    end = state.src.find(closer, state.pos + 2, state.posMax)
    link_text = closer == "\\]" and state.src.startswith(("(", "[", ":", "\\("), end + 2)
    return -1 if link_text or _REMARK.match(state.src, state.pos) or state.src.endswith("\\]", 0, state.pos) else end


def _dollar_end(state: StateInline) -> int:
    """Where the formula that begins here ends; -1 if this is an amount of money or has no end.

    After an ASCII letter it is money (US$5); not after other letters, as many scripts are written without spaces.
    """
    start, before = state.pos + 1, state.src[max(state.pos - 1, 0) : state.pos]
    if state.src[start : start + 1].isspace() or (before.isascii() and before.isalnum()):
        return -1
    if _VARIABLE.match(state.src, start):
        return -1
    closers = _closers(state, start)
    at = bisect_left(closers, start + 1)
    if at == len(closers) or closers[at] >= min(state.posMax, start + _MAX_INLINE_TEX):
        return -1
    tex = state.src[start : closers[at]]
    is_amount = _AMOUNT.fullmatch(tex) and _WORDS.search(tex)
    return -1 if "`" in tex or is_amount else closers[at]


def _closers(state: StateInline, start: int) -> list[int]:
    r"""The dollars that may end a formula: at its start's depth of braces, since `\text{if $x$}` holds others."""
    braces, by_depth = scratch(state, "dollar_closers", lambda: _closers_by_depth(state.src))
    return by_depth.get(braces.depth(start), [])


def _closers_by_depth(text: str) -> tuple[Braces, dict[int, list[int]]]:
    braces, by_depth = Braces(text), dict[int, list[int]]()
    for found in _DOLLAR_CLOSER.finditer(text):
        by_depth.setdefault(braces.depth(found.start()), []).append(found.start())
    return braces, by_depth
