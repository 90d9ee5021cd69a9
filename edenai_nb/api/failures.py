"""What the server said went wrong, as an EdenError."""

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
from . import unreachable
from .numbers import number

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
    "insufficient_quota": errors.OutOfCredits,
    "model_not_found": errors.UnknownModel,
    "context_length_exceeded": errors.ContextTooLong,
    "rate_limit_exceeded": errors.RateLimited,
    "rate_limited": errors.RateLimited,
    "region_not_allowed": errors.RegionNotAllowed,
}
_BY_WORDS: Mapping[re.Pattern[str], type[errors.EdenError]] = {
    re.compile(r"Model\(s\) (not found|do not support)"): errors.UnknownModel,
    re.compile(
        r"(maximum|model's|exceeds?\b.*) context (length|window)|prompt is too long"
        r"|maximum number of tokens allowed|input tokens exceed",
        re.I,
    ): errors.ContextTooLong,
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
_NEXT_BY_CODE: Mapping[str, str] = {
    "content_policy_violation": "The provider's filter refuses this: word it differently, or take another model.",
    "unsupported_params": "Leave that parameter out, or take a model that knows it.",
}
_UNKNOWN = re.compile(r"Model\(s\) [^:]*: *([^\s,]+)")
FOREIGN = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)  # what httpx raises: nothing of it leaves the room
MAX_BODY = 64 * 1024  # bytes of an error body that are read
MAX_MESSAGE, MAX_NAME = 500, 100  # characters of the server's that are shown


class Said(msgspec.Struct, frozen=True):
    """An error body, whichever of the documented shapes it came in."""

    message: str = ""
    type: str = ""
    code: str = ""
    param: str = ""
    provider: str = ""
    retry_after: float | None = None
    is_page: bool = False  # no body of the API at all, but the HTML page of a proxy


def from_response(response: httpx.Response, settings: Settings) -> errors.EdenError:
    """The error in an HTTP answer outside 2xx, whichever body shape of the contract (section 6.1) it has."""
    status = response.status_code
    if response.has_redirect_location:
        return errors.RequestRefused(settings.redact(_redirected(response)), status=status)
    if status == 407:
        return errors.Unreachable("The proxy wants a name and a password: put them into HTTPS_PROXY.", status=status)
    said = _read(_body(response))
    wait = _retry_after(response.headers.get("retry-after"))
    return _error(said, settings, status, said.retry_after if wait is None else wait)


def from_chunk(chunk: Mapping[str, Any], settings: Settings, status: int | None = None) -> errors.EdenError:
    """The error for a 2xx JSON object that holds `error`, whole or in mid-stream."""
    said = _understand(chunk)
    numeric = int(said.code) if said.code.isdecimal() and len(said.code) == 3 else None
    return _error(said, settings, numeric or status, said.retry_after)


def from_event(data: bytes, settings: Settings) -> errors.EdenError:
    """The error in an event that is called `error`: JSON in any of the shapes, or text."""
    try:
        said = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = {"error": data.decode("utf-8", "replace")}
    return from_chunk(said, settings)


def from_transport(
    error: Exception, settings: Settings, began: bool = False, within_s: float | None = None
) -> errors.EdenError:
    """httpx's error as ours; `within_s` is the limit where it is none of the settings.

    Its own text is not repeated: it may hold addresses and headers.
    """
    host = settings.host
    if isinstance(error, errors.EdenError):
        return error
    if isinstance(error, httpx.InvalidURL):
        return errors.InvalidInput("base_url is not a usable address.")
    if isinstance(error, httpx.ConnectTimeout):
        return errors.TimedOut(
            f"{host} could not be reached within {settings.connect_s:g} s: check the network and HTTPS_PROXY, "
            f"or {_raise('connect_s', settings)}."
        )
    if isinstance(error, httpx.TimeoutException) and within_s is not None:
        return errors.TimedOut(f"{host} did not answer within {within_s:g} s: check base_url and the network.")
    if isinstance(error, httpx.TimeoutException):
        name = "between_tokens_s" if began else "first_token_s"
        kept = " What had arrived is kept." if began else ""
        limit_s, more = getattr(settings, name), _raise(name, settings)
        return errors.TimedOut(f"{host} sent no word for {limit_s:g} s: {more}, or run it again.{kept}")
    if isinstance(error, (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol)):
        return unreachable.explain(error, settings)
    if isinstance(error, httpx.DecodingError):
        return errors.MalformedStream(f"{host} sent a compressed answer that cannot be unpacked.")
    if began:
        return errors.StreamInterrupted("The connection broke; what had arrived is kept. Run it again.")
    return errors.Unreachable(f"The connection to {host} broke before the answer began. Run it again.")


