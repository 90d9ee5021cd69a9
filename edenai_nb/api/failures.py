"""What the server said went wrong, as an EdenError."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from .. import errors
from ..settings import Settings

_BY_STATUS: Mapping[int, type[errors.EdenError]] = {
    401: errors.AuthenticationFailed,
    402: errors.OutOfCredits,
    403: errors.PermissionDenied,
    408: errors.ServerTrouble,  # the provider timed out behind Eden AI
    429: errors.RateLimited,
    451: errors.RegionNotAllowed,
}
_BY_CODE: Mapping[str, type[errors.EdenError]] = {
    "invalid_api_key": errors.AuthenticationFailed,
    "authentication_error": errors.AuthenticationFailed,
    "insufficient_credit": errors.OutOfCredits,
    "model_not_found": errors.UnknownModel,
    "context_length_exceeded": errors.ContextTooLong,
    "rate_limit_exceeded": errors.RateLimited,
    "rate_limited": errors.RateLimited,
    "region_not_allowed": errors.RegionNotAllowed,
}
_NEXT: Mapping[type[errors.EdenError], str] = {
    errors.AuthenticationFailed: "Check EDENAI_API_KEY, or run %edenchat login.",
    errors.OutOfCredits: "Add credits at https://app.edenai.run, or raise the key's budget.",
    errors.PermissionDenied: "Check the key and your organisation's guardrails at https://app.edenai.run.",
    errors.UnknownModel: "Look the id up with edenai_nb.models().",
    errors.ContextTooLong: "Shorten the prompt, start again with --new, or take a model with a longer context.",
    errors.RateLimited: "Wait and run it again.",
    errors.RegionNotAllowed: "Choose a model with @eu, or the default host.",
    errors.ServerTrouble: "Run it again, or take another model.",
}
FOREIGN = (httpx.HTTPError, httpx.InvalidURL)  # what httpx raises: nothing of it leaves the room


class Said(msgspec.Struct, frozen=True):
    """An error body, whichever of the documented shapes it came in."""

    message: str = ""
    type: str = ""
    code: str = ""
    param: str = ""
    retry_after: float | None = None


def from_response(response: httpx.Response) -> errors.EdenError:
    """The error in an HTTP answer outside 2xx, whichever body shape of the contract (section 6.1) it has."""
    said = _read(response.read())
    wait = _retry_after(response.headers.get("retry-after"))
    return _error(said, response.status_code, said.retry_after if wait is None else wait)


def from_chunk(chunk: Mapping[str, Any], status: int | None = None) -> errors.EdenError:
    """The error for a 2xx JSON object that holds `error`, whole or in mid-stream."""
    said = _understand(chunk)
    numeric = int(said.code) if said.code.isdigit() else None
    return _error(said, numeric or status, said.retry_after)


def from_transport(error: Exception, settings: Settings, began: bool = False) -> errors.EdenError:
    """httpx's error as ours. Its own text is not repeated: it may hold addresses and headers."""
    host = settings.host
    if isinstance(error, errors.EdenError):
        return error
    if isinstance(error, httpx.InvalidURL):
        return errors.InvalidInput("base_url is not a usable address.")
    if isinstance(error, httpx.ConnectTimeout):
        return errors.TimedOut(f"{host} could not be reached within {settings.connect_s:g} s; raise connect_s.")
    if isinstance(error, httpx.TimeoutException):
        name = "between_tokens_s" if began else "first_token_s"
        return errors.TimedOut(f"{host} was silent for {getattr(settings, name):g} s; raise {name}, or run it again.")
    if isinstance(error, (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol)):
        return errors.Unreachable(f"{host} cannot be reached: check the network, HTTPS_PROXY and base_url.")
    if isinstance(error, httpx.DecodingError):
        return errors.MalformedStream(f"{host} sent a compressed answer that cannot be unpacked.")
    return errors.StreamInterrupted("The connection broke; what had arrived is kept. Run it again.")


def parsed(body: bytes) -> Any:
    """The JSON in a 2xx body. Raises MalformedStream if there is none."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise errors.MalformedStream("The server answered with something that is not JSON: check base_url.") from None


def _error(said: Said, status: int | None, wait: float | None) -> errors.EdenError:
    kind = _kind(said, status)
    what = _one_line(said.message) or _blank(status)
    where = f" (parameter {said.param})" if said.param and said.param not in what else ""
    advice = _NEXT.get(kind, "")
    return kind(f"{what}{where} {advice}".strip(), status=status, code=said.code or said.type or None, retry_after=wait)


def _kind(said: Said, status: int | None) -> type[errors.EdenError]:
    for word in (said.code.lower(), said.type.lower()):
        if word in _BY_CODE:
            return _BY_CODE[word]
    if re.search(r"Model\(s\) (not found|do not support)", said.message):
        return errors.UnknownModel
    status = status or 500
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 400 <= status < 500:
        return errors.RequestRefused
    return errors.ServerTrouble


def _read(body: bytes) -> Said:
    try:
        parsed = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return Said()  # an empty body, or the HTML page of a proxy: the status says more than its text
    return _understand(parsed) if isinstance(parsed, dict) else Said()


def _understand(body: Mapping[str, Any]) -> Said:
    """Find the error in any of the shapes: nested under `error` or `detail`, or flat."""
    inner: Any = body.get("error") or body.get("detail") or body.get("details") or body
    if isinstance(inner, str):
        inner = {"message": inner}
    elif isinstance(inner, list):
        inner = _validation(inner)
    code = inner.get("code") or body.get("error_code") or ""
    message = inner.get("message") or inner.get("error") or ""
    return Said(
        message=message if isinstance(message, str) else msgspec.json.encode(message).decode(),
        type=str(inner.get("type") or ""),
        code=str(code),
        param=str(inner.get("param") or ""),
        retry_after=_seconds(body.get("retry_after")),
    )


def _validation(problems: list[Any]) -> dict[str, Any]:
    """FastAPI's list of `{loc, msg, type}`: name each field."""
    found = []
    for problem in problems:
        if isinstance(problem, dict):
            field = ".".join(str(step) for step in problem.get("loc", ()) if step != "body")
            found.append(f"{field}: {problem.get('msg', '')}" if field else str(problem.get("msg", "")))
    return {"message": "; ".join(found), "code": "validation_error"}


def _one_line(text: str) -> str:
    line = " ".join(text.split())[:500]
    return line if not line or line[-1] in ".!?" else line + "."


def _blank(status: int | None) -> str:
    return f"The server answered {status} without saying why." if status else "The server reported an error."


def _retry_after(value: str | None) -> float | None:
    """The header in seconds, given as seconds or as an HTTP date (RFC 9110, 10.2.3)."""
    if value is None or (seconds := _seconds(value)) is not None:
        return None if value is None else seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _seconds(value: Any) -> float | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < float("inf") else None
