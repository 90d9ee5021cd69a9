"""The models of `GET /v3/models`: read, and kept with the account."""

from __future__ import annotations

import time
from typing import Any

from .. import settings as _settings
from ..errors import EdenError
from .account import account_of
from .client import Client
from .models import Model, nearest, parse

KEPT_S = 600.0  # the list is 1.5 MB and moves slowly


def models(**settings: Any) -> list[Model]:
    """Every model that Eden AI offers, read at most once in ten minutes. Takes settings such as `base_url`.

    The list is public: no key is needed. Raises EdenError.
    """
    return list(read(Client(_settings.resolve(**settings))))


def read(client: Client, *, within_s: float | None = None) -> tuple[Model, ...]:
    """The catalogue that this client sees. Raises EdenError, TimedOut if it takes longer than `within_s`."""
    account = client.account
    if not account.models or time.monotonic() - account.models_read_at > KEPT_S:
        account.models = parse(client.json("/models", within_s=within_s))
        account.models_read_at = time.monotonic()
    return account.models


def kept(settings: _settings.Settings) -> tuple[Model, ...]:
    """The catalogue as it was last read with these settings, without asking anybody; () if it never was."""
    return account_of(settings).models


def suggestion(client: Client, name: str, within_s: float) -> str:
    """`Did you mean …?` for an unknown model; "" where the catalogue cannot be read in that time."""
    try:
        ids = nearest(name, read(client, within_s=within_s))
    except EdenError:
        return ""
    return f"Did you mean {' or '.join(filter(None, [', '.join(ids[:-1]), ids[-1]]))}?" if ids else ""
