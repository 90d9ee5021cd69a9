"""Decodes bytes into Server-Sent Events (WHATWG HTML standard, section 9.2.6)."""

from __future__ import annotations

import msgspec

_BOM = b"\xef\xbb\xbf"
MESSAGE = "message"  # the type of an event without a name


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event: `data` as UTF-8 bytes, lines joined by LF; `type` is "message" unless the server names it."""

    data: bytes
    type: str = MESSAGE


class Decoder:
    """Takes bytes in pieces of any size and returns the events that they complete.

    Only CR, LF and CRLF end a line: `str.splitlines` would also cut JSON at U+2028. Linear in the
    number of bytes, however small the pieces. An event without the blank line at its end comes from `rest` only.

    One departure from the standard: where a data line ends in `}` and the next begins with `{` or `[DONE]`, an event
    ends between them. No JSON text continues like that, and some servers leave the blank lines out.
    """

    def __init__(self) -> None:
        self.strange = False  # a line with an unknown field has come: harmless, if there are events as well
        self._pieces: list[bytes] = []  # of the line that is not complete yet
        self._after_cr = False  # the last byte was a CR: a LF that comes next belongs to it
        self._at_start = True
        self._data: list[bytes] = []
        self._type = MESSAGE

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete; the rest is kept for the next call."""
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk[0] == 10:
                chunk = chunk[1:]
        self._pieces.append(chunk)
        if b"\n" not in chunk and b"\r" not in chunk:
            return []
        return self._events(self._whole_lines())

    def rest(self) -> list[Event]:
        """The events that remain at the end of the stream, without the blank line that should have ended them."""
        line = b"".join(self._pieces)
        return self._events([line, b""] if line[:5] == b"data:" else [b""])

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
        # Common lines are handled inline: a call for each would double the time per token.
        events, data = [], self._data
        for line in lines:
            if not line:
                if data:
                    events.append(self._event())
                self._type = MESSAGE
            elif line[:6] == b"data: ":
                if data and _begins_another(line[6:], data[-1]):
                    events.append(self._event())
                data.append(line[6:])
            elif line[:1] != b":":
                self._field(line, events)
        return events

    def _event(self) -> Event:
        data = self._data
        event = Event(data[0] if len(data) == 1 else b"\n".join(data), self._type)
        data.clear()
        return event

    def _field(self, line: bytes, events: list[Event]) -> None:
        name, _, value = line.partition(b":")
        if name == b"data":
            if self._data and _begins_another(value, self._data[-1]):
                events.append(self._event())
            self._data.append(value.removeprefix(b" "))
        elif name == b"event":
            self._type = value.removeprefix(b" ").decode("utf-8", "replace") or MESSAGE
        elif name not in (b"id", b"retry"):
            self.strange = True


def _begins_another(line: bytes, before: bytes) -> bool:
    return before.rstrip()[-1:] == b"}" and (line.lstrip()[:1] == b"{" or line.strip() == b"[DONE]")
