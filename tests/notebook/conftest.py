"""Real kernels for the tests: `kernel`, and `new_kernel` for those that need more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edenai_nb.sandbox import Sandbox

from .kernel import Kernel


@pytest.fixture(scope="session")
def spare(clean_surroundings: Path) -> Iterator[list[Kernel]]:
    """The next kernel, which starts while a test still runs with the last one."""
    kernels: list[Kernel] = []
    yield kernels
    for kernel in kernels:
        kernel.shutdown()


@pytest.fixture
def new_kernel(spare: list[Kernel], clean_surroundings: Path) -> Iterator[Callable[[], Kernel]]:
    """A function that gives a fresh kernel; all are shut down after the test."""
    given: list[Kernel] = []

    def give() -> Kernel:
        given.append(spare.pop() if spare else Kernel(clean_surroundings))
        spare.append(Kernel(clean_surroundings))
        return given[-1].ready()

    yield give
    for kernel in given:
        kernel.shutdown()


@pytest.fixture
def kernel(new_kernel: Callable[[], Kernel]) -> Kernel:
    """A fresh kernel."""
    return new_kernel()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=0) as sandbox:
        yield sandbox


@pytest.fixture
def notebook(kernel: Kernel, sandbox: Sandbox) -> Kernel:
    """A kernel with the extension, pointed at the sandbox."""
    result = kernel.run(
        "%load_ext edenai_nb\n"
        f"import edenai_nb as eden; eden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r})"
    )
    assert result.status == "ok", result.traceback
    return kernel
