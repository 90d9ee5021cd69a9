"""The sandbox that answers this process's requests while `%edenchat sandbox` is on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import settings
from .settings import Settings

_SETS = ("base_url", "api_key")
_running: list[Any] = []  # the Sandbox, if any
_before: dict[str, Any] = {}  # the values that configure() had before


def start() -> None:
    """Send this process's requests to a local sandbox; to the one that is on, if any."""
    if not _running:
        from .sandbox import Sandbox

        now = settings.resolve()
        _before.update({name: getattr(now, name) for name in _SETS if now.origins.get(name) == "configure()"})
        _running.append(Sandbox())
        _running[0].start()
    settings.configure(base_url=_running[0].base_url, api_key=_running[0].key)


def stop() -> bool:
    """Restore the address and key that were in use before. False if no sandbox was on."""
    if not _running:
        return False
    _running.pop().stop()
    settings.configure(**{**dict.fromkeys(_SETS), **_before})
    _before.clear()
    return True


def is_on() -> bool:
    """True while the sandbox is on."""
    return bool(_running) and settings.resolve().base_url == _running[0].base_url


def current_settings() -> Settings:
    """The settings in force; those set by the sandbox name it as their source."""
    now = settings.resolve()
    return replace(now, origins={**now.origins, **dict.fromkeys(_SETS, "sandbox")}) if is_on() else now
