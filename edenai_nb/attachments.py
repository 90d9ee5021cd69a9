"""What is attached to a prompt: files, whose type is recognised by their content, and values of the notebook."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from mimetypes import guess_type
from typing import Any

from .errors import InvalidInput
from .messages import Part, Prompt, said, with_said

MAX_BYTES = 5_000_000  # of what goes inside of a question: it is sent again with each later turn
_UNKNOWN = "{} is neither text nor a PNG, JPEG, GIF, WebP, WAV, MP3 or PDF file: it cannot be attached."
STAND_IN = "sha256:"  # in front of what stands for the id of a file that is not uploaded yet
MOST_NAMED = 5  # in the status line
_SEE = "See the attached."
_IMAGES = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
_SOUNDS = {"wav": re.compile(rb"RIFF....WAVE", re.DOTALL), "mp3": re.compile(rb"ID3|\xff[\xf2\xf3\xfa\xfb]")}
_PDF = re.compile(rb"%PDF-")
_FILE = re.compile(r'Attached file "(.*)":\n')
_VALUE = re.compile(r'Variable "(.*)"(?: \((.*)\))?:\n')
_LABELS = {"image_url": "image", "input_audio": "sound", "text": "text"}
_BOMS = {  # longer ones first: UTF-32's BOM begins with UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # control characters that text does not hold


class FilePart(dict[str, Any]):
    """A content part that knows the file it came from.

    name: as the user knows it.    note: what was done to it.
    sha256: of the content as it was given, in hex; "" where that is not here.
    """

    def __init__(self, fields: Mapping[str, Any], *, name: str, sha256: str = "", note: str = "") -> None:
        super().__init__(fields)
        self.name, self.sha256, self.note = name, sha256, note

    def __reduce__(self) -> tuple[Any, ...]:
        return _file_part, (dict(self), vars(self))


class LargeFile(FilePart):
    """A file that is uploaded before the question is sent; until then its SHA-256 stands for its id.

    kind: its media type.    size: in bytes.    path or data: where its content is; a pickle holds no content.
    """

    def __init__(
        self, *, name: str, sha256: str, kind: str, size: int, path: str = "", data: bytes | None = None, note: str = ""
    ) -> None:
        super().__init__(
            {"type": "file", "file": {"file_id": f"{STAND_IN}{sha256}"}}, name=name, sha256=sha256, note=note
        )
        self.kind, self.size, self.path, self.data = kind, size, path, data

    def is_unchanged(self) -> bool:
        """Whether the file at its path has this content. Raises OSError."""
        return bool(self.path) and digest_of(self.path) == self.sha256

    def __reduce__(self) -> tuple[Any, ...]:
        return _large_file, ({**vars(self), "data": None},)


def _large_file(facts: dict[str, Any]) -> LargeFile:
    return LargeFile(**facts)


def digest_of(path: str) -> str:
    """The SHA-256 of a file, in hex. Raises OSError."""
    digest = sha256()
    with open(path, "rb") as file:
        while piece := file.read(1_000_000):
            digest.update(piece)
    return digest.hexdigest()


def kind_of(name: str, start: bytes) -> str:
    """The media type of a file, by its first bytes. Raises InvalidInput for what is of no known kind."""
    if found := _kind(start, _IMAGES):
        return f"image/{found}"
    if found := _kind(start, _SOUNDS):
        return f"audio/{found}"
    if _PDF.match(start):
        return "application/pdf"
    if _decoded(start[: start.rfind(b"\n") + 1] or start) is None:
        raise InvalidInput(_UNKNOWN.format(name))
    return guess_type(name)[0] or "text/plain"


def _file_part(fields: dict[str, Any], facts: dict[str, str]) -> FilePart:
    return FilePart(fields, **facts)


def with_parts(prompt: Prompt, parts: list[Part]) -> Prompt:
    """The prompt with these parts at the end of the user's content. Raises InvalidInput for too much inside of it."""
    content = said(prompt)
    before = [{"type": "text", "text": content or _SEE}] if isinstance(content, str) else content
    if sum(map(_size, _attached([*before, *parts]))) > MAX_BYTES:
        raise InvalidInput(
            f"The files are larger than {MAX_BYTES / 1e6:.0f} MB together: leave some out. Nothing was sent."
        )
    return with_said(prompt, [*before, *parts])


