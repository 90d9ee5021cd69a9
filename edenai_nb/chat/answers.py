"""A file of answers by the digest of their request, so that the same request is not sent, or paid for, again.

A line is `{"answer": {text and facts}, "at": day, "digest": …, "place": n}`, its keys sorted. `place` numbers equal
requests within one run of a cell, so that asking the same three times keeps three answers. Of lines with the same
digest and place the last one counts. `question`, where a schema was asked for, is the digest without it: another schema
is the same question. No line holds an API key or a prompt.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..reply import Delta, Reply, Usage
from .request import Request
from .stream import Stream
from .turn import Turn

if TYPE_CHECKING:
    from .kept_file import KeptFile

_FACTS = ("model", "provider", "finish_reason", "cost", "sandbox")
_WHOLE = (None, "stop")  # the finish_reasons of answers that are kept

_files: dict[Path, KeptFile] = {}


class Run:
    """Numbers equal requests within one run of a cell or script. Any thread may use it."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def place(self, digest: str) -> int:
        """0 for the first request with this digest, 1 for the second, …"""
        with self._lock:
            self._asked[digest] += 1
            return self._asked[digest] - 1


class _Now:
    run = Run()


def begin_run() -> None:
    """Number equal requests from 0 again; called when a cell begins."""
    _Now.run = Run()


def current_run() -> Run:
    """The Run of the cell or script that is executing."""
    return _Now.run


def kept_stream(request: Request, run: Run, turn: Turn) -> Stream | None:
    """The kept answer to this request as a Stream; else None, and this turn's answer is kept when it ends.

    Raises InvalidInput if the file cannot be written.
    """
    file, place = file_of(request.settings.keep), run.place(request.digest)
    if found := replay(file, request, place):
        return found
    file.check_writable()
    turn.on_end(lambda ended: keep(file, request, place, ended.reply))
    return None


def replay(file: KeptFile, request: Request, place: int = 0) -> Stream | None:
    """The kept answer to this request as a Stream; None if there is none, or a `fresh` one is wanted."""
    line = None if request.settings.fresh else file.find(request.digest, place)
    return None if line is None else _Replay(line)


class _Replay:
    """A Stream of one Delta: the whole kept answer, at cost 0."""

    note = None

    def __init__(self, line: Mapping[str, Any]) -> None:
        self._line = line

    def __iter__(self) -> Iterator[Delta]:
        answer = self._line["answer"]
        facts = {name: answer.get(name) for name in _FACTS if name != "cost"}
        yield Delta(
            str(answer["text"]),
            str(answer.get("reasoning") or ""),
            usage=Usage.read(answer.get("usage")),
            cost=0.0,
            citations=tuple(answer.get("citations") or ()),
            kept={"at": self._line.get("at"), "cost": answer.get("cost")},
            **facts,
        )

    def close(self) -> None:
        pass


def keep(file: KeptFile, request: Request, place: int, reply: Reply) -> None:
    """Append a complete text answer to the file; anything else is not kept."""
    if not (reply and reply.complete and reply.finish_reason in _WHOLE) or reply.tool_calls or reply.parts:
        return
    known = {name: getattr(reply, name) for name in _FACTS}
    usage = asdict(reply.usage) if reply.usage else None
    answer = {**known, "usage": usage, "text": str(reply), "reasoning": reply.reasoning, "citations": reply.citations}
    asked = {"digest": request.digest, "place": place, **({"question": _question(request)} if request.schema else {})}
    file.append({"answer": answer, "at": date.today().isoformat(), **asked})


def replay_of_question(file: KeptFile, request: Request) -> Stream | None:
    """The kept answer to the same question with whatever schema it was asked, as a Stream; None if there is none."""
    if request.schema is None or request.settings.fresh:
        return None
    line = file.find(_question(request), 0)
    return None if line is None else _Replay(line)


def is_kept(file: KeptFile, request: Request) -> bool:
    """Whether an answer to this question is kept, with whatever schema it was asked, and may be used."""
    keys = [request.digest, *([_question(request)] if request.schema else [])]
    return not request.settings.fresh and any(file.has(key, 0) for key in keys)


def _question(request: Request) -> str:
    return f"any schema: {replace(request, schema=None).digest}"


def file_of(path: str) -> KeptFile:
    """The file of kept answers at this path."""
    whole = Path(path).expanduser().absolute()
    from .kept_file import KeptFile  # not with %load_ext

    return _files.get(whole) or _files.setdefault(whole, KeptFile(whole))
