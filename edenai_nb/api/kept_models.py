"""The cache of the list of models: in this process, and for a day on disk."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..settings import Settings
from .models import Model

KEPT_S = 86_400.0  # the list is 1.5 MB and moves slowly
KEPT_LOCALLY_S = 600.0  # a port on this machine may soon be used by another server
FORMAT = 1  # version of the file format


@dataclass(frozen=True)
class KeptModels:
    """The models and when they were read (seconds since 1970); no models if they were never read."""

    models: tuple[Model, ...] = ()
    read_at: float = 0.0
    format: int = FORMAT

    def fresh(self, settings: Settings) -> bool:
        """Whether they are recent enough to be used without asking again."""
        age_s = time.time() - self.read_at
        return bool(self.models) and 0 <= age_s < (KEPT_LOCALLY_S if settings.is_local else KEPT_S)


_kept: dict[str, KeptModels] = {}


def kept(settings: Settings) -> KeptModels:
    """The cached models of these settings' account, however old. Sends no request."""
    key = settings.fingerprint
    if key not in _kept:
        _kept[key] = _read(_path(key))
    return _kept[key]


def keep(settings: Settings, models: tuple[Model, ...]) -> KeptModels:
    """Cache a list that has just been read; only in this process if the cache folder cannot be written."""
    found = _kept[settings.fingerprint] = KeptModels(models, time.time())
    _write(_path(settings.fingerprint), found)
    return found


def forget() -> None:
    """Clear the cache of this process; the files stay."""
    _kept.clear()


def _path(fingerprint: str) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("edenai-nb", appauthor=False) / f"models-{fingerprint}.json"


def _read(path: Path) -> KeptModels:
    """What the file holds; no models if it is missing, incomplete or of another format."""
    import msgspec

    try:
        found = msgspec.json.decode(path.read_bytes(), type=KeptModels)
    except (OSError, msgspec.DecodeError):
        return KeptModels()
    return found if found.format == FORMAT else KeptModels()


def _write(path: Path, found: KeptModels) -> None:
    import msgspec

    fresh = path.with_suffix(f".{uuid.uuid4().hex[:8]}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(msgspec.json.encode(found))
        fresh.replace(path)  # atomic: another kernel reads either the old file or the new one
