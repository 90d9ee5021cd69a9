"""CORS headers, so that web pages can use the sandbox (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .record import Request
from .script import Script

HEADERS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
}
_METHOD = "access-control-request-method"
_ASKED_FOR = {
    "access-control-request-headers": "Access-Control-Allow-Headers",  # `*` does not include Authorization
    "access-control-request-private-network": "Access-Control-Allow-Private-Network",
}


def is_preflight(request: Request) -> bool:
    """Whether this is a browser's preflight request."""
    asks = "origin" in request.headers and _METHOD in request.headers
    return request.method == "OPTIONS" and asks


def preflight(request: Request, methods: Iterable[str]) -> Script:
    """The answer that allows the requested headers, and these methods or, if there are none, the requested one."""
    granted = {name: request.headers[asked] for asked, name in _ASKED_FOR.items() if asked in request.headers}
    allowed = {
        "Access-Control-Allow-Methods": ", ".join(methods) or request.headers[_METHOD],
        "Access-Control-Max-Age": "600",
    }
    return Script(status=204, headers={**allowed, **granted})