def _size(part: Part) -> float:
    """The bytes in a part, about: of base64 three in four characters."""
    if part.get("type") == "text":
        return len(str(part.get("text")))
    return sum(len(str(value)) for name, value in part.items() if name != "type") * 3 / 4


def files_of(prompt: Prompt) -> list[dict[str, str]]:
    """What a file may keep of the attached ones: name and SHA-256, where they are known; never their content."""
    content = said(prompt)
    parts = [part for part in content if isinstance(part, FilePart)] if isinstance(content, list) else []
    facts = [{"name": part.name, "sha256": part.sha256, "note": part.note} for part in parts]
    return [{name: value for name, value in one.items() if value} for one in facts]


def value(name: str, about: str, text: str, language: str = "") -> Part:
    """The text of a notebook's value, fenced below its name and what the text is of it ("schema of 20,000 x 12")."""
    told = f" ({about})" if about else ""
    return {"type": "text", "text": f'Variable "{_plain(name)}"{told}:\n\n{fenced(text, language)}'}


def labels(prompt: Prompt) -> list[str]:
    """A name for each attached file, and for each value, with what was sent of it: `sales · schema of 20,000 x 12`."""
    content = said(prompt)
    return [] if isinstance(content, str) else [label(part) for part in _attached(content)]


def notes(prompt: Prompt) -> list[str]:
    """What the status line says of the files that go along."""
    content = said(prompt)
    found = [label(part) for part in content if isinstance(part, FilePart)] if isinstance(content, list) else []
    shown = [*found[:MOST_NAMED], f"{len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else found
    return [f"with {', '.join(shown)}"] if shown else []


def with_text(prompt: Prompt, text: str, more: Sequence[Part] = ()) -> Prompt:
    """The same attached files and values, and `more` of them, with another text."""
    content = said(prompt)
    attached = [*([] if isinstance(content, str) else _attached(content)), *more]
    return with_said(prompt, [{"type": "text", "text": text}, *attached] if attached else text)


def fenced(text: str, language: str = "") -> str:
    """The text as a fenced code block; the fence is longer than any in the text."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _attached(content: list[Part]) -> list[Part]:
    first = next((i for i, part in enumerate(content) if part.get("type") == "text"), None)
    return [part for i, part in enumerate(content) if i != first]


def label(part: Mapping[str, Any]) -> str:
    """What is attached in this part, in words."""
    if isinstance(part, FilePart):
        return f"{part.name} ({part.note})" if part.note else part.name
    text = str(part.get("text", ""))
    if named := _FILE.match(text):
        return named[1]
    if named := _VALUE.match(text):
        return " · ".join(filter(None, named.groups()))
    return _LABELS.get(str(part.get("type")), "file")


def part(name: str, data: bytes) -> Part:
    """The content part of a file, by what is in it. Raises InvalidInput for what is of no known kind."""
    if kind := _kind(data, _IMAGES):
        return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{_base64(data)}"}}
    if kind := _kind(data, _SOUNDS):
        return {"type": "input_audio", "input_audio": {"data": _base64(data), "format": kind}}
    if _PDF.match(data):
        return {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{_base64(data)}"}}
    text = _decoded(data)
    if text is None:
        raise InvalidInput(_UNKNOWN.format(name))
    return text_part(name, text)


def text_part(name: str, text: str) -> Part:
    """A text file as a fenced text part."""
    return {"type": "text", "text": f'Attached file "{_plain(name)}":\n\n{fenced(text)}'}


def _kind(data: bytes, kinds: Mapping[str, re.Pattern[bytes]]) -> str | None:
    return next((kind for kind, begins in kinds.items() if begins.match(data)), None)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(data: bytes) -> str | None:
    """The text in a file; None if it is not text. Without a BOM the likely encodings are tried in order."""
    marked = next((name for bom, name in _BOMS.items() if data.startswith(bom)), None)
    # Without a BOM, zero bytes point to UTF-16 or UTF-32: in Latin text at least every second byte is zero.
    wide = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be") if b"\0" in data else ()
    for name in (marked,) if marked else ("utf-8", *wide, "cp1252"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if not _NO_TEXT.search(text) and (name not in wide or _is_latin(text)):
            return text
    return None


def _is_latin(text: str) -> bool:
    """True if most characters are Latin; text decoded in the wrong byte order looks Chinese."""
    return sum(char < "\u0250" for char in text) > len(text) / 2


def _plain(name: str) -> str:
    """A name on one line, to stand in quotes."""
    return " ".join(name.split()).replace('"', "'")[:200]
