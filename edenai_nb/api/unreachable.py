"""Explains why a connection could not be made, and what to set."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from importlib.util import find_spec

import httpx

from .. import errors
from ..settings import Settings
from . import proxies

NETWORK, DNS, PROXY, TLS = "network", "dns", "proxy", "tls"  # the `code` of an Unreachable
PERMANENT = frozenset({DNS, PROXY, TLS})  # not temporary: never retried
EXPIRED, NOT_YET_VALID = 10, 9  # OpenSSL's X509_V_ERR_*
WRONG_NAMES = 62, 64  # host, IP address


def explain(error: Exception, settings: Settings) -> errors.Unreachable:
    """The Unreachable for httpx's ConnectError, ProxyError or UnsupportedProtocol, or for an OSError."""
    sentence, code = _reason(list(_causes(error)), settings)
    return errors.Unreachable(sentence, code=code)


def _reason(causes: list[BaseException], settings: Settings) -> tuple[str, str]:
    host, through = settings.host, proxies.shown(settings)
    if isinstance(causes[0], httpx.ProxyError):
        return _proxy(str(causes[0]), through, host)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate(cause.verify_code, host), TLS
        if isinstance(cause, ssl.SSLError):
            return f"{host} does not speak TLS here: check https:// and the port in base_url, and HTTPS_PROXY.", TLS
    if through:
        return f"The proxy {through} cannot be reached: correct HTTPS_PROXY, or add {host} to NO_PROXY.", PROXY
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            code = NETWORK if cause.errno == socket.EAI_AGAIN else DNS
            return f"The name {host} is not known here (DNS): check the network and base_url, or set HTTPS_PROXY.", code
        if isinstance(cause, ConnectionRefusedError):
            return f"{host} refuses the connection: check the port in base_url, or set HTTPS_PROXY.", NETWORK
        if isinstance(cause, TimeoutError):
            return f"{host} does not answer: check the network and base_url, or set HTTPS_PROXY.", NETWORK
    return f"{host} cannot be reached: check the network and base_url, or set HTTPS_PROXY.", NETWORK


def _proxy(said: str, through: str, host: str) -> tuple[str, str]:
    """(message, code) for a proxy that refuses. `said` is its HTTP status line (`502 Bad Gateway`), or SOCKS's text."""
    if said.startswith("407") or re.search("password|AUTHENTICATION", said):
        return f"The proxy {through} does not accept the user name and password: correct them in HTTPS_PROXY.", PROXY
    if said.startswith("5") or re.search("unreachable|failure|refused|expired", said):
        return f"The proxy {through} cannot connect to {host}: run it again, or add {host} to NO_PROXY.", NETWORK
    sentence = f"The proxy {through} refuses to connect to {host}: ask who runs it, or correct HTTPS_PROXY."
    return sentence, PROXY


def _certificate(code: int, host: str) -> str:
    if code in (EXPIRED, NOT_YET_VALID):
        return f"The certificate of {host} is expired or not yet valid: check this machine's clock."
    if code in WRONG_NAMES:
        return f"The certificate was issued for another name than {host}: check base_url, or the proxy in between."
    machine = ", or add it to this machine's certificates."
    if not find_spec("truststore"):
        machine = ', or pip install "edenai-nb[truststore]" to trust what this machine trusts.'
    return (
        f"The certificate of {host} comes from an authority that is not trusted here (usual behind a company proxy): "
        f"set SSL_CERT_FILE to its CA file{machine}"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
