"""Turns httpx's errors into EdenErrors."""

from __future__ import annotations

import httpx

from .. import errors
from ..settings import Settings
from . import unreachable

HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)  # none of these leaves api/


def explain(
    error: Exception, settings: Settings, began: bool = False, within_s: float | None = None
) -> errors.EdenError:
    """The EdenError for an error of httpx. `began`: content had arrived; `within_s`: the limit if not from settings.

    httpx's own text is not repeated: it may hold addresses and headers.
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
        return errors.TimedOut(f"{host} sent nothing for {limit_s:g} s: {more}, or run it again.{kept}")
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
