"""The models of `GET /v3/models`, cached for a day."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..errors import EdenError
from .client import Client
from .kept_models import KeptModels, keep, kept
from .models import Model, find, nearest, parse

AGAIN_S = 60.0  # a list younger than this is not read again because a name is missing from it


def read(client: Client, *, within_s: float | None = None, knowing: Iterable[str] = ()) -> tuple[Model, ...]:
    """The models that this client's account sees: the cached list if it is fresh and holds all names of `knowing`.

    Otherwise the server is asked; where that fails, an outdated list is returned. Raises EdenError where there is no
    list at all, TimedOut if reading takes longer than `within_s`.
    """
    before = kept(client.settings)
    if before.fresh(client.settings) and not _lacks(before, knowing):
        return before.models
    try:
        return keep(client.settings, parse(client.json("/models", within_s=within_s))).models
    except EdenError:
        if before.models:
            return before.models
        raise


def suggestion(client: Client, name: str, within_s: float) -> str:
    """`Did you mean …?` for an unknown model; "" where the catalogue cannot be read within `within_s`."""
    try:
        ids = nearest(name, read(client, within_s=within_s, knowing=[name]))
    except EdenError:
        return ""
    return f"Did you mean {' or '.join(filter(None, [', '.join(ids[:-1]), ids[-1]]))}?" if ids else ""


def _lacks(before: KeptModels, names: Iterable[str]) -> bool:
    is_new = time.time() - before.read_at < AGAIN_S
    return not is_new and any(not name.startswith("@") and find(name, before.models) is None for name in names)
