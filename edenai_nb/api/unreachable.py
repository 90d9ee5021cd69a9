"""A connection that could not be made: why, and what to set."""

from __future__ import annotations

import socket
import ssl
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from urllib.parse import urlsplit

import httpx

from .. import errors
from ..settings import Settings

NETWORK, DNS, PROXY, TLS = "network", "dns", "proxy", "tls"  # the `code` of an Unreachable
LASTING = frozenset({DNS, PROXY, TLS})  # what does not pass by itself
EXPIRED, NOT_YET_VALID = 10, 9  # OpenSSL's X509_V_ERR_*
WRONG_NAMES = 62, 64  # host, IP address


def explain(error: Exception, settings: Settings) -> errors.Unreachable:
    """The Unreachable for httpx's ConnectError, ProxyError or UnsupportedProtocol, or for an OSError."""
    sentence, code = _reason(list(_causes(error)), settings)
    return errors.Unreachable(sentence, code=code)


def _reason(causes: list[BaseException], settings: Settings) -> tuple[str, str]:
    host, through = settings.host, proxy(settings)
    if isinstance(causes[0], httpx.ProxyError):
        sentence = f"The proxy {through} refuses to connect to {host}: check the name and password in HTTPS_PROXY."
        return sentence, PROXY
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


def _certificate(code: int, host: str) -> str:
    if code in (EXPIRED, NOT_YET_VALID):
        return f"The certificate of {host} is not valid today: check this machine's clock."
    if code in WRONG_NAMES:
        return f"The certificate is not one for {host}: check base_url, or the proxy in between."
    machine = ", or add it to this machine's certificates."
    if not find_spec("truststore"):
        machine = ', or pip install "edenai-nb[truststore]" to trust what this machine trusts.'
    return (
        f"The certificate of {host} is signed by nobody known here (a company proxy does that): "
        f"set SSL_CERT_FILE to its CA file{machine}"
    )


def proxy(settings: Settings) -> str:
    """Host and port of the proxy that httpx takes from the environment; "" for none. Never its password."""
    proxies = urllib.request.getproxies()
    address = urlsplit(settings.base_url)
    found = proxies.get(address.scheme) or proxies.get("all")
    if not found or settings.is_local or urllib.request.proxy_bypass(settings.host):
        return ""
    return urlsplit(found if "://" in found else f"//{found}").netloc.rpartition("@")[2]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
