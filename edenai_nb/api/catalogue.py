"""The models of `GET /v3/models`: read, and kept."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..errors import EdenError
from .client import Client
from .kept_models import KeptModels, keep, kept
from .models import Model, find, nearest, parse

AGAIN_S = 60.0  # a list that is younger is not read again for a model that it does not know


def read(client: Client, *, within_s: float | None = None, knowing: Iterable[str] = ()) -> tuple[Model, ...]:
    """The models that this client sees: as kept, for a day, unless a name that is looked for is not among them.

    A list that is older does where nobody can be asked. Raises EdenError where there is none, TimedOut if reading
    takes longer than `within_s`.
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
    """`Did you mean …?` for an unknown model; "" where the catalogue cannot be read in that time."""
    try:
        ids = nearest(name, read(client, within_s=within_s, knowing=[name]))
    except EdenError:
        return ""
    return f"Did you mean {' or '.join(filter(None, [', '.join(ids[:-1]), ids[-1]]))}?" if ids else ""


def _lacks(before: KeptModels, names: Iterable[str]) -> bool:
    is_new = time.time() - before.read_at < AGAIN_S
    return not is_new and any(not name.startswith("@") and find(name, before.models) is None for name in names)
