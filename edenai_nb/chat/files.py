"""The pictures and files beside a prompt, by path, address or value."""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import attachments
from ..attachments import FilePart, LargeFile
from ..data import describe, figures
from ..errors import InvalidInput
from ..messages import Part, Prompt

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_WILD = re.compile(r"[*?\[]")
_OPTIONS = ("images", "files")
MAX_FILES = 50
MOST_TOLD = 60  # characters of a name in an error
INLINE_BYTES = 1_000_000  # what is larger is uploaded: an inline file is sent again with each later turn
START_BYTES = 65_536  # by which a large file is recognised
MAX_BYTES = 100_000_000  # contract, section 5


@dataclass(frozen=True)
class Named:
    """A value with the name by which the user knows it."""

    name: str
    value: Any


def attached(prompt: Prompt, images: Any = (), files: Any = ()) -> Prompt:
    """The prompt with these beside it: paths (with `~` and wildcards), addresses, bytes, figures, frames, …

    What is recognised by its content as a picture, sound, PDF or text becomes a part of its kind (contract, section 5).
    Raises InvalidInput for what cannot be read, is no picture among `images`, or is too much.
    """
    parts = [*_parts(images, only_images=True), *_parts(files, only_images=False)]
    return attachments.with_parts(prompt, parts) if parts else prompt


def split(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what `attached` takes of the options, the others)."""
    ours = {name: options[name] for name in _OPTIONS if options.get(name) is not None}
    return ours, {name: value for name, value in options.items() if name not in _OPTIONS}


def _parts(given: Any, *, only_images: bool) -> list[Part]:
    listed = list(given) if isinstance(given, (list, tuple, set)) else [given]
    parts = [part for thing in listed for part in _parts_of(thing, only_images)]
    if len(parts) > MAX_FILES:
        raise InvalidInput(f"These are {len(parts)} files; {MAX_FILES} go with one question. Nothing was sent.")
    if only_images and (other := next((part for part in parts if not _is_picture(part)), None)):
        raise InvalidInput(f"{attachments.label(other)} is no picture: give it as a file. Nothing was sent.")
    return parts


def _is_picture(part: Part) -> bool:
    return part["type"] == "image_url" or (isinstance(part, LargeFile) and part.kind.startswith("image/"))


def _parts_of(thing: Any, only_image: bool) -> Iterator[Part]:
    if isinstance(thing, str) and _ADDRESS.fullmatch(thing.strip()):
        yield _of_address(thing.strip(), only_image)
    elif isinstance(thing, str) or hasattr(thing, "__fspath__"):
        yield from (_of_path(path) for path in _paths(str(thing)))
    elif isinstance(thing, Named) and _names_files(thing.value):
        yield from _parts(thing.value, only_images=only_image)
    else:
        yield from _of_value(thing if isinstance(thing, Named) else Named("", thing), only_image)


def _names_files(value: Any) -> bool:
    return isinstance(value, (str, list, tuple)) or hasattr(value, "__fspath__")


def _of_value(given: Named, only_image: bool) -> Iterator[Part]:
    value, name = given.value, given.name or type(given.value).__name__
    if value is None:
        raise InvalidInput(f"{given.name or 'A file'} is None: there is nothing to attach. Nothing was sent.")
    if only_image and (picture := figures.of_pixels(value)) is not None:
        value = picture
    if isinstance(value, (bytes, bytearray, memoryview)):
        yield _of_bytes(given.name or "file", bytes(value))
    elif figures.is_picture(value):
        yield from (FilePart(part, name=name) for part in describe.described(value, name).parts)
    elif callable(getattr(value, "read", None)):
        yield _of_bytes(Path(str(getattr(value, "name", given.name or "file"))).name, _read(value))
    else:
        yield FilePart(attachments.text_part(name, describe.describe(value)), name=name)


def _of_address(address: str, is_image: bool) -> Part:
    name = address.rstrip("/").rpartition("/")[2].partition("?")[0] or address
    part: Part = {"type": "file", "file": {"file_id": address}}
    return FilePart({"type": "image_url", "image_url": {"url": address}} if is_image else part, name=name)


def _paths(typed: str) -> Iterable[Path]:
    """The files that a path with `~` and wildcards means; a file that is really called so comes first."""
    if not typed.strip():  # else this folder
        raise InvalidInput("A file needs a name; nothing was sent.")
    try:
        files = _found(typed, Path(typed).expanduser())
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, a home that is none
        files = []
    if not files:
        told = typed if len(typed) <= MOST_TOLD else f"{typed[:MOST_TOLD]}…"  # a text, given for the name of its file
        raise InvalidInput(f"There is no file {told!r}; nothing was sent.")
    return files


def _found(typed: str, path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        raise InvalidInput(f"{typed} is a folder: name its files, as in {typed.rstrip('/')}/*.pdf. Nothing was sent.")
    found = sorted(glob.glob(str(path), recursive=True)) if _WILD.search(typed) else []
    return [Path(name) for name in found if Path(name).is_file()]


def _of_path(path: Path) -> Part:
    try:
        if (size := path.stat().st_size) <= INLINE_BYTES:
            return _of_bytes(path.name, path.read_bytes())
        _check_size(path.name, size)
        with path.open("rb") as file:
            kind = attachments.kind_of(path.name, file.read(START_BYTES))
        digest = attachments.digest_of(str(path))
        return LargeFile(name=path.name, sha256=digest, kind=kind, size=size, path=str(path.absolute()))
    except OSError as problem:
        raise InvalidInput(f"{path.name} cannot be read ({problem.strerror}); nothing was sent.") from None


def _of_bytes(name: str, data: bytes) -> Part:
    digest = hashlib.sha256(data).hexdigest()
    sent, words = figures.scaled(data)
    if len(sent) <= INLINE_BYTES:
        return FilePart(attachments.part(name, sent), name=name, sha256=digest, note=words)
    _check_size(name, len(data))
    kind = attachments.kind_of(name, data[:START_BYTES])
    return LargeFile(name=name, sha256=digest, kind=kind, size=len(data), data=data)


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise InvalidInput(
            f"{name} has {size / 1e6:,.1f} MB, and Eden AI takes {MAX_BYTES / 1e6:,.0f} MB; nothing was sent."
        )


def _read(file: Any) -> bytes:
    said = file.read()
    return said.encode() if isinstance(said, str) else bytes(said)
