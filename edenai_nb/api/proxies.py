"""The proxy for requests to Eden AI, from the environment or the system's settings."""

from __future__ import annotations

import ipaddress
import re
import urllib.request
from urllib.parse import urlsplit

from ..settings import Settings


def address(settings: Settings) -> str:
    """The proxy for these settings, with its password if it has one; "" for none.

    httpx would read the same variables, but refuses all requests where NO_PROXY names an IPv6 network.
    """
    proxies = urllib.request.getproxies()
    found = proxies.get(urlsplit(settings.base_url).scheme) or proxies.get("all") or ""
    # Local addresses use plain http: a proxy would read the key.
    if not found or settings.is_local or _is_excepted(settings):
        return ""
    return found if "://" in found else f"http://{found}"


def shown(settings: Settings) -> str:
    """Host and port of the proxy, never its password; "" for none."""
    return urlsplit(address(settings)).netloc.rpartition("@")[2]


def _is_excepted(settings: Settings) -> bool:
    environment = urllib.request.getproxies_environment()
    if not environment:  # macOS and Windows have their own lists of exceptions
        return bool(urllib.request.proxy_bypass(settings.host))
    url = urlsplit(settings.base_url)
    port = url.port or (443 if url.scheme == "https" else 80)
    return any(_names(entry, settings.host, port) for entry in re.split(r"[,;\s]+", environment.get("no", "")) if entry)


def _names(entry: str, host: str, port: int) -> bool:
    """True if this entry of NO_PROXY (name, suffix, address or network, with or without port) matches the host."""
    entry = entry.lower().rpartition("://")[2]
    if match := re.fullmatch(r"(\[[^\]]+\]|[^:]+):(\d+)", entry):
        if int(match[2]) != port:
            return False
        entry = match[1]
    network = _network(entry)
    if network is not None:
        found = _network(host)
        return found is not None and found.version == network.version and found.network_address in network
    name = entry.lstrip("*.")
    return entry == "*" or (bool(name) and f".{host}".endswith(f".{name}"))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """`10.0.0.0/8`, `::1`, `[::1]`, `[fd00::]/8`; None if it is a name."""
    try:
        return ipaddress.ip_network(re.sub(r"[\[\]]", "", text), strict=False)
    except ValueError:
        return None
