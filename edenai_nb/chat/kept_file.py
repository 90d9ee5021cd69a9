"""Reads and appends the lines of a file of kept answers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from io import SEEK_END
from pathlib import Path
from typing import Any

import msgspec

from ..errors import InvalidInput

_BEGIN = b'{"answer": {"citations": '  # how each line begins; never inside a text, where quotes are escaped


WRITING_S = 0.05  # after which another kernel has written its line to the end
_TAIL = 256  # bytes by which a file is known again


class _Line(msgspec.Struct):
    """A line whose answer is decoded only when needed: decoding a thousand long ones takes 60 ms."""

    answer: msgspec.Raw
    digest: str
    place: int
    at: str | None = None
    question: str | None = None  # see `answers`


class _Answer(msgspec.Struct):
    text: str


class KeptFile:
    """Answers by (digest, place) of their request. Any thread may use it.

    What was appended is read when the file has grown; all of it, when it is another file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._is_mended = False
        self._state = 0, 0, 0  # inode, mtime, size
        self._end, self._tail = 0, b""  # how far it was read, and the last bytes before that
        self._lines: dict[tuple[str, int], _Line] = {}

    def find(self, digest: str, place: int) -> dict[str, Any] | None:
        """`{answer, at}` of the last complete line for this request; None if there is none."""
        line = self._read().get((digest, place))
        return None if line is None else {"answer": json.loads(bytes(line.answer)), "at": line.at}

    def has(self, digest: str, place: int) -> bool:
        """Whether there is a complete line for this request."""
        return (digest, place) in self._read()

    def append(self, line: Mapping[str, Any]) -> None:
        """Append one line, its keys sorted."""
        text = json.dumps(line, ensure_ascii=False, sort_keys=True, default=str)
        end = b"" if self._is_mended else self._missing_end()
        with self._path.open("ab", buffering=0) as file:  # a single write: several kernels may append
            file.write(end + text.encode("utf-8", "backslashreplace") + b"\n")

    def check_writable(self) -> None:
        """Raise InvalidInput if it cannot be written."""
        self._is_mended = False
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab"):
                pass
        except OSError as problem:
            raise InvalidInput(f"{self._path} cannot keep answers: {problem.strerror}; nothing was sent.") from None

    def _missing_end(self) -> bytes:
        """A newline if the last line has none, since a kernel was killed while it wrote."""
        self._is_mended = True
        before = -1
        while (size := self._path.stat().st_size if self._path.exists() else 0) != before:
            with self._path.open("a+b") as file:
                if size == 0 or (file.seek(-1, SEEK_END) and file.read() == b"\n"):
                    return b""
            before = size
            time.sleep(WRITING_S)
        return b"\n"

    def _read(self) -> Mapping[tuple[str, int], _Line]:
        try:
            stat = self._path.stat()
        except OSError:
            return {}
        with self._lock:
            state = stat.st_ino, stat.st_mtime_ns, stat.st_size
            if self._state != state:
                self._read_on(is_same=self._state[0] == stat.st_ino)
                self._state = state
            return self._lines

    def _read_on(self, *, is_same: bool) -> None:
        with self._path.open("rb") as file:
            file.seek(max(0, self._end - len(self._tail)))
            if not (is_same and file.read(len(self._tail)) == self._tail):
                self._lines, self._end, self._tail = {}, 0, b""
                file.seek(0)
            new = file.read()
        for line in _parsed(new):
            self._lines |= {(key, line.place): line for key in (line.digest, line.question) if key}
        whole = new[: new.rfind(b"\n") + 1]  # an incomplete line is read again with its end
        self._end += len(whole)
        self._tail = (self._tail + whole)[-_TAIL:]


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
