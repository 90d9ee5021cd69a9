"""Joins pieces of text and of audio."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any


def joined(pieces: list[str]) -> str:
    """The text of the pieces. The list is reduced to one piece, so that the next call joins only new ones.

    Surrogate pairs that a server has split (JavaScript does) are joined; a lone half becomes U+FFFD.
    """
    pieces[:] = ["".join(pieces)] if pieces else []
    return whole_letters(pieces[0]) if pieces else ""


def whole_letters(text: str) -> str:
    """The text with its surrogate pairs joined, so that it can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def joined_audio(fragments: list[Mapping[str, Any]]) -> dict[str, Any]:
    """One audio part: `data` (each fragment is Base64 by itself) and `transcript` joined, of other fields the last."""
    whole = {name: value for fragment in fragments for name, value in fragment.items() if value is not None}
    for name, join in {"data": _joined_base64, "transcript": "".join}.items():
        if pieces := [part[name] for part in fragments if isinstance(part.get(name), str)]:
            whole[name] = join(pieces)
    return whole


def _joined_base64(pieces: list[str]) -> str:
    if not any(piece.endswith("=") for piece in pieces[:-1]):
        return "".join(pieces)
    try:
        return base64.b64encode(b"".join(map(base64.b64decode, pieces))).decode()
    except ValueError:
        return "".join(pieces)
