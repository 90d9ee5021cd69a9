"""What lets a page of any origin speak to the sandbox (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

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
    "access-control-request-headers": "Access-Control-Allow-Headers",  # `*` would leave Authorization out
    "access-control-request-private-network": "Access-Control-Allow-Private-Network",
}


def is_preflight(request: Request) -> bool:
    """Whether a browser asks if it may send the real request."""
    asks = "origin" in request.headers and _METHOD in request.headers
    return request.method == "OPTIONS" and asks


def preflight(request: Request, methods: Iterable[str]) -> Script:
    """Yes, to whatever headers the browser means to send; where there are no methods, to the one it asks for."""
    granted = {name: request.headers[asked] for asked, name in _ASKED_FOR.items() if asked in request.headers}
    allowed = {
        "Access-Control-Allow-Methods": ", ".join(methods) or request.headers[_METHOD],
        "Access-Control-Max-Age": "600",
    }
    return Script(status=204, headers={**allowed, **granted})
