"""Highlights source code as HTML with Pygments' classes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

from pygments.lexer import ExtendedRegexLexer, Lexer, LexerContext, RegexLexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

MAX_CODE = 300_000  # characters; longer code, or code with a line longer than the next limit, is not highlighted
MAX_LINE = 2_000

Tokens = Iterable[tuple[int, _TokenType, str]]


def highlight(source: str, language: str) -> str:
    """Escaped HTML of `source`, highlighted if the language is known. Whitespace is kept."""
    lexer = _lexer(language)
    if lexer is None or len(source) > MAX_CODE or any(len(line) > MAX_LINE for line in source.split("\n")):
        return escape(source, quote=False)
    try:
        return _spans(lexer.get_tokens_unprocessed(source))
    except Exception:  # a fault in the lexer, such as RecursionError: show the code without colours
        return escape(source, quote=False)


class GrowingCode:
    """Highlights code that grows at its end; each whole line is highlighted once.

    The lexer's state is carried from line to line, so a token that one pattern matches across lines can come out
    differently than from `highlight`; the whole render at the end corrects it.
    """

    def __init__(self, language: str) -> None:
        lexer = _lexer(language)
        self.language = language
        self._lexer = lexer if isinstance(lexer, RegexLexer) else None
        self._stack: list[str] = ["root"]

    def lines(self, source: str) -> str:
        """HTML of `source`, the whole lines that follow those of the last call."""
        html, self._stack = self._lex(source)
        return html

    def unfinished(self, source: str) -> str:
        """HTML of the incomplete next line; does not advance the lexer's state."""
        return self._lex(source)[0]

    def _lex(self, source: str) -> tuple[str, list[str]]:
        if self._lexer is None:
            return escape(source, quote=False), self._stack
        html, stack = [], list(self._stack)
        for line in source.splitlines(keepends=True):
            if len(line) > MAX_LINE:
                html.append(escape(line, quote=False))
                continue
            context = LexerContext(line, 0, list(stack))
            try:
                # RegexLexer hides its stack of states; ExtendedRegexLexer's loop runs the same rules and exposes it.
                html.append(_spans(ExtendedRegexLexer.get_tokens_unprocessed(self._lexer, context=context)))  # type: ignore[arg-type]
                stack = list(context.stack)
            except Exception:  # a rule of this lexer cannot run in the extended loop
                html.append(escape(line, quote=False))
        return "".join(html), stack


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language) if language else None
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)
def _css_class(kind: Any) -> str:
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    name = STANDARD_TYPES[kind]
    return "" if name in ("w", "err", "x") else name


def _spans(tokens: Tokens) -> str:
    """HTML whose spans end with their line, so that lines highlighted one by one equal the whole."""
    parts: list[str] = []
    open_class, text = "", ""
    for _, kind, value in tokens:
        css = _css_class(kind)
        for line in value.splitlines(keepends=True) if "\n" in value else (value,):
            if css != open_class and not (line.isspace() and open_class):
                parts.append(_span(open_class, text))
                open_class, text = css, line
            else:
                text += line
            if line.endswith("\n"):
                parts.append(_span(open_class, text))
                open_class, text = "", ""
    parts.append(_span(open_class, text))
    return "".join(parts)


def _span(css: str, text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    bare = text.rstrip("\n")
    return f'<span class="{css}">{bare}</span>{text[len(bare) :]}' if css and bare else text
