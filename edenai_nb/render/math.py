"""Converts TeX to MathML, and checks what TeX may be left to MathJax."""

from __future__ import annotations

import re
import threading
from functools import lru_cache

from math_core import LatexError, LatexToMathML

MAX_TEX = 4000  # characters: deep nesting in longer ones could exhaust the converter's stack
_MAX_BRACES = 200


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Commands that MathJax (all packages, as in JupyterLab) knows beyond math-core and that are safe. Never: links,
# classes, styles, ids, raw MathML, extensions, tooltips, and definitions, which would apply to the whole page.
_MATHJAX = _words("""
    Aboxed MoveEqLeft above abovewithdelims adjustlimits arrowvert atopwithdelims buildrel cancelto ce celsius centernot
    cr displaylines dotsb dotsc dotsi dotsm dotso enclose eqalign framebox hfil hfill intop ketbra lcfrac llap lower
    mathclap mathllap mathmbox mathnormal mathrlap mbox micro mit moveleft moveright nuparrow ohm oldstyle ordinarycolon
    overwithdelims perthousand pmb pu raise rlap root rule scr shortvdotswithin skew smash splitdfrac splitfrac strut
    substack symbfit symup textnormal textup texteuro upalpha uppi Upgamma varinjlim varliminf varlimsup varprojlim
    vcenter vdotswithin widetilde tiny scriptsize small normalsize large Large LARGE huge Huge
""")
_ENVIRONMENTS = _words("""
    CD alignat alignat* alignedat crampedsubarray eqnarray eqnarray* flalign flalign* lgathered multlined rgathered
    smallmatrix psmallmatrix bsmallmatrix Bsmallmatrix vsmallmatrix Vsmallmatrix pmatrix* bmatrix* split spreadlines
    xalignat xxalignat
""")
_DEFINING = _words("def gdef let global newcommand renewcommand providecommand begingroup")
_NAME = re.compile(r"\\(?:([A-Za-z]+)|.)", re.DOTALL)
_BEGIN = re.compile(r"\\begin\s*\{([^{}]*)\}")
_ENDS = re.compile(r"\\(begin|end)\s*\{([^{}]*)\}|\\(left|right)(?![A-Za-z])|\\.|([{}])", re.DOTALL)
_CLOSES = {"begin": "end", "left": "right", "{": "}"}
_LABEL = re.compile(r"\\label\s*\{[^{}]*\}")
_BEYOND = re.compile(r"\\tag(?![A-Za-z])|(?<!\\)\$|\\\(")  # equation numbers, and formulas within a formula's text


class _Converter(threading.local):
    """One converter per thread: it is locked while it works."""

    def __init__(self) -> None:
        self.latex = LatexToMathML(fancy_error=False)


_converter = _Converter()


def to_mathml(tex: str, display: bool) -> str:
    """MathML (not sanitised), or "" if the TeX cannot be converted."""
    if len(tex) > MAX_TEX or tex.count("{") > _MAX_BRACES or not _DEFINING.isdisjoint(_names(tex)):
        return ""
    return _convert(_LABEL.sub("", tex), display)[0]


def for_mathjax(tex: str, display: bool) -> str:
    """The TeX for MathJax, or "" if it is invalid or uses a command that is not known to be safe.

    Labels are removed: they must be unique in the whole page, so a formula that is shown twice would fail.
    """
    return _LABEL.sub("", tex).strip() if to_mathml(tex, display) or _only_mathjax_can(tex) else ""


def _only_mathjax_can(tex: str) -> bool:
    names, environments = _names(tex), _BEGIN.findall(tex)
    beyond = not (_MATHJAX.isdisjoint(names) and _ENVIRONMENTS.isdisjoint(environments) and not _BEYOND.search(tex))
    safe = all(name in _MATHJAX or (name not in _DEFINING and _is_known(name)) for name in names)
    return (
        (beyond and safe and len(tex) <= MAX_TEX)
        and all(name in _ENVIRONMENTS or _is_known(f"begin{{{name}}}") for name in environments)
        and _is_balanced(tex)
    )


def _names(tex: str) -> set[str]:
    return {name for name in _NAME.findall(tex) if name}


@lru_cache(maxsize=1000)
def _is_known(name: str) -> bool:
    """Whether the converter knows this command or environment."""
    return not _convert(f"\\{name}", True)[1].partition(" ")[2].startswith("Unknown")


def _is_balanced(tex: str) -> bool:
    """Whether braces, environments and `\\left` … `\\right` are properly nested."""
    path: list[str] = []
    for kind, name, side, brace in _ENDS.findall(tex):
        mark = kind or side or brace
        if mark in _CLOSES:
            path.append(f"{_CLOSES[mark]}{name}")
        elif mark and (not path or path.pop() != f"{mark}{name}"):
            return False
    return not path


def _convert(tex: str, display: bool) -> tuple[str, str]:
    """(MathML, "") or ("", what is wrong)."""
    try:
        return _converter.latex.convert_with_local_state(tex, displaystyle=display), ""
    except (LatexError, ValueError) as error:
        return "", str(error)