def _raise(name: str, settings: Settings) -> str:
    more = f"{name}={2 * getattr(settings, name):g}"
    return f"raise {name} (%edenchat config {more}, in Python edenai_nb.configure({more}))"


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
    kind = _kind(said, status)
    what = _one_line(settings.redact(said.message)) or _blank(said, status)
    who = f"{said.provider}: " if said.provider and not what.lower().startswith(said.provider.lower()) else ""
    where = f" (parameter {said.param})" if said.param and said.param not in what else ""
    advice = f" {_advice(kind, said, wait)}".rstrip()
    message, code = settings.redact(f"{who}{what}{where}{advice}"), settings.redact(said.code or said.type)
    return kind(message, status=status, code=code or None, retry_after=wait)


def _advice(kind: type[errors.EdenError], said: Said, wait: float | None) -> str:
    if kind is errors.AuthenticationFailed and said.provider:  # Eden AI hands a provider's own 401 on
        return "Your Eden AI key is fine: take another model, or check your own key for this provider."
    if kind is errors.RateLimited and wait:
        return f"Run it again in {max(1, wait):.0f} s."
    if kind is errors.RequestRefused and said.message.strip(" .").lower() == "not found":
        return "Check base_url."
    return _NEXT_BY_CODE.get(said.code) or _NEXT.get(kind, "")


def _kind(said: Said, status: int | None) -> type[errors.EdenError]:
    for word in (said.code.lower(), said.type.lower()):
        if word in _BY_CODE:
            return _BY_CODE[word]
    for words, kind in _BY_WORDS.items():
        if words.search(said.message):
            return kind
    status = status or 500
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 400 <= status < 500:
        return errors.RequestRefused
    return errors.ServerTrouble


def _body(response: httpx.Response) -> bytes:
    """The body, or its beginning where it is long, breaks off or cannot be unpacked: the status is known anyway."""
    body = b""
    with suppress(*FOREIGN):
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MAX_BODY:
                break
    return body


def _redirected(response: httpx.Response) -> str:
    host = urlsplit(response.headers.get("location", "")).hostname or "another address"
    return f"The server sends us on to {host}, and the key is not sent there. If you trust it, set base_url to it."


def _read(body: bytes) -> Said:
    try:
        parsed = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Said(is_page=body.lstrip()[:1] == b"<")
    return _understand(parsed) if isinstance(parsed, dict) else Said()


def _understand(body: Mapping[str, Any]) -> Said:
    """Find the error in any of the shapes: nested under `error` or `detail`, or flat."""
    inner: Any = body.get("error") or body.get("detail") or body.get("details") or body
    if isinstance(inner, str):
        inner = {"message": inner}
    elif isinstance(inner, list):
        inner = _validation(inner)
    elif not isinstance(inner, dict):
        inner = {}
    code = inner.get("code") or body.get("error_code") or ""
    return Said(
        message=_start(_words(inner.get("message") or inner.get("error") or inner.get("msg") or "")),
        type=_name(inner.get("type")),
        code=_name(code),
        param=_name(inner.get("param")),
        provider=_name(inner.get("provider") or inner.get("llm_provider") or body.get("provider")),
        retry_after=number(body.get("retry_after")),
    )


def _validation(problems: list[Any]) -> dict[str, Any]:
    """FastAPI's list of `{loc, msg, type}`: name each field."""
    found = []
    for problem in problems:
        if isinstance(problem, dict):
            field = ".".join(str(step) for step in problem.get("loc", ()) if step != "body")
            found.append(f"{field}: {problem.get('msg', '')}" if field else str(problem.get("msg", "")))
    return {"message": "; ".join(found), "code": "validation_error"}


def _words(message: Any) -> str:
    """A message that is a text, or problems by field: `{"providers": ["This field is required."]}`."""
    if isinstance(message, str):
        return message
    if not isinstance(message, dict):
        return msgspec.json.encode(message).decode()
    found = (problem[0] if isinstance(problem, list) and problem else problem for problem in message.values())
    told = (problem if isinstance(problem, str) else msgspec.json.encode(problem).decode() for problem in found)
    return "; ".join(f"{field}: {problem}" for field, problem in zip(message, told, strict=True))


def _start(text: str) -> str:
    """What can be shown on one line, and more: a key that is cut in half is not found by looking for keys."""
    visible = "".join(letter if letter.isprintable() else " " for letter in text[:MAX_BODY])
    return " ".join(visible.split())[: 10 * MAX_MESSAGE]


def _one_line(text: str) -> str:
    line = text[:MAX_MESSAGE].rstrip()
    return line if not line or line[-1] in ".!?" else line + "."


def _name(value: Any) -> str:
    """A word of the API, such as a code; "" for what is too long to be one."""
    name = str(value or "") if isinstance(value, (str, int)) else ""
    return name if len(name) <= MAX_NAME and name.isprintable() else ""


def _blank(said: Said, status: int | None) -> str:
    if said.is_page:
        return f"A web page came back with status {status}: a proxy on the way is in trouble, or base_url is wrong."
    return f"The server answered {status} without saying why." if status else "The server reported an error."


def _retry_after(value: str | None) -> float | None:
    """The header in seconds, given as seconds or as an HTTP date (RFC 9110, 10.2.3)."""
    if value is None or (seconds := number(value)) is not None:
        return None if value is None else seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None
