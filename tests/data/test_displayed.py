"""Figures as cells display them: bundles of media types, with the object they are of or without."""

from __future__ import annotations

import base64
import io
import sys
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from edenai_nb.data import displayed, figures
from edenai_nb.errors import InvalidInput

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff\xe0"
PLOTLY = "application/vnd.plotly.v1+json"
VEGALITE = "application/vnd.vegalite.v6.json"


class Drawn:
    def _repr_png_(self) -> bytes:
        return PNG


def url(value: Any) -> str:
    return str(figures.describe(value, "it").parts[0]["image_url"]["url"])


@pytest.mark.parametrize(
    ("kind", "data"),
    [("image/png", PNG), ("image/jpeg", JPEG), ("image/gif", b"GIF89a"), ("image/webp", b"RIFF0000WEBP")],
)
def test_a_picture_is_sent_as_it_was_shown(kind: str, data: bytes) -> None:
    for content in (data, base64.b64encode(data).decode()):
        shown = displayed.read({"text/plain": "x", "image/svg+xml": "<svg/>", kind: content})
        assert url(shown) == f"data:{kind};base64,{base64.b64encode(data).decode()}"


def test_a_large_one_is_scaled_down_and_says_so() -> None:
    file = io.BytesIO()
    Image.new("RGB", (4100, 100)).save(file, format="PNG")
    found = figures.describe(displayed.read({"image/png": file.getvalue()}), "it")
    assert "4100 x 100 scaled down to 2048 x 50" in found.notes[0]
    sent = base64.b64decode(found.parts[0]["image_url"]["url"].partition(",")[2])
    assert Image.open(io.BytesIO(sent)).size == (2048, 50)


def test_the_object_is_drawn_where_the_page_drew_it() -> None:
    assert url(displayed.read({"image/svg+xml": "<svg/>"}, Drawn())).startswith("data:image/png")
    assert displayed.read({"text/plain": "Drawn"}, Drawn())


@pytest.mark.parametrize(
    "bundle",
    [
        {"image/svg+xml": "<svg/>"},
        {PLOTLY: {"data": [], "layout": {}}},
        {VEGALITE: {"mark": "point"}},
        {"application/vnd.vega.v5+json": {}},
        {"application/vnd.bokehjs_exec.v0+json": "", "application/javascript": "…"},
        {"text/html": '<div id="a" class="plotly-graph-div"></div>'},
        {"text/html": '<style></style><div id="vis" class="vega-embed"></div>'},
    ],
    ids=lambda bundle: next(iter(bundle)),
)
def test_a_figure_that_cannot_be_drawn_here_is_one_line(bundle: dict[str, Any], monkeypatch: Any) -> None:
    for name in ("plotly.graph_objects", "vl_convert"):
        monkeypatch.setitem(sys.modules, name, None)  # not installed
    shown = displayed.read(bundle)
    assert shown is not None
    with pytest.raises(InvalidInput, match="nothing was sent") as refused:
        figures.describe(shown, "it")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "bundle",
    [
        {},
        {"text/plain": "1"},
        {"text/html": "<table></table><p>about plotly-graph-div and vega-embed</p>"},
        {"application/vnd.jupyter.widget-view+json": {}},
    ],
)
def test_anything_else_is_no_figure(bundle: dict[str, Any]) -> None:
    assert displayed.read(bundle, value=object()) is None


def test_what_only_a_page_draws_is_drawn_by_the_library_that_can(monkeypatch: Any) -> None:
    vega: Any = ModuleType("vl_convert")
    vega.vegalite_to_png = lambda spec: PNG + spec["mark"].encode()
    monkeypatch.setitem(sys.modules, "vl_convert", vega)
    assert figures.drawn(displayed.read({VEGALITE: {"mark": "point"}})) == PNG + b"point"

    plotly: Any = ModuleType("plotly.graph_objects")
    plotly.Figure = type("Figure", (), {"__module__": "plotly", "__init__": made, "to_image": lambda *_, **__: PNG})
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", plotly)
    assert figures.drawn(displayed.read({PLOTLY: {"data": [1], "layout": {}, "config": {}}})) == PNG


def made(_: Any, fields: dict[str, Any], skip_invalid: bool) -> None:
    assert fields == {"data": [1], "layout": {}}
    assert skip_invalid


def test_a_library_that_fails_while_drawing_is_one_line() -> None:
    class Broken:
        def _repr_png_(self) -> bytes:
            raise ZeroDivisionError

    with pytest.raises(InvalidInput, match=r"This Broken cannot be drawn \(ZeroDivisionError\); nothing was sent"):
        figures.describe(Broken(), "it")
