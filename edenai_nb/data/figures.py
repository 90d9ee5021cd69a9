"""Figures and pictures as image parts of a message."""

from __future__ import annotations

import base64
import io
import sys
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from ..errors import InvalidInput
from .described import Described

LONGEST_SIDE = 2048  # pixels: providers scale down what is larger, and bill it
_STARTS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}
_METHODS = ("_repr_png_", "_repr_jpeg_")
_VL_CONVERT = "`pip install vl-convert-python`"
_NEEDED = {"plotly": "`pip install kaleido` (and Chrome)", "altair": _VL_CONVERT, "vega": _VL_CONVERT}
_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")  # of Pillow, that a PNG can hold in eight bits

Drawn = tuple[bytes, str]  # the picture, and its size in words


def is_picture(value: Any) -> bool:
    """A figure of matplotlib, plotly or altair, a picture of Pillow, or whatever draws itself as PNG or JPEG."""
    return not isinstance(value, type) and (
        _drawer(value) is not None or any(hasattr(type(value), method) for method in _METHODS)
    )


def describe(value: Any, name: str) -> Described:
    """The picture as a part, and a line that stands for it in the text. Raises InvalidInput if it cannot be drawn."""
    data, size = _drawn(value)
    data, words = scaled(data)
    url = f"data:image/{_kind(data)};base64,{base64.b64encode(data).decode()}"
    told = f"{name}: picture{size}{words and f' {words}'}, {len(data) / 1000:,.0f} kB"
    return Described(f"[{name}: picture]", "", (told,), ({"type": "image_url", "image_url": {"url": url}},))


def drawn(value: Any) -> bytes:
    """The picture as a file, in PNG or what it draws itself as. Raises InvalidInput if it cannot be drawn."""
    return _drawn(value)[0]


def undrawable(library: str, problem: Exception) -> InvalidInput:
    """The line about a figure whose library needs another one to draw it here."""
    return InvalidInput(
        f"This figure of {library} cannot be drawn here ({type(problem).__name__}); nothing was sent. "
        f"{_NEEDED[library]} brings what draws it."
    )


def _kind(data: bytes) -> str:
    return next((kind for start, kind in _STARTS.items() if data.startswith(start)), "png")


def _drawn(value: Any) -> Drawn:
    draw = _drawer(value) or _of_itself
    try:
        return draw(value)
    except InvalidInput:
        raise
    except Exception as problem:  # each library has its own
        raise InvalidInput(
            f"This {type(value).__name__} cannot be drawn ({type(problem).__name__}); nothing was sent."
        ) from None


def of_pixels(array: Any) -> Any:
    """An array of pixels (height x width, or with 3 or 4 channels; whole numbers to 255, or from 0 to 1) as a picture
    of Pillow; None for another array, and without Pillow."""
    shape: Any = getattr(array, "shape", ())
    kind, np = str(getattr(array, "dtype", "")), sys.modules.get("numpy")
    is_image = len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))
    is_image = is_image and 0 not in shape and (kind == "uint8" or kind.startswith("float"))
    if not is_image or np is None or not find_spec("PIL"):
        return None
    from PIL import Image

    pixels = np.asarray(array)
    if pixels.dtype != np.uint8:
        pixels = (np.clip(np.nan_to_num(pixels), 0, 1) * 255).round().astype(np.uint8)
    return Image.fromarray(pixels[:, :, 0] if pixels.ndim == 3 and shape[2] == 1 else pixels)


def scaled(data: bytes) -> tuple[bytes, str]:
    """(a picture that providers need not scale down, what was done to it in words): as it is without Pillow."""
    if "PIL" not in sys.modules and not (find_spec("PIL") and data.startswith(tuple(_STARTS))):
        return data, ""
    from PIL import Image

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as picture:
            warnings.simplefilter("ignore")  # of a bomb: its size alone is read
            if max(picture.size) <= LONGEST_SIDE or getattr(picture, "n_frames", 1) > 1:
                return data, ""
            kind, before = picture.format or "PNG", f"{picture.width} x {picture.height}"
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            buffer = io.BytesIO()
            picture.save(buffer, format=kind)
    except Exception:  # Pillow's own of each format: the provider decides
        return data, ""
    return buffer.getvalue(), f"{before} scaled down to {picture.width} x {picture.height}"


def _drawer(value: Any) -> Callable[[Any], Drawn] | None:
    libraries = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    if "PIL" in libraries and hasattr(value, "thumbnail"):
        return _of_pillow
    if hasattr(value, "savefig") or ("matplotlib" in libraries and hasattr(value, "get_figure")):
        return _of_matplotlib
    if "altair" in libraries and hasattr(value, "save"):
        return _of_altair
    return _of_plotly if "plotly" in libraries and hasattr(value, "to_image") else None


def _of_pillow(picture: Any) -> tuple[bytes, str]:
    size = f"{picture.width} x {picture.height}"
    if max(picture.size) > LONGEST_SIDE:
        picture = picture.copy()
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        size += f" scaled down to {picture.width} x {picture.height}"
    buffer = io.BytesIO()
    (picture if picture.mode in _MODES else picture.convert("RGB")).save(buffer, format="PNG")
    return buffer.getvalue(), f" {size}"


def _of_matplotlib(value: Any) -> Drawn:
    """A figure, the axes in one, or a grid of seaborn's."""
    figure = value if hasattr(value, "savefig") else value.get_figure()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    return buffer.getvalue(), ""


def _of_plotly(figure: Any) -> Drawn:
    try:
        return bytes(figure.to_image(format="png")), ""
    except Exception as problem:  # each engine raises its own
        raise undrawable("plotly", problem) from None


def _of_altair(chart: Any) -> Drawn:
    buffer = io.BytesIO()
    try:
        chart.save(buffer, format="png")
    except Exception as problem:
        raise undrawable("altair", problem) from None
    return buffer.getvalue(), ""


def _of_itself(value: Any) -> Drawn:
    for method in _METHODS:
        data = getattr(type(value), method, lambda _: None)(value)
        if isinstance(data, tuple):  # with metadata
            data = data[0]
        if isinstance(data, str):  # base64, as messages of Jupyter hold it
            data = base64.b64decode(data)
        if isinstance(data, bytes):
            return data, ""
    raise InvalidInput(f"This {type(value).__name__} draws no picture of itself; nothing was sent.")
