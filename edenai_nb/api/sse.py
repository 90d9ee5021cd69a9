"""Bytes into Server-Sent Events, as the WHATWG HTML standard says (section 9.2.6)."""

from __future__ import annotations

import msgspec

_BOM = b"\xef\xbb\xbf"
MESSAGE = "message"  # the type of an event without a name


class Event(msgspec.Struct, frozen=True, gc=False):
    """One dispatched event: `data` as UTF-8 bytes, lines joined by LF; `type` is "message" unless named."""

    data: bytes
    type: str = MESSAGE


class Decoder:
    """Feed it bytes cut anywhere; it gives the events that are complete so far.

    Only CR, LF and CRLF end a line: `str.splitlines` would also cut JSON at U+2028. Linear in the
    number of bytes, however small the pieces. An event without its blank line at the end is not given (see `rest`).

    One departure: where a data line ends in `}` and the next begins with `{` or `[DONE]`, an event ends between
    them. JSON never goes on like that, and some servers leave the blank lines out.
    """

    def __init__(self) -> None:
        self.strange = False  # a line of no known field has come: no harm, if there are events, too
        self._pieces: list[bytes] = []  # of the line that has no end yet
        self._after_cr = False  # a LF that comes next belongs to that CR
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
        """At the end of the stream: what is there without the line ends that should have followed."""
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
        # The common lines are read here: a call for each would double what a token costs.
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
