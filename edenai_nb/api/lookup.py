"""Looks up the name of a host within a deadline."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading

import httpx


def await_name(host: str, port: int, within_s: float) -> None:
    """Return when the name has been resolved, so that connecting does not block on it.

    `getaddrinfo` takes no timeout: where no name server answers it takes half a minute. Raises httpx errors.
    """
    if _is_address(host):
        return
    found: queue.SimpleQueue[OSError | None] = queue.SimpleQueue()

    def look() -> None:
        try:
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:  # a label of more than 63 letters is the latter
            found.put(error if isinstance(error, OSError) else socket.gaierror(socket.EAI_NONAME, "not a name"))
        else:
            found.put(None)

    threading.Thread(target=look, name="lookup", daemon=True).start()
    try:
        if error := found.get(timeout=within_s):
            raise error
    except queue.Empty:
        raise httpx.ConnectTimeout("") from None
    except OSError as why:  # httpcore keeps only an error's __context__, which is set inside an `except` alone
        raise httpx.ConnectError("") from why


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True
