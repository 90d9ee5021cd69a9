"""Bytes into Server-Sent Events, as the WHATWG HTML standard says (section 9.2.6)."""

from __future__ import annotations

import msgspec

_BOM = b"\xef\xbb\xbf"
_MESSAGE = "message"


class Event(msgspec.Struct, frozen=True, gc=False):
    """One dispatched event: `data` as UTF-8 bytes, lines joined by LF; `type` is "message" unless named."""

    data: bytes
    type: str = _MESSAGE


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
        self._type = _MESSAGE

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
        # The common lines are read here: a call for each would double what a token costs.
        events, data = [], self._data
        for line in lines:
            if not line:
                if data:
                    events.append(Event(data[0] if len(data) == 1 else b"\n".join(data), self._type))
                    data.clear()
                self._type = _MESSAGE
            elif line[:6] == b"data: ":
                data.append(line[6:])
            elif line[:1] != b":":
                self._field(line)
        return events

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
        elif name == b"event":
            self._type = value.removeprefix(b" ").decode("utf-8", "replace") or _MESSAGE
        elif name not in (b"id", b"retry"):
            self.strange = True
