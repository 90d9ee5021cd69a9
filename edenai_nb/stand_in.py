"""The sandbox that this whole process is pointed at, while it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import settings
from .settings import Settings

_SETS = ("base_url", "api_key")
_running: list[Any] = []  # the Sandbox, if any
_before: dict[str, Any] = {}  # what configure() had said


def start() -> None:
    """Point this process at a local stand-in for Eden AI. Starting it twice changes nothing."""
    if not _running:
        from .sandbox import Sandbox

        now = settings.resolve()
        _before.update({name: getattr(now, name) for name in _SETS if now.origins.get(name) == "configure()"})
        _running.append(Sandbox())
        _running[0].start()
    settings.configure(base_url=_running[0].base_url, api_key=_running[0].key)


def stop() -> bool:
    """Point this process again at what it asked before. False if no sandbox was on."""
    if not _running:
        return False
    _running.pop().stop()
    settings.configure(**{**dict.fromkeys(_SETS), **_before})
    _before.clear()
    return True


def is_on() -> bool:
    """True while answers come from it."""
    return bool(_running) and settings.resolve().base_url == _running[0].base_url


def current_settings() -> Settings:
    """The settings in force; what the sandbox has set says so."""
    now = settings.resolve()
    return replace(now, origins={**now.origins, **dict.fromkeys(_SETS, "sandbox")}) if is_on() else now
