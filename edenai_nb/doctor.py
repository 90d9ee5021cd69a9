"""Diagnoses what keeps this machine from getting an answer; one finding per line."""

from __future__ import annotations

import email.utils
import socket
import ssl
import sys
import time
from collections.abc import Callable, Collection, Iterator
from importlib import metadata
from typing import NamedTuple
from urllib.parse import urlsplit

from .api import catalogue, proxies, unreachable
from .api.account import account_of
from .api.client import Client
from .api.models import find
from .api.stream import DeltaStream
from .errors import EdenError
from .money import dollars
from .settings import Settings, describe

PROBE_S = 15.0  # limit for each request
SKEW_S = 120.0  # a clock that is off by more can make certificates invalid
PACKAGES = ("edenai-nb", "ipykernel", "ipywidgets", "anywidget", "jupyterlab", "notebook")
_NEEDED = {"ipywidgets": 8, "anywidget": 0}  # package -> lowest major version
_NO_KEY = "none found: set EDENAI_API_KEY, or run %edenchat login"
_COUNT = "Count from 1 to 40 in digits, separated by blanks, and say nothing else."


class Finding(NamedTuple):
    """One line of the report; `ok` is None for a fact that is neither good nor bad."""

    name: str
    ok: bool | None
    text: str

    def __str__(self) -> str:
        return f"{'·' if self.ok is None else '✓' if self.ok else '✗'} {self.name:9} {self.text}"


def examine(settings: Settings, *, stream: bool = False) -> Iterator[Finding]:
    """Yield all findings, the most important first. Nothing is billed unless `stream` asks a model."""
    origin = settings.origins.get("api_key", "")
    yield Finding("key", bool(settings.api_key), f"found ({origin})" if settings.api_key else _NO_KEY)
    if settings.is_local:
        yield Finding(
            "address", None, f"{settings.host} is this machine: a sandbox's answers are canned, any key will do"
        )
    yield from _way(settings)
    try:
        client = Client(settings)
        client.check_address()
    except EdenError as error:
        yield Finding("address", False, str(error))
    else:
        yield from _answers(client, stream)
    yield from _versions()
    yield from _changed(settings)


def verdict(findings: Collection[Finding]) -> Finding:
    """A summary of all findings in one line."""
    bad = [finding.name for finding in findings if finding.ok is False]
    return Finding("in all", not bad, f"mend: {', '.join(dict.fromkeys(bad))}" if bad else "nothing is in the way")


def _way(settings: Settings) -> Iterator[Finding]:
    """The proxy if there is one, else DNS, TCP and TLS, each by itself."""
    address = urlsplit(settings.base_url)
    port = address.port or (443 if address.scheme == "https" else 80)
    if proxy := proxies.shown(settings):
        yield Finding("proxy", None, f"{proxy}, which looks up and connects to {settings.host}")
        return
    yield Finding("proxy", None, "none")
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM)}
        yield Finding("DNS", True, f"{settings.host} is {', '.join(sorted(found)[:3])}")
        started = time.monotonic()
        with socket.create_connection((settings.host, port), settings.connect_s) as line:
            yield Finding("TCP", True, f"connected to port {port} in {(time.monotonic() - started) * 1000:.0f} ms")
            if address.scheme == "https":
                yield _tls(line, settings)
    except (OSError, EdenError) as error:
        yield Finding("network", False, str(unreachable.explain(error, settings)))


def _tls(line: socket.socket, settings: Settings) -> Finding:
    context = account_of(settings).tls
    with context.wrap_socket(line, server_hostname=settings.host) as tls:
        issuer = dict(pair[0] for pair in (tls.getpeercert() or {}).get("issuer", ()))  # type: ignore[misc]
        name = issuer.get("organizationName") or issuer.get("commonName") or "somebody trusted here"
        kind = (
            "certifi's or the named certificates" if type(context) is ssl.SSLContext else "this machine's certificates"
        )
        return Finding("TLS", True, f"{tls.version()}, signed by {name}, checked with {kind}")


