"""Real front ends for the tests: `lab`, `notebook7`, and `front_end` for each of both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .chromium import Sync
from .lab import Lab, Server


@pytest.fixture(scope="session")
def lab_session(browser: Sync, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    yield from _front_end("lab", browser, tmp_path_factory)


@pytest.fixture(scope="session")
def notebook_session(browser: Sync, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    yield from _front_end("notebook", browser, tmp_path_factory)


@pytest.fixture
def lab(lab_session: Lab) -> Iterator[Lab]:
    """JupyterLab; what the test opened is closed after it."""
    yield lab_session
    lab_session.close_pages()


@pytest.fixture
def notebook7(notebook_session: Lab) -> Iterator[Lab]:
    """Notebook 7; what the test opened is closed after it."""
    yield notebook_session
    notebook_session.close_pages()


@pytest.fixture(params=["lab", "notebook7"])
def front_end(request: pytest.FixtureRequest) -> Lab:
    """JupyterLab, then Notebook 7."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def _front_end(name: str, browser: Sync, folders: pytest.TempPathFactory) -> Iterator[Lab]:
    server = Server(name, folders.mktemp(name))
    try:
        lab = Lab(server, browser)
        yield lab
        lab.close()
    finally:
        server.stop()
