"""A figure as a cell has displayed it, whatever library drew it: a bundle of media types, as Jupyter has it."""

from __future__ import annotations

import base64
import importlib
import re
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput
from . import figures

_AS_THEY_ARE = ("image/png", "image/jpeg", "image/webp", "image/gif")
_PLOTLY = re.compile(r"application/vnd\.plotly\b")
_VEGA = re.compile(r"application/vnd\.(vega|vegalite)\.v")
_FIGURES = re.compile(rf"image/|{_PLOTLY.pattern}|{_VEGA.pattern}|application/vnd\.(bokehjs|holoviews)")
# The same libraries as pages of HTML, which is all that some front ends show of them.
_PAGES = re.compile(r"<[^<>]*\b(plotly-graph-div|vega-embed|vegaEmbed|bk-root|data-root-id)\b")
_PAGE = "text/html"


class Displayed:
    """A figure that a cell has displayed; `_repr_png_` gives it as a picture, or raises InvalidInput."""

    def __init__(self, bundle: Mapping[str, Any], value: Any = None) -> None:
        self._bundle, self._value = bundle, value

    def _repr_png_(self) -> bytes:
        for kind in _AS_THEY_ARE:
            if kind in self._bundle:
                return _bytes(self._bundle[kind])
        if figures.is_picture(self._value):
            return figures.drawn(self._value)
        return _drawn(self._bundle)


NOTHING = Displayed({})  # before the first figure


def read(bundle: Mapping[str, Any], value: Any = None) -> Displayed | None:
    """What was displayed, if it is a figure by its media types or by the object they are of, where that is known."""
    is_figure = any(_FIGURES.match(kind) for kind in bundle) or _PAGES.search(str(bundle.get(_PAGE, "")))
    return Displayed(bundle, value) if is_figure or figures.is_picture(value) else None


def _bytes(data: Any) -> bytes:
    return base64.b64decode(data) if isinstance(data, str) else bytes(data)


def _drawn(bundle: Mapping[str, Any]) -> bytes:
    """A figure that a page draws, drawn here."""
    if not bundle:
        raise InvalidInput("No cell has shown a picture since %load_ext; nothing was sent.")
    for kind, content in bundle.items():
        if _PLOTLY.match(kind) and isinstance(content, Mapping):
            return _of_plotly(content)
        if (found := _VEGA.match(kind)) and isinstance(content, Mapping):
            return _of_vega(content, found[1])
    shown = "SVG" if "image/svg+xml" in bundle else "a web page"
    raise InvalidInput(
        f"The last figure was shown as {shown}, which is no picture that models read; nothing was sent. "
        "Show it as PNG, or give it as --image PATH."
    )


def _of_plotly(content: Mapping[str, Any]) -> bytes:
    fields = {name: content[name] for name in ("data", "layout") if name in content}
    try:
        figure = importlib.import_module("plotly.graph_objects").Figure(fields, skip_invalid=True)
    except Exception as problem:
        raise figures.undrawable("plotly", problem) from None
    return figures.drawn(figure)


def _of_vega(content: Mapping[str, Any], language: str) -> bytes:
    try:
        convert = getattr(importlib.import_module("vl_convert"), f"{language}_to_png")
        return bytes(convert(dict(content)))
    except Exception as problem:  # of JavaScript, too
        raise figures.undrawable("vega", problem) from None
