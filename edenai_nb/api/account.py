"""The connections, rate limit and budget that all requests with one address and key share."""

from __future__ import annotations

import ssl
import time
from collections import deque
from contextlib import suppress

import certifi
import httpx

from .. import errors, forks
from ..budget import Budget
from ..settings import Settings, certificates
from . import kept_models, kept_uploads
from .connection import IDLE_S, Connection
from .rate_limit import RateLimiter

IDLE_CONNECTIONS = 256  # a batch has as many at once, and each that is closed costs a new handshake
_NO_PROXY = "The proxy cannot be used: correct HTTPS_PROXY or ALL_PROXY; SOCKS needs pip install httpx[socks]."
_NO_CERTIFICATES = "SSL_CERT_FILE or SSL_CERT_DIR cannot be read: correct or unset it."
_NO_KEY_LOG = "SSLKEYLOGFILE names a file that cannot be written: correct or unset it."

_accounts: dict[tuple[str, str], Account] = {}


class Account:
    """One address with one key: its connections, rate limit and budget. Any thread may use it.

    Besides the list of models (`kept_models`), this is all that a process keeps about a server. Only the address and
    key of `settings` are used: limits and timeouts come with each request.
    """

    def __init__(self, settings: Settings) -> None:
        self.base = settings.base_url  # Client.answer changes it to …/v3/llm where the endpoints turn out to be there
        self.limiter = RateLimiter()
        self.budget = Budget()
        # Loading certificates takes 20 ms, and plain http to this machine needs none.
        self.tls = _tls() if settings.base_url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._idle: deque[tuple[float, Connection]] = deque()
        forks.remember(self)

    def take(self, settings: Settings) -> Connection:
        """A connection for one request: the idle one that was used last, else a new one. Raises InvalidInput."""
        self._close_stale()
        with suppress(IndexError):
            return self._idle.pop()[1]
        try:
            return Connection(settings, self.tls)
        except (ImportError, ValueError, httpx.InvalidURL):
            # httpx reads the proxy here: its address is malformed, or it is SOCKS and `socksio` is not installed.
            raise errors.InvalidInput(_NO_PROXY) from None

    def give_back(self, connection: Connection) -> None:
        """Keep an unused connection for the next request, for IDLE_S seconds; an aborted one is closed."""
        if connection.aborted or len(self._idle) >= IDLE_CONNECTIONS:
            connection.close()
        else:
            self._idle.append((time.monotonic(), connection))

    def close(self) -> None:
        """Close the idle connections."""
        with suppress(IndexError):  # another thread may take the last one first
            while True:
                self._idle.popleft()[1].close()

    def after_fork(self) -> None:
        """Drop the connections, which belong to the parent process, without closing them."""
        # Closing one would send a TLS close on the socket that the parent is still using.
        self._idle = deque()

    def _close_stale(self) -> None:
        with suppress(IndexError):
            while self._idle[0][0] < time.monotonic() - IDLE_S:
                self._idle.popleft()[1].close()


def account_of(settings: Settings) -> Account:
    """This process's Account for this address and key. Raises InvalidInput where certificates cannot be read."""
    key = settings.base_url, settings.api_key
    return _accounts.get(key) or _accounts.setdefault(key, Account(settings))


def forget() -> None:
    """Close idle connections, and forget all accounts and their models."""
    while _accounts:
        _accounts.popitem()[1].close()
    kept_models.forget()
    kept_uploads.forget()


def _tls() -> ssl.SSLContext:
    """Trust the certificates that the user names, else the machine's (`truststore`), else certifi's."""
    file, folder = certificates()
    if not (file or folder):
        with suppress(ImportError):
            import truststore

            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder)
    except OSError as error:  # ssl.SSLError is one
        # OSError.filename is set only when the file named by SSLKEYLOGFILE cannot be written.
        raise errors.InvalidInput(_NO_KEY_LOG if error.filename else _NO_CERTIFICATES) from None
