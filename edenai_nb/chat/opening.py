"""Sends the request of a turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from . import answers
from .common_start import CommonStart
from .request import Request
from .stream import Stream

if TYPE_CHECKING:
    from ..api.client import Client
    from .turn import Turn


def stream(request: Request, run: answers.Run, start: CommonStart | None, turn: Turn) -> Stream:
    """The kept answer to the request, or else the server's; what was asked to fit a schema is checked."""
    found = answers.kept_stream(request, run, turn) if request.settings.keep else None
    found = found or _send(request, turn, start)
    if request.schema is None:
        return found
    from .structured import Structured  # not with %load_ext

    return Structured(found, request.schema, lambda text, words: _send_again(request, text, words))


def _send(request: Request, turn: Turn, start: CommonStart | None) -> Stream:
    """The server's answer, after reserving its estimated cost in the budgets."""
    from ..api.client import Client  # %load_ext must not wait for HTTP: nothing is sent yet
    from .reservation import Reservation

    client = Client(request.settings)
    client.check()
    reservation = Reservation(request, client)
    turn.remark = reservation.remark
    turn.on_end(lambda turn: reservation.settle(turn.reply))
    if start:
        start.wait(client, turn)
    return _answer(client, request)


def _send_again(request: Request, text: str, words: str) -> Stream:
    """The answer of a model that was told what is wrong with this text of its own.

    Its cost is a part of what the turn has cost, so that nothing is booked here; the budgets are asked.
    """
    from ..api.client import Client
    from .reservation import Reservation

    again = request.after(text, words)
    client = Client(again.settings)
    Reservation(again, client).drop()
    return _answer(client, again)


def _answer(client: Client, request: Request) -> Stream:
    """The answer to the request, once its large files are uploaded."""
    from ..api.stream import DeltaStream
    from .uploading import Uploading, large_files, with_ids

    if not (files := large_files(request.messages)):
        return DeltaStream(client, request.body, request.headers)

    def opened(ids: Mapping[str, str]) -> DeltaStream:
        ready = replace(request, messages=with_ids(request.messages, ids))
        return DeltaStream(client, ready.body, ready.headers)

    return Uploading(client, files, opened)
