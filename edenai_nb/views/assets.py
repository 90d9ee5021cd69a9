"""The files in `static/` as what a widget carries: one module, one style sheet."""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)


def module(names: str) -> str:
    """These scripts as one ES module, in this order; without their comments, since every widget sends it along."""
    return _COMMENT.sub("", _joined(names, "js"))


def style(names: str) -> str:
    """These style sheets as one, in this order."""
    return _joined(names, "css")


def _joined(names: str, extension: str) -> str:
    return "".join((STATIC / f"{name}.{extension}").read_text("utf-8") for name in names.split())
