"""The `{{expressions}}` in a text: where they stand, and what they say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter

from ..data.described import is_level

LONGEST_EXPRESSION = 500  # characters

_CONVERSION = re.compile(r"!(?P<conversion>[rsa])(?::(?P<spec>.*))?\Z", re.DOTALL)
# Python's own format specifications, dates included. `{{ color: red }}` of JSX is none: it has a space there.
_SPEC = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?0?\d*[,_]?(?:\.\d+)?[bcdeEfFgGnosxX%]?|[^\s{}].*%[a-zA-Z].*|%[a-zA-Z].*")


@dataclass(frozen=True)
class Expression:
    """One `{{source!conversion:spec}}`, as in an f-string, and where it stands in its text."""

    start: int
    end: int
    source: str
    conversion: str = ""
    spec: str = ""

    @property
    def tree(self) -> ast.expr:
        """The parsed expression. SyntaxError if it is none."""
        return ast.parse(self.source, mode="eval").body

    @property
    def code(self) -> list[ast.Module]:
        """All that is evaluated: the expression, and those inside its format, as in `{{price:.{digits}f}}`."""
        return [ast.parse(source) for source in (self.source, *_fields(self.spec))]

    @property
    def name(self) -> str:
        """The variable, in the form in which Python looks it up, if the expression is nothing else; or ""."""
        return self.tree.id if isinstance(self.tree, ast.Name) else ""

    @property
    def is_number(self) -> bool:
        """True for `1`, `-2`, `1/2`, `...`: nothing that anybody needs to have filled in."""
        parts = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator)
        return all(
            isinstance(node, parts) and not isinstance(getattr(node, "value", None), str)
            for node in ast.walk(self.tree)
        )


def find(text: str) -> Iterator[Expression]:
    """Every `{{…}}` that holds a Python expression; braces of JSON, LaTeX and templates hold none."""
    position = text.find("{{")
    while position != -1:
        expression = _at(text, position)
        if expression is None:
            # Past the whole run of braces: the inner part of {{{x}}} is no expression of its own.
            position = text.find("{{", _past_braces(text, position))
        else:
            yield expression
            position = text.find("{{", expression.end)


def _at(text: str, position: int) -> Expression | None:
    """The expression whose braces open here: up to the first `}}` that makes it valid."""
    start = position + 2
    limit = start + LONGEST_EXPRESSION
    close = text.find("}}", start, limit)
    while close != -1:
        if parts := _parts(text[start:close]):
            return Expression(position, close + 2, *parts)
        close = text.find("}}", close + 1, limit)
    return None


def _parts(inside: str) -> tuple[str, str, str] | None:
    """(source, conversion, spec) of what stands between the braces."""
    source = inside.strip()
    if _is_expression(source):
        return source, "", ""
    for place in (match.start() for match in re.finditer("[!:]", inside)):
        source, rest = inside[:place].strip(), inside[place:].rstrip(" ")
        match = _CONVERSION.match(rest)
        conversion, spec = (match["conversion"], match["spec"] or "") if match else ("", rest[1:])
        if (match or rest[0] == ":") and _is_spec(spec, optional=bool(match)) and _is_expression(source):
            return source, conversion, spec
    return None


def _is_spec(spec: str, *, optional: bool) -> bool:
    if not spec:
        return optional
    if is_level(spec):
        return True
    try:
        fields = list(_fields(spec))
        plain = "".join(text + ("1" if field is not None else "") for text, field, _, _ in Formatter().parse(spec))
    except ValueError:  # unbalanced braces
        return False
    return all(map(_is_expression, fields)) and not spec[0].isspace() and bool(_SPEC.fullmatch(plain))


def _fields(spec: str) -> Iterator[str]:
    return (field for _, field, _, _ in Formatter().parse(spec) if field is not None)


def _is_expression(source: str) -> bool:
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    # {{1, 2}} is a matrix and {{{x}}} an f-string's brace, far more often than they are meant as Python.
    return not isinstance(tree.body, (ast.Tuple, ast.Set, ast.Starred))


def _past_braces(text: str, position: int) -> int:
    while text.startswith("{", position):
        position += 1
    return position
