"""The question mark at the end of a one-line prompt, which IPython takes for a request for help."""

from __future__ import annotations

import ast
import re

_LINE = re.compile(r"^(?P<before>\s*(?:[^%=?]+=\s*)?)%edenchat[ \t]+(?P<text>\S.*\?)[ \t]*$")


def mend_questions(lines: list[str]) -> list[str]:
    """Write `%edenchat why?` as the call that IPython would make of it without its question mark.

    `%edenchat?` still shows help. The body of a cell magic and the inside of strings are left alone.
    """
    if not any("%edenchat" in line for line in lines) or lines[0].lstrip().startswith("%%") or _is_python(lines):
        return lines
    return [_mend(line) for line in lines]


def _mend(line: str) -> str:
    match = _LINE.match(line)
    if not match:
        return line
    return f"{match['before']}get_ipython().run_line_magic('edenchat', {match['text']!r})\n"


def _is_python(lines: list[str]) -> bool:
    # A magic is no Python: where the cell parses, "%edenchat" stands inside a string.
    try:
        ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return False
    return True