def _answers(client: Client, stream: bool) -> Iterator[Finding]:
    if client.settings.api_key:
        yield _tried("account", lambda: _account(client))
    yield _tried("models", lambda: _models(client))
    if client.date:
        yield _clock(client.date)
    if stream:
        yield _tried("stream", lambda: _stream(client))
    else:
        yield Finding("stream", None, "not tried: `doctor stream` asks a model for a short answer, which is billed")


def _tried(name: str, look: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        return Finding(name, *look())
    except EdenError as error:
        return Finding(name, False, str(error))


def check_key(client: Client) -> None:
    """Send a free request that needs a valid key (contract, 1.2). Raises the EdenError that the server reports."""
    client.json("/universal-ai/async?limit=1", within_s=PROBE_S)


def _account(client: Client) -> tuple[bool, str]:
    check_key(client)
    return True, "the key is accepted"


def _models(client: Client) -> tuple[bool, str]:
    name = client.settings.model
    found = catalogue.read(client, within_s=PROBE_S, knowing=[name])
    if find(name, found) or name == "@edenai":
        return True, f"{len(found)}, {name} among them"
    return False, f"{name} is not among the {len(found)}. {catalogue.suggestion(client, name, PROBE_S)}"


def _clock(date: str) -> Finding:
    try:
        skew_s = time.time() - email.utils.parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return Finding("clock", None, "the server does not tell the time")
    if abs(skew_s) < SKEW_S:
        return Finding("clock", True, "right")
    return Finding(
        "clock", False, f"{abs(skew_s):.0f} s {'ahead' if skew_s > 0 else 'behind'}: set this machine's clock"
    )


def _stream(client: Client) -> tuple[bool, str]:
    started, times, cost = time.monotonic(), [], None
    for delta in _counting(client):
        if delta.text or delta.reasoning:
            times.append(time.monotonic() - started)
        cost = delta.cost if delta.cost is not None else cost
    if not times:
        return False, "the model said nothing: take another"
    told = f"{len(times)} pieces, the first after {times[0]:.1f} s, the last {times[-1] - times[0]:.2f} s later"
    billed = "" if cost is None else f", {dollars(cost)}"
    if len(times) < 3 or times[-1] - times[0] < 0.01:
        return (
            False,
            f"{told}{billed}: a proxy on the way may hold answers back; let it pass text/event-stream unbuffered",
        )
    return True, told + billed


def _counting(client: Client) -> DeltaStream:
    asked = {"model": client.settings.model, "messages": [{"role": "user", "content": _COUNT}], "stream": True}
    return DeltaStream(client, {**asked, "stream_options": {"include_usage": True}, "max_completion_tokens": 400})


def _versions() -> Iterator[Finding]:
    """Installed versions in one line; then a line for each package that is missing, too old or in conflict."""
    versions = {name: version for name in PACKAGES if (version := _version(name))}
    yield Finding("version", True, ", ".join(f"{name} {version}" for name, version in versions.items()))
    for name, least in _NEEDED.items():
        if name not in versions:
            yield Finding("version", False, f"{name} is missing: pip install {name}")
        elif int(versions[name].partition(".")[0]) < least:
            yield Finding("version", False, f"{name} {versions[name]} is too old: pip install -U {name}")
    # Being installed is harmless; once applied, queued cells wait for ever on ipykernel 7 (measured).
    if "nest_asyncio" in sys.modules:
        yield Finding("version", False, "nest-asyncio is loaded and stops ipykernel 7: use nest_asyncio2")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _changed(settings: Settings) -> Iterator[Finding]:
    """The settings that differ from their defaults; `%edenchat config` shows all."""
    for line in describe(settings).splitlines():
        if not line.endswith("(default)"):
            yield Finding("setting", None, " ".join(line.split()))
