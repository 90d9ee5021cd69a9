"""The stream of an answer to a question with large files, which are uploaded first."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from ..api import kept_uploads
from ..api.client import Client
from ..api.stream import DeltaStream
from ..api.uploads import Upload
from ..attachments import STAND_IN, LargeFile
from ..errors import EdenError, InvalidInput, UnknownFile
from ..messages import Message
from ..reply import Delta
from .request import hold_back

SCANNED, OVERLAP = 1_000_000, 10_000  # bytes of a text that are looked at for secrets at once, and again
POLL_S = 0.1  # while another question uploads the same file

Opened = Callable[[dict[str, str]], DeltaStream]


def large_files(messages: Iterable[Message]) -> list[LargeFile]:
    """The files in the messages that have to be uploaded, each content once."""
    contents = [message.get("content") for message in messages]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    found = [large for part in parts if (large := _large(part))]
    return list({part.sha256: part for part in reversed(found)}.values())[::-1]


def with_ids(messages: Sequence[Message], ids: Mapping[str, str]) -> tuple[Message, ...]:
    """The messages with the ids of the store in place of large files."""
    return tuple(
        {**message, "content": [_with_id(part, ids) for part in content]}
        if isinstance(content := message.get("content"), list)
        else message
        for message in messages
    )


def _with_id(part: Any, ids: Mapping[str, str]) -> Any:
    return {"type": "file", "file": {"file_id": ids[large.sha256]}} if (large := _large(part)) else part


def _large(part: Any) -> LargeFile | None:
    """The large file that a part stands for, also one from a saved conversation, which knows its SHA-256 alone."""
    if isinstance(part, LargeFile):
        return part
    id = str((part.get("file") or {}).get("file_id", "")) if part.get("type") == "file" else ""
    digest = id.removeprefix(STAND_IN)
    return LargeFile(name="A file", sha256=digest, kind="", size=0) if id.startswith(STAND_IN) else None


class Uploading:
    """A Stream that uploads what Eden AI does not have yet, then goes on as the one that `opened(ids)` gives.

    `ids` is a dict from SHA-256 to the id in the file store. Where the server refuses an id of an earlier question,
    because it has dropped that file early, the file is uploaded anew and the question is asked again, once. A request
    that was accepted is never sent again.
    """

    phase = "sending"

    def __init__(self, client: Client, files: Sequence[LargeFile], opened: Opened) -> None:
        self._client = client
        self._files = files
        self._opened = opened
        self._closed = threading.Event()
        self._current: Upload | DeltaStream | None = None
        self._stream: DeltaStream | None = None
        self._reused: set[str] = set()  # what the store has from an earlier question
        self._name, self._size = "", 0

    @property
    def note(self) -> str | None:
        """How far the upload is, or what the answer's own stream says."""
        current = self._current
        if isinstance(current, Upload):
            done, size = min(current.sent, self._size) / 1e6, self._size / 1e6
            return " · ".join(filter(None, [f"{self._name}: {done:,.1f} of {size:,.1f} MB", current.note]))
        return current.note if current else None

    def close(self) -> None:
        """End it at once, whatever it does."""
        self._closed.set()
        if current := self._current:
            current.close()

    def __iter__(self) -> Iterator[Delta]:
        if (ids := self._ids()) is None:
            return
        try:
            yield from self._asked(ids)
        except UnknownFile as refused:
            if not self._forgot(refused, ids):
                raise
            if (ids := self._ids()) is not None:
                yield from self._asked(ids)

    def _asked(self, ids: dict[str, str]) -> Iterator[Delta]:
        stream = self._current = self._stream = self._opened(ids)
        self.phase = "retrying"
        if not self._closed.is_set():
            yield from stream

    def _forgot(self, refused: UnknownFile, ids: Mapping[str, str]) -> bool:
        """Whether the store has dropped files of an earlier question, and this one was not accepted: forget them."""
        if not self._reused or self._stream is None or self._stream.accepted:
            return False
        named = {sha256 for sha256 in self._reused if ids[sha256] in str(refused)}
        for sha256 in named or self._reused:
            kept_uploads.drop(self._client.settings, sha256, ids[sha256])
        return True

    def _ids(self) -> dict[str, str] | None:
        """The id of each file, uploaded where need be; None once this is closed."""
        self.phase, ids = "sending", {}
        self._reused.clear()
        for file in self._files:
            try:
                ids[file.sha256] = self._id(file)
            except EdenError:
                if not self._closed.is_set():  # else that is why
                    raise
            if self._closed.is_set():
                return None
        return ids

    def _id(self, file: LargeFile) -> str:
        settings = self._client.settings
        lock = kept_uploads.lock(settings, file.sha256)
        while not lock.acquire(timeout=POLL_S):
            if self._closed.is_set():
                return ""
        try:
            if kept := kept_uploads.find(settings, file.sha256):
                self._reused.add(file.sha256)
                return kept.id
            self._name, self._size = file.name, file.size
            if file.kind.startswith("text/") and not settings.allow_secrets:
                self._hold_back(file)
            upload = self._current = Upload(self._client, file.name, file.kind, lambda: _opened(file))
            if self._closed.is_set():
                return ""
            stored = upload.run()
            kept_uploads.keep(settings, file.sha256, stored)
            return stored.id
        finally:
            lock.release()

    def _hold_back(self, file: LargeFile) -> None:
        """Raise SecretsFound for a text file that seems to hold one; 100 MB take some 20 s, so Stop ends it."""
        with _opened(file) as content:
            for text, line in _pieces(content):
                if self._closed.is_set():
                    return
                hold_back(text, f" of {file.name}", line)


def _pieces(file: BinaryIO) -> Iterator[tuple[str, int]]:
    """(a piece of a text file with the end of the one before, the lines before it)."""
    end, lines = "", 0
    while data := file.read(SCANNED):
        text = data.decode("utf-8", "replace")
        yield end + text, lines - end.count("\n")
        lines += text.count("\n")
        end = text[-OVERLAP:]


def _opened(file: LargeFile) -> BinaryIO:
    """The content, if it is still the one that was asked about. Raises InvalidInput."""
    if file.data is not None:
        return io.BytesIO(file.data)
    try:
        if file.is_unchanged():
            return open(file.path, "rb")
    except OSError:
        pass
    raise InvalidInput(f"{file.name} is not what it was when it was attached: attach it again. Nothing was sent.")
