"""Writes turns as JSON Lines while they stream, and reads them back.

A line is `{"turn": id, "asked": {after, at, system, prompt}}`, `{"turn": id, "said": {text, reasoning}}` or
`{"turn": id, "ended": {facts of the Reply, error}}`. `after` is the id of the turn before in its conversation. No line
holds a key or another setting.
"""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from .. import errors
from ..messages import Prompt
from ..reply import Delta, Reply, ReplyBuilder, Usage
from .stream import Stream
from .turn import Turn

_TIMES = ("elapsed", "time_to_first_token", "reasoning_time")
_FACTS = ("model", "finish_reason", "cost", *_TIMES, "provider", "metadata", "sandbox")
_ROWS = ("tool_calls", "parts", "citations")
_KILLED = "The kernel ended before the answer was complete; what had arrived is kept. Run it again."
_FULL = "the journal cannot be written any more"


@dataclass
class Entry:
    """One turn of a journal: `asked` as written, `turn` as it ended."""

    id: str
    asked: dict[str, Any]
    said: ReplyBuilder = field(default_factory=ReplyBuilder)
    ended: dict[str, Any] | None = None

    @property
    def turn(self) -> Turn:
        """The turn as it ended; one whose end is not recorded has failed with StreamInterrupted."""
        return Turn.ended(self.asked.get("prompt") or "", self._reply(), id=self.id)

    def _reply(self) -> Reply:
        ended = self.ended or {"complete": False, "error": {"type": "StreamInterrupted", "message": _KILLED}}
        known = {name: ended[name] for name in (*_FACTS, *_ROWS, "complete") if name in ended}
        known |= {name: tuple(known.get(name) or ()) for name in _ROWS}
        known["usage"] = Usage.read(ended.get("usage"))
        reply = self.said.reply(**known)
        if "text" in ended:
            reply = Reply(ended["text"], **{**vars(reply), "reasoning": ended.get("reasoning", "")})
        if (error := ended.get("error")) is None:
            return reply
        found = _error(error)
        found.partial = reply
        return Reply(str(reply), **{**vars(reply), "error": found})


def record(stream: Stream, turn: Turn, path: str, **asked: Any) -> Stream:
    """The same stream; the prompt, every piece and the end of the turn are appended to the file as they come.

    Raises InvalidInput if the file cannot be written.
    """
    kept = _Recorded(stream, turn, _append_to(Path(path).expanduser()))
    kept.write("asked", {**asked, "at": _now(), "prompt": turn.prompt})
    turn.on_end(kept.end)
    return kept


def write(path: str, turns: Iterable[Turn], **asked: Any) -> None:
    """Write a conversation to a file; an existing one is replaced atomically."""
    lines, after = [], None
    for turn in turns:
        lines.append(_line(turn, "asked", {**asked, "after": after, "at": _now(), "prompt": turn.prompt}))
        if turn.done:
            lines.append(_line(turn, "ended", {**_facts(turn.reply), **_said(turn.reply)}))
        else:
            lines.append(_line(turn, "said", _said(turn.reply)))
        after = turn.id
    whole = Path(path).expanduser()
    new = whole.with_name(f"{whole.name}.new")
    with _append_to(new) as file:
        file.truncate(0)
        file.write(b"".join(lines))
    new.replace(whole)


def as_record(turn: Turn, prompt: Prompt) -> dict[str, Any]:
    """A turn that has ended as one JSON object, with this prompt in place of its own."""
    ended = {**_facts(turn.reply), **_said(turn.reply)}
    record = {"turn": turn.id, "asked": {"prompt": prompt}, "ended": ended}
    return dict(json.loads(json.dumps(record, default=str)))


def from_records(records: Any) -> list[Turn]:
    """The turns from a list of such objects; malformed ones are left out."""
    found = []
    for record in records if isinstance(records, list) else []:
        with suppress(TypeError, KeyError, ValueError, AttributeError):
            found.append(Entry(str(record["turn"]), dict(record["asked"]), ended=dict(record["ended"])).turn)
    return found


