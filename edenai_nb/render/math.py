"""TeX to MathML."""

from __future__ import annotations

import threading

from math_core import LatexError, LatexToMathML

MAX_TEX = 4000  # characters: deep nesting in longer ones could exhaust the converter's stack
_MAX_BRACES = 200


class _Converter(threading.local):
    """One converter a thread: it is locked while it works."""

    def __init__(self) -> None:
        self.latex = LatexToMathML(fancy_error=False)


_converter = _Converter()


def to_mathml(tex: str, display: bool) -> str:
    """MathML (not sanitised), or "" where the TeX cannot be converted."""
    if len(tex) > MAX_TEX or tex.count("{") > _MAX_BRACES:
        return ""
    try:
        return _converter.latex.convert_with_local_state(tex, displaystyle=display)
    except (LatexError, ValueError):
        return ""
