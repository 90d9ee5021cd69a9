"""Every test of this room runs without the proxies and certificates of the machine."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def without_proxies(no_proxy: None) -> None:
    """For all tests of this folder."""