def read(path: str) -> list[Entry]:
    """Every turn in the file, in the order they were asked. Incomplete lines are left out.

    Raises InvalidInput if there is no such file or no turn in it.
    """
    try:
        lines = Path(path).expanduser().read_bytes().splitlines()
    except OSError as problem:
        raise errors.InvalidInput(f"{path} cannot be read: {problem.strerror}.") from None
    entries: dict[str, Entry] = {}
    for line in lines:
        _take(line, entries)
    if not entries:
        raise errors.InvalidInput(f"{path} holds no conversation.")
    return list(entries.values())


def last_conversation(entries: list[Entry]) -> list[Entry]:
    """The last turn and all turns before it in its conversation."""
    by_id = {entry.id: entry for entry in entries}
    path = [entries[-1]]
    while (before := by_id.pop(path[-1].asked.get("after") or "", None)) is not None:
        path.append(before)
    return path[::-1]


class _Recorded:
    """A Stream that appends its Deltas to the journal."""

    def __init__(self, stream: Stream, turn: Turn, file: IO[bytes]) -> None:
        self._stream = stream
        self._turn = turn
        self._file: IO[bytes] | None = file
        self._lock = threading.Lock()
        self._is_full = False

    @property
    def note(self) -> str | None:
        return _FULL if self._is_full else self._stream.note

    @property
    def phase(self) -> str:
        """What the turn is called while there is a note."""
        return getattr(self._stream, "phase", "retrying")

    def close(self) -> None:
        self._stream.close()

    def __iter__(self) -> Iterator[Delta]:
        for delta in self._stream:
            yield delta
            if delta.text or delta.reasoning or delta.again:
                more = {name: value for name in ("choice", "again") if (value := getattr(delta, name))}
                self.write("said", {"text": delta.text, "reasoning": delta.reasoning, **more})

    def end(self, turn: Turn) -> None:
        # A stopped turn with its whole text: a piece that arrived together with Stop may not have been written.
        self.write("ended", {**_facts(turn.reply), **(_said(turn.reply) if turn.stopped else {})})
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None

    def write(self, what: str, record: dict[str, Any]) -> None:
        # One unbuffered write per line: it survives a killed kernel, and several turns can share the file.
        with self._lock:
            try:
                if self._file:
                    self._file.write(_line(self._turn, what, record))
            except OSError:
                self._is_full = True


def _append_to(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds prompts
        return path.open("ab", buffering=0)
    except OSError as problem:
        raise errors.InvalidInput(f"The journal {path} cannot be written: {problem.strerror}.") from None


def _line(turn: Turn, what: str, record: dict[str, Any]) -> bytes:
    # A newline in front as well, so that a line after an incomplete one is not lost with it.
    text = json.dumps({"turn": turn.id, what: record}, ensure_ascii=False, default=str)
    return f"\n{text}\n".encode("utf-8", "backslashreplace")  # a piece may end in half a surrogate pair


def _take(line: bytes, entries: dict[str, Entry]) -> None:
    try:
        record = json.loads(line)
        id = record["turn"]
        if "asked" in record:
            entries[id] = Entry(id, dict(record["asked"]))
        elif "ended" in record:
            entries[id].ended = dict(record["ended"])
        else:
            entries[id].said.add(_piece(record["said"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        pass  # incomplete, empty, or not ours


def _piece(said: dict[str, Any]) -> Delta:
    text, reasoning = (str(said.get(name) or "") for name in ("text", "reasoning"))
    return Delta(text, reasoning, choice=int(said.get("choice") or 0), again=said.get("again") is True)


def _facts(reply: Reply) -> dict[str, Any]:
    known = {name: getattr(reply, name) for name in (*_FACTS, *_ROWS)}
    usage = asdict(reply.usage) if reply.usage else None
    error = reply.error
    told = error and {"type": type(error).__name__, "message": str(error), **_details(error)}
    return {"complete": reply.complete, "usage": usage, "error": told, **known}


def _details(error: Exception) -> dict[str, Any]:
    return {name: getattr(error, name, None) for name in ("status", "code", "retry_after")}


def _said(reply: Reply) -> dict[str, str]:
    return {"text": str(reply), "reasoning": reply.reasoning}


def _error(told: dict[str, Any]) -> errors.EdenError:
    kind = getattr(errors, str(told.get("type")), None)
    if not (isinstance(kind, type) and issubclass(kind, errors.EdenError)):
        kind = errors.EdenError
    details = {name: told.get(name) for name in ("status", "code", "retry_after")}
    return kind(str(told.get("message")), **details)


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
