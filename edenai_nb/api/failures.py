"""Turns what the server reports as an error into an EdenError."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from .. import errors
from ..settings import Settings
from . import error_bodies, error_kinds, unreachable
from .error_bodies import MAX_BODY, Said
from .numbers import number
from .transport_errors import HTTPX_ERRORS

_UNKNOWN = re.compile(r"(?:Model\(s\) [^:]*: *|^(?:\w+: )?model: )([^\s,]+)")
_PASSWORD = "The proxy wants a name and a password: put them into HTTPS_PROXY."
MAX_MESSAGE = 500  # characters of the server's that are shown


def from_response(response: httpx.Response, settings: Settings) -> errors.EdenError:
    """The error for a response outside 2xx, in any of the body shapes of the contract (section 6.1)."""
    status = response.status_code
    if response.has_redirect_location:
        return errors.RequestRefused(settings.redact(_redirected(response)), status=status)
    if status == 407:
        return errors.Unreachable(_PASSWORD, status=status, code=unreachable.PROXY)
    said = error_bodies.read(_body(response))
    if status == 413:
        said = _too_large(said, response.request)
    wait = _retry_after(response.headers)
    return _error(said, settings, status, said.retry_after if wait is None else wait)


def from_chunk(chunk: Any, settings: Settings, status: int | None = None) -> errors.EdenError:
    """The error for JSON under status 2xx that reports one: a whole body or a chunk of a stream."""
    said = error_bodies.understand(chunk)
    told = int(said.status) if re.fullmatch("[345][0-9]{2}", said.status) else status
    return _error(said, settings, told, said.retry_after)


def from_event(data: bytes, settings: Settings) -> errors.EdenError:
    """The error in a Server-Sent Event of type `error`: JSON in any of the shapes, or text."""
    try:
        said = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = data.decode("utf-8", "replace")
    return from_chunk(said, settings)


def unknown_model(error: errors.EdenError) -> str:
    """The id that the server's message names as unknown; "" if it names none."""
    match = _UNKNOWN.search(str(error)) if isinstance(error, errors.UnknownModel) else None
    return match[1].rstrip(".") if match else ""


def parsed(body: bytes) -> Any:
    """The JSON in a 2xx body. Raises MalformedStream if there is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise errors.MalformedStream("The server answered with something that is not JSON: check base_url.") from None


def _error(said: Said, settings: Settings, status: int | None, wait: float | None) -> errors.EdenError:
    kind = error_kinds.kind(said, status)
    if wait is None and kind is errors.RateLimited:
        wait = error_kinds.wait_in_words(said.message)
    what = _one_line(settings.redact(said.message)) or _blank(said, status)
    if said.is_text and said.message:
        what = f"The server answered {status}: {what}"
    who = f"{said.provider}: " if said.provider and not what.lower().startswith(said.provider.lower()) else ""
    where = f" (parameter {said.param})" if said.param and said.param not in what else ""
    advice = f" {error_kinds.advice(kind, said, status, wait)}".rstrip()
    message, code = settings.redact(f"{who}{what}{where}{advice}"), settings.redact(said.code or said.type)
    return kind(message, status=status, code=code or None, retry_after=wait)


def _body(response: httpx.Response) -> bytes:
    """The body, or only its beginning where it is long, breaks off or cannot be decompressed."""
    body = b""
    with suppress(*HTTPX_ERRORS):
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MAX_BODY:
                break
    return body


def _redirected(response: httpx.Response) -> str:
    host = urlsplit(response.headers.get("location", "")).hostname or "another address"
    return f"The server redirects to {host}, and the key is not sent there. If you trust it, set base_url to it."


def _too_large(said: Said, request: httpx.Request) -> Said:
    size = f"{(number(request.headers.get('content-length')) or 0) / 1e6:.1f} MB"
    if said.message and not said.is_text:
        return msgspec.structs.replace(said, message=f"{said.message.rstrip('.')} ({size} were sent)")
    return Said(message=f"The request of {size} is too large for {request.url.host}, or for a proxy on the way.")


def _one_line(text: str) -> str:
    """The text on one line, cut between words where it is long."""
    if len(text) > MAX_MESSAGE:
        return (
            text[:MAX_MESSAGE].rpartition(" ")[0].rstrip() + " …"
            if " " in text[:MAX_MESSAGE]
            else text[:MAX_MESSAGE] + "…"
        )
    return text if not text or text[-1] in ".!?…" else text + "."


def _blank(said: Said, status: int | None) -> str:
    if said.is_page:
        return f"A web page came back with status {status}: a proxy on the way is in trouble, or base_url is wrong."
    return f"The server answered {status} without saying why." if status else "The server reported an error."


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a header in milliseconds (Azure), in seconds or as an HTTP date (RFC 9110, 10.2.3)."""
    if (milliseconds := number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    if (seconds := number(value)) is not None:
        return seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
