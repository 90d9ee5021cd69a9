"""Renders only the end of one long growing block anew: a list, a table, a fence or a paragraph.

The source is cut. The HTML before the cut is kept, and the source before it is replaced by a few lines of context
that open the same containers, so that the parser sees what follows as in the whole text. Where that is not possible,
`show` returns None and the block is rendered whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markdown_it.token import Token

from . import pipeline
from .close_open import GROWING
from .code import GrowingCode
from .sanitizer import CUT, FROM, clean
from .token_paths import (
    LONG,
    context_of,
    first_line,
    is_loose,
    is_one_block,
    last_path,
    offset,
    set_loose,
    settled_lines,
    top_level,
)

HUGE = 10_000  # characters; a longer block is not rendered whole within a frame when it ends

_MARK = "\ufdd1"  # a noncharacter; gfm.clean_characters removes it from texts
_CUT_ATTRIBUTES = re.compile(f' (?:{CUT}|{FROM})="{_MARK}"')
_GAP = re.compile(r"(?<=[\w.,;:!?)])(?=[ \n]\S)")
_UNSETTLED = re.compile(r"[*_~`\[\]<$\\!]")


class GrowingBlock:
    """A long block at the end of the text."""

    def show(self, source: str) -> str | None:
        """Its HTML, now that it has grown to this source; None if it has to be rendered whole."""
        raise NotImplementedError

    def ended(self, source: str) -> int:
        """Where in `source` the next block begins; 0 if none does, as far as can be told."""
        return 0

    @staticmethod
    def begin(source: str, outer_level: int = 0) -> GrowingBlock | None:
        """A GrowingBlock for the block in `source`, if possible; `outer_level`: the number of blocks around it."""
        tokens = _parse(source, outer_level)
        if not is_one_block(tokens):
            return None
        path = last_path(tokens, settled_lines(source))
        if path[-1].type == "fence" and len(path[-1].content) > LONG // 2:
            return _Fence(source, tokens, path, outer_level)
        if path[-1].type == "inline" and _is_long_text(tokens):
            return _Text.start(source, tokens, path[:-1], outer_level)
        return _ListOrTable.start(source, tokens, outer_level)


class _CutBlock(GrowingBlock):
    """A block whose HTML before a cut is kept."""

    outer_level: int
    context: str  # lines in place of the source before the cut
    cut: int
    stand_in = ""  # text in place of what precedes the cut on its line

    def ended(self, source: str) -> int:
        before = self.context + self.stand_in
        whole = before + source[self.cut :]
        tokens = _parse(whole, self.outer_level)
        lines = [first_line(block[0]) for block in top_level(tokens)]
        return max(0, self.cut + offset(whole, lines[1]) - len(before)) if len(lines) > 1 else 0


class _Text(_CutBlock):
    """Cuts the last paragraph or heading, at any depth, before a space or line end where no inline mark is open."""

    def __init__(self, context: str, cut: int, tokens: list[Token], outer_level: int) -> None:
        self.context, self.cut, self.outer_level = context, cut, outer_level
        self.stand_in = "x "
        self.shape = _shape(_parse(f"{context}x", outer_level))
        tokens[_last_text(tokens)].children = [Token("text", "", 0, content=_MARK)]
        self.head, _, self.foot = pipeline.render_tokens(tokens)[0].partition(_MARK)

    @classmethod
    def start(cls, source: str, tokens: list[Token], path: list[Token], outer_level: int) -> _Text | None:
        lines, first = source.split("\n"), first_line(path[-1])
        above = context_of(lines, [token for token in path[:-1] if first_line(token) < first])
        beginning = tokens[_last_text(tokens)].content[:20].partition("\n")[0]
        for found in re.finditer(re.escape(beginning), lines[first][:100]):
            context = above + lines[first][: found.start()]
            opened = last_path(_parse(f"{context}x", outer_level), context.count("\n") + 1)
            if [token.type for token in opened[:-1]] == [token.type for token in path]:
                return cls(context, sum(len(line) + 1 for line in lines[:first]) + found.start(), tokens, outer_level)
        return None

    def show(self, source: str) -> str | None:
        while len(source) - self.cut > LONG:
            piece = self._settled(source[self.cut :])
            inside = self._render(piece, growing=False) if piece else None
            if inside is None:
                break
            self.head += inside
            self.cut += len(piece)
            self.stand_in = "x"
        end = self._render(source[self.cut :], growing=True)
        return None if end is None else f"{self.head}{end}{self.foot}"

    def _settled(self, rest: str) -> str:
        """The longest of a few prefixes without open marks; if the rest gets too long, also one with open marks."""
        gaps = [found.end() for found in _GAP.finditer(rest[: max(LONG, len(rest) - 200)])]
        for gap in gaps[:: -(len(gaps) // 3 + 1)]:
            if self._is_settled(rest[:gap]):
                return rest[:gap]
        return rest[: gaps[-1] if gaps else len(rest) - 200] if len(rest) > 3 * LONG else ""

    def _is_settled(self, piece: str) -> bool:
        tokens = self._parse(piece, growing=False)
        text = tokens and tokens[_last_text(tokens)].children
        return not any(child.type == "text" and _UNSETTLED.search(child.content) for child in text or [])

    def _render(self, piece: str, growing: bool) -> str | None:
        tokens = self._parse(piece, growing)
        text = tokens and tokens[_last_text(tokens)].children
        if not text:
            return None
        text[0].content = _MARK + text[0].content[len(self.stand_in) :]
        text.append(Token("text", "", 0, content=_MARK))
        return pipeline.render_tokens(tokens)[0].split(_MARK)[1]

    def _parse(self, piece: str, growing: bool) -> list[Token]:
        """Tokens of the containers around `piece`; [] if it is no longer plain text in the same containers."""
        tokens = _parse(f"{self.context}{self.stand_in}{piece}", self.outer_level, growing)
        return tokens if _shape(tokens) == self.shape else []


def _is_long_text(tokens: list[Token], length: int = LONG) -> bool:
    return len(tokens[_last_text(tokens)].content) > length


def _last_text(tokens: list[Token]) -> int:
    return max((n for n, token in enumerate(tokens) if token.type == "inline"), default=-1)


def _shape(tokens: list[Token]) -> list[tuple[str, str, bool]]:
    return [(token.type, token.tag, token.hidden) for token in tokens]


class _Fence(_CutBlock):
    """Cuts at every whole line."""

    def __init__(self, source: str, tokens: list[Token], path: list[Token], outer_level: int) -> None:
        self.outer_level = outer_level
        fence = path[-1]
        first = first_line(fence)
        lines = source.split("\n")
        self.context = context_of(lines, path[:-1]) + lines[first] + "\n"
        self.cut = sum(len(line) + 1 for line in lines[: first + 1])
        self.code = GrowingCode(pipeline.language_of(f"language-{fence.info.strip()}"))
        fence.content = _MARK
        self.head, _, self.foot = pipeline.render_tokens(tokens)[0].partition(_MARK)

    def show(self, source: str) -> str | None:
        rest = source[self.cut :]
        tokens = _parse(self.context + rest, self.outer_level)
        fence = last_path(tokens, self.context.count("\n"))[-1] if is_one_block(tokens) else None
        if fence is None or fence.type != "fence":
            return None
        is_closed = _is_closed(fence)
        if is_closed and len(source) < HUGE:  # rendered whole, the colours are right
            return None
        end = source.rfind("\n") + 1
        whole = fence.content
        if end > self.cut and not is_closed:
            lines = whole.splitlines(keepends=True)[: source.count("\n", self.cut, end)]
            self.head += clean(self.code.lines("".join(lines)))
            whole = whole[sum(map(len, lines)) :]
            self.cut = end
        rest = whole if is_closed else whole.rstrip("\n")
        return self.head + clean(self.code.unfinished(rest)) + self.foot


def _is_closed(fence: Token) -> bool:
    first, end = fence.map or (0, 0)
    lines = fence.content.count("\n") + (fence.content[-1:] not in ("", "\n"))
    return lines < end - first - 1


@dataclass
class _ListOrTable(_CutBlock):
    """Cuts before the last item of a list, at any depth, or the last row of a table."""

    context: str
    cut: int
    head: str
    level: int
    kind: str
    outer_level: int
    loose: list[bool] = field(default_factory=list)

    @classmethod
    def start(cls, source: str, tokens: list[Token], outer_level: int) -> _ListOrTable | None:
        block = cls("", 0, "", -1, "", outer_level)
        return block if block._render(source, tokens) is not None and block.kind else None

    def show(self, source: str) -> str | None:
        whole = self.context + source[self.cut :]
        tokens = _parse(whole, self.outer_level)
        fits = is_one_block(tokens) and not _is_long_text(tokens, 4 * LONG)
        return self._render(whole, tokens) if fits else None

    def _render(self, source: str, tokens: list[Token]) -> str | None:
        lines = source.split("\n")
        start = self._first(tokens)
        if self.kind and (start is None or not self._keep_looseness(tokens)):
            return None
        path = last_path(tokens, settled_lines(source))
        cut = _best_cut(path, lines)
        if start:
            start.attrSet(FROM, _MARK)
        if start and first_line(path[cut]) <= first_line(start):
            cut = 0
        if cut:
            path[cut].attrSet(CUT, _MARK)
        shown = pipeline.render_tokens(tokens)[0]
        if start:
            begin = _element(shown, FROM)
            if begin < 0:  # nested too deep to be an element
                return None
            shown = self.head + shown[begin:]
        if cut and _element(shown, CUT) >= 0:
            self._move(source, lines, path, cut, tokens, shown)
        return _CUT_ATTRIBUTES.sub("", shown)

    def _first(self, tokens: list[Token]) -> Token | None:
        """The first element after the context; None if the context opened other containers, or if there is none yet."""
        line = self.context.count("\n")
        same = (token for token in tokens if token.type == self.kind and token.level == self.level and token.map)
        return next((token for token in same if first_line(token) == line), None)

    def _move(
        self, source: str, lines: list[str], path: list[Token], cut: int, tokens: list[Token], shown: str
    ) -> None:
        first = first_line(path[cut])
        self.head = _CUT_ATTRIBUTES.sub("", shown[: _element(shown, CUT)])
        self.cut += sum(len(line) + 1 for line in lines[:first]) - len(self.context)
        self.context = context_of(lines, path[:cut])
        self.kind, self.level = path[cut].type, path[cut].level
        lists = [token for token in path[:cut] if token.type in ("bullet_list_open", "ordered_list_open")]
        self.loose = [is_loose(tokens, opening) for opening in lists]

    def _keep_looseness(self, tokens: list[Token]) -> bool:
        """Give lists that began before the cut their looseness from there; False if one becomes loose now."""
        lists = [t for t in tokens if t.type in ("bullet_list_open", "ordered_list_open") and t.level < self.level]
        for depth, (opening, loose) in enumerate(zip(lists, self.loose, strict=False)):
            own = depth == len(self.loose) - 1 and self.kind == "list_item_open"
            if own and not loose and is_loose(tokens, opening):
                return False
            set_loose(tokens, opening, loose)
        return True


def _parse(source: str, outer_level: int, growing: bool = True) -> list[Token]:
    return pipeline.parse(source, {GROWING: growing, "outer_level": outer_level})


def _best_cut(path: list[Token], lines: list[str]) -> int:
    """The index in the path of the outermost item, row or inner block after which little is left; 0 for none."""
    containers = ("blockquote_open", "list_item_open")
    cuts = [
        n
        for n, token in enumerate(path)
        if token.type in ("list_item_open", "tr_open") or (n and path[n - 1].type in containers and token.nesting == 1)
    ]
    for n in cuts:
        if sum(len(line) for line in lines[first_line(path[n]) :]) <= LONG:
            return n
    return cuts[-1] if cuts else 0


def _element(shown: str, attribute: str) -> int:
    """Where the element with `attribute` begins, or -1."""
    return shown.rfind("<", 0, max(shown.find(f' {attribute}="{_MARK}"'), 0))
