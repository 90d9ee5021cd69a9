"""Reads and appends the lines of a file of kept answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..errors import InvalidInput

_BEGIN = b'{"answer": {"citations": '  # how each line begins; never inside a text, where quotes are escaped


class _Line(msgspec.Struct):
    """A line whose answer is decoded only when needed: decoding a thousand long ones takes 60 ms."""

    answer: msgspec.Raw
    digest: str
    place: int
    at: str | None = None


class _Answer(msgspec.Struct):
    text: str


class KeptFile:
    """Answers by (digest, place) of their request; reread when the file changes. Any thread may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._state = 0, 0
        self._lines: Mapping[tuple[str, int], _Line] = {}

    def find(self, digest: str, place: int) -> dict[str, Any] | None:
        """`{answer, at}` of the last complete line for this request; None if there is none."""
        line = self._read().get((digest, place))
        return None if line is None else {"answer": json.loads(bytes(line.answer)), "at": line.at}

    def append(self, line: Mapping[str, Any]) -> None:
        """Append one line, its keys sorted."""
        text = json.dumps(line, ensure_ascii=False, sort_keys=True, default=str)
        with self._path.open("ab", buffering=0) as file:  # a single write: several kernels may append
            file.write(text.encode("utf-8", "backslashreplace") + b"\n")

    def check_writable(self) -> None:
        """Raise InvalidInput if it cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab"):
                pass
        except OSError as problem:
            raise InvalidInput(f"{self._path} cannot keep answers: {problem.strerror}; nothing was sent.") from None

    def _read(self) -> Mapping[tuple[str, int], _Line]:
        try:
            stat = self._path.stat()
        except OSError:
            return {}
        with self._lock:
            if self._state != (stat.st_mtime_ns, stat.st_size):
                self._state = stat.st_mtime_ns, stat.st_size
                found = _parsed(self._path.read_bytes())
                self._lines = {(line.digest, line.place): line for line in found}
            return self._lines


def _parsed(content: bytes) -> Iterator[_Line]:
    decode = msgspec.json.Decoder(_Line).decode
    for text in content.splitlines():
        # An incomplete line lacks its newline, so the next line follows on it directly.
        for whole in dict.fromkeys((text, text[max(0, text.rfind(_BEGIN)) :])):
            try:
                line = decode(whole)
                msgspec.json.decode(line.answer, type=_Answer)
                yield line
                break
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # incomplete, empty, or not ours
