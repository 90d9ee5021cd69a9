"""The files that Eden AI has already, by their SHA-256: in this process, and on disk until they expire there."""

from __future__ import annotations

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..settings import Settings

MARGIN_S = 3600.0  # a conversation goes on with a file for a while

_kept: dict[str, dict[str, Stored]] = {}
_locks: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True)
class Stored:
    """A file in the store: its id, and when it expires (seconds since 1970)."""

    id: str
    expires_at: float

    @property
    def is_fresh(self) -> bool:
        """Whether it will be there for a while."""
        return self.expires_at - time.time() > MARGIN_S


def find(settings: Settings, digest: str) -> Stored | None:
    """The stored file with this content, if Eden AI still has it."""
    found = _all(settings).get(digest)
    return found if found and found.is_fresh else None


def keep(settings: Settings, digest: str, stored: Stored) -> None:
    """Remember a file; only in this process if the cache folder cannot be written, or for a server on this machine."""
    _keep(settings, {**_all(settings), digest: stored})


def drop(settings: Settings, digest: str, id: str) -> None:
    """Forget a file that Eden AI no longer has, unless it has been uploaded anew under another id."""
    if (found := _all(settings).get(digest)) and found.id == id:
        _keep(settings, {name: one for name, one in _all(settings).items() if name != digest})


def lock(settings: Settings, digest: str) -> threading.Lock:
    """Held while a content is uploaded, so that several questions about one file send it once."""
    return _locks[settings.fingerprint, digest]


def forget() -> None:
    """Clear the cache of this process; the files stay."""
    _kept.clear()


def _keep(settings: Settings, files: Mapping[str, Stored]) -> None:
    _kept[settings.fingerprint] = known = {name: one for name, one in files.items() if one.is_fresh}
    if not settings.is_local:  # its port may soon be another server's
        _write(_path(settings), known)


def _all(settings: Settings) -> dict[str, Stored]:
    if settings.fingerprint not in _kept:
        _kept[settings.fingerprint] = {} if settings.is_local else _read(_path(settings))
    return _kept[settings.fingerprint]


def _path(settings: Settings) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("edenai-nb", appauthor=False) / f"uploads-{settings.fingerprint}.json"


def _read(path: Path) -> dict[str, Stored]:
    import msgspec

    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Stored])
    except (OSError, msgspec.DecodeError):
        return {}


def _write(path: Path, known: dict[str, Stored]) -> None:
    import msgspec

    fresh = path.with_suffix(f".{uuid.uuid4().hex[:8]}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(msgspec.json.encode(known))
        fresh.replace(path)  # atomic: another kernel reads either the old file or the new one
