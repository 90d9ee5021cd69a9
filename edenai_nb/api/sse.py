"""Bytes into Server-Sent Events, as the WHATWG HTML standard says (section 9.2.6)."""

from __future__ import annotations

from typing import NamedTuple

_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One dispatched event: `data` as UTF-8 bytes, lines joined by LF; `type` is "message" unless named."""

    data: bytes
    type: str = "message"


class Decoder:
    """Feed it bytes cut anywhere; it gives the events that are complete so far.

    Only CR, LF and CRLF end a line: `str.splitlines` would also cut JSON at U+2028. Linear in the
    number of bytes, however small the pieces. An event without its blank line at the end is dropped.
    """

    def __init__(self) -> None:
        self.strange = False  # a line of no known field has come: no harm, if there are events, too
        self._pieces: list[bytes] = []  # of the line that has no end yet
        self._after_cr = False  # a LF that comes next belongs to that CR
        self._at_start = True
        self._data: list[bytes] = []
        self._type = ""

    def feed(self, chunk: bytes) -> list[Event]:
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk[0] == 10:
                chunk = chunk[1:]
        self._pieces.append(chunk)
        if b"\n" not in chunk and b"\r" not in chunk:
            return []
        return self._events(self._whole_lines())

    def _whole_lines(self) -> list[bytes]:
        buffer = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        lines = buffer.splitlines()
        self._after_cr = buffer[-1] == 13
        self._pieces = [] if buffer[-1] in b"\r\n" else [lines.pop()]
        if self._at_start:
            self._at_start = False
            lines[0] = lines[0].removeprefix(_BOM)
        return lines

    def _events(self, lines: list[bytes]) -> list[Event]:
        events = []
        for line in lines:
            if line:
                self._field(line)
            else:
                if self._data:
                    data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
                    events.append(Event(data, self._type or "message"))
                    self._data = []
                self._type = ""
        return events

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._type = value.decode("utf-8", "replace")
        elif name not in (b"", b"id", b"retry"):
            self.strange = True
