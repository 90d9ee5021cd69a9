"""The record of one request to the sandbox."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .script import Script


class File(NamedTuple):
    """An uploaded file; its content is not kept."""

    name: str
    mimetype: str
    size: int


@dataclass(eq=False)
class Request:
    """One request and its outcome. Its repr holds neither key nor prompt.

    headers: names in lower case.            json: the body, None if it is not JSON.
    unread: the error for a body that is missing, has no JSON content type, or is not JSON.
    bytes_sent: of the answer's body.        events_sent: SSE events (in raw bytes, blank lines are counted).
    client_gone: set when the client disconnected before the answer was complete.
    finished: set when the sandbox is done with it, however it ended.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    unread: Script | None = field(default=None, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: tuple[File, ...] = field(default=(), repr=False)
    bytes_sent: int = 0
    events_sent: int = 0
    client_gone: threading.Event = field(default_factory=threading.Event, repr=False)
    finished: threading.Event = field(default_factory=threading.Event, repr=False)
