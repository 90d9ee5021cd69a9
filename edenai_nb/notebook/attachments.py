"""Files that go along with a prompt."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InvalidInput

Prompt = str | list[dict[str, Any]]  # text, or the contract's list of content parts

MAX_BYTES = 5_000_000  # of all files together: they travel as one message, and servers end at 10 MiB of base64
_DATA = re.compile(r"data:[^,]*?(?:;base64)?,", re.IGNORECASE)
_IMAGES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}
_FILE = re.compile(r'Attached file "(.*)":\n')


def compose(text: str, files: Iterable[Mapping[str, Any]]) -> Prompt:
    """A prompt of this text and files (`name` and a base64 `data:` address). Raises InvalidInput.

    An image becomes an image part; anything else must be text and becomes a fenced text part.
    """
    read = [(_name(file), _bytes(file)) for file in files]
    if sum(len(data) for _, data in read) > MAX_BYTES:
        raise InvalidInput(f"The attached files are larger than {MAX_BYTES / 1e6:.0f} MB together: leave some out.")
    if not read:
        return text
    return [{"type": "text", "text": text or "See the attached."}, *(_part(name, data) for name, data in read)]


def text_of(prompt: Prompt) -> str:
    """What was typed, without the attached files."""
    return prompt if isinstance(prompt, str) else next((part["text"] for part in prompt if "text" in part), "")


def labels(prompt: Prompt) -> list[str]:
    """A name for each attached file."""
    return [] if isinstance(prompt, str) else [_label(part) for part in _attached(prompt)]


def with_text(prompt: Prompt, text: str) -> Prompt:
    """The same files with another text."""
    return text if isinstance(prompt, str) else [{"type": "text", "text": text}, *_attached(prompt)]


def fenced(text: str, language: str = "") -> str:
    """The text as a code block whose fence is longer than any in it."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _attached(prompt: list[dict[str, Any]]) -> list[dict[str, Any]]:
    first = next((i for i, part in enumerate(prompt) if part.get("type") == "text"), None)
    return [part for i, part in enumerate(prompt) if i != first]


def _label(part: Mapping[str, Any]) -> str:
    if named := _FILE.match(str(part.get("text", ""))):
        return named[1]
    return {"image_url": "image", "text": "text"}.get(str(part.get("type")), "file")


def _part(name: str, data: bytes) -> dict[str, Any]:
    kind = next((kind for magic, kind in _IMAGES.items() if data.startswith(magic)), None)
    if kind:
        return {
            "type": "image_url",
            "image_url": {"url": f"data:image/{kind};base64,{base64.b64encode(data).decode()}"},
        }
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InvalidInput(f"{name} is neither text nor a PNG, JPEG, GIF or WebP image: it cannot be attached.")
    return {"type": "text", "text": f'Attached file "{name}":\n\n{fenced(text)}'}


def _name(file: Mapping[str, Any]) -> str:
    return " ".join(str(file.get("name") or "file").split()).replace('"', "'")[:200]


def _bytes(file: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(_DATA.sub("", str(file["data"]), count=1), validate=True)
    except (KeyError, ValueError):
        raise InvalidInput(f"{_name(file)} did not arrive whole: attach it again.") from None
