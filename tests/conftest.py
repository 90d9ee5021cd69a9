"""What every test may ask for, and what no test may leave behind."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import pytest
from platformdirs import user_cache_path

from edenai_nb import Chat, Sandbox
from edenai_nb.api import account

if TYPE_CHECKING:
    from .kernel import Kernel

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
SECRETS = ("EDENAI_API_KEY", "EDEN_AI_API_KEY", "EDENAI_API_BASE", "EDENAI_MODEL")
LEAK_S = 5.0
ENDING = 3  # kernels at most


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-browser", action="store_true", help="leave out the tests that drive a browser")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes for the whole suite; none for a part of it."""
    return 2 if config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.without_browser else 0


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """One process has the browser's tests, which take as long as all others do, and mostly wait."""
    from xdist.scheduler import LoadScopeScheduling

    class Halves(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if "browser" in nodeid.partition("::")[0] else "all others"

    return Halves(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.without_browser:
        config.hook.pytest_deselected(items=[item for item in items if _needs_browser(item)])
        items[:] = [item for item in items if not _needs_browser(item)]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for a Chromium before the first test's clock starts: installing one can take minutes."""
    if session.config.option.collectonly or not any(_needs_browser(item) for item in session.items):
        return
    from .browser import chromium

    with suppress(chromium.NoChromium):  # the tests that need it say so, the others still run
        chromium.executable()


def _needs_browser(item: pytest.Item) -> bool:
    return bool({"browser", "front_end"} & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session", autouse=True)
def clean_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No key, keyring or Jupyter settings of the developer's, and a working directory that is not the checkout.

    Python puts the working directory in front of the installed package (`python -m`, `-c`, IPython's kernel), so
    a subprocess started in the checkout would test that instead of the wheel.
    """
    elsewhere = tmp_path_factory.mktemp("cwd")
    with pytest.MonkeyPatch.context() as patch:
        for name in (*SECRETS, "JUPYTER_PATH", "JUPYTER_CONFIG_PATH"):
            patch.delenv(name, raising=False)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):  # where platformdirs says that caches and state are kept
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        patch.chdir(elsewhere)
        yield elsewhere


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither proxies nor certificates of the machine."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def wrong_bodies() -> Iterator[list[str]]:
    """What the published document refuses of the chat bodies that the client of this process has written."""
    from jsonschema import Draft202012Validator

    from edenai_nb.api import client, stream

    document = json.loads((Path(__file__).parent / "world" / "openapi.json").read_text("utf-8"))
    body = {"$ref": "#/components/schemas/LlmCompletionBody"}
    validator = Draft202012Validator({**body, "components": document["components"]})
    found: list[str] = []
    encode = client.encode

    def watched(value: Any) -> bytes:
        data = encode(value)
        if isinstance(value, dict) and "messages" in value:
            found.extend(f"{error.json_path}: {error.message}" for error in validator.iter_errors(json.loads(data)))
        return data

    with pytest.MonkeyPatch.context() as patch:
        for module in (client, stream):
            patch.setattr(module, "encode", watched)
        yield found


@pytest.fixture(autouse=True)
def every_request_is_what_the_document_allows(wrong_bodies: list[str]) -> Iterator[None]:
    """Fails a test in which the client sends what a server made from the published document refuses."""
    yield
    wrong, wrong_bodies[:] = list(wrong_bodies), []
    assert not wrong


@pytest.fixture(autouse=True)
def nothing_left_behind(clean_surroundings: Path) -> Iterator[None]:
    """Fails a test that leaves a thread of ours or a setting in the environment."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + LEAK_S
    while (left := _threads_of_ours(before)) and time.monotonic() < deadline:
        left[0].join(0.05)
    assert not left, f"threads left after the test: {[thread.name for thread in left]}"
    assert not [name for name in SECRETS if name in os.environ], "a setting was left in the environment"


def _threads_of_ours(before: set[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("edenai") and thread not in before]


@pytest.fixture(scope="session")
def browser(clean_surroundings: Path) -> Iterator[object]:
    """A headless Chromium with the methods of `playwright.sync_api.Browser` (see `browser/chromium.py`)."""
    from .browser import chromium

    try:
        chromium.executable()
    except chromium.NoChromium as error:
        pytest.fail(str(error), pytrace=False)
    with chromium.launched() as browser:
        yield browser


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox as fast as possible."""
    with Sandbox(tokens_per_s=None) as sandbox:
        yield sandbox
    account.forget()  # ports come again, and with them connections and catalogues of a sandbox that is gone
    rmtree(user_cache_path("edenai-nb", appauthor=False), ignore_errors=True)


@pytest.fixture
def chat(sandbox: Sandbox) -> Callable[..., Chat]:
    """A new Chat with the sandbox; it gives up at once where it would try again."""

    def new(**options: object) -> Chat:
        given = {"base_url": sandbox.base_url, "api_key": sandbox.key, "model": "openai/gpt-5-mini", "retry_s": 0.001}
        return Chat(**{**given, "requests_per_s": 1e6, **options})

    return new


@pytest.fixture(scope="session")
def spare(clean_surroundings: Path) -> Iterator[list[Kernel]]:
    """The next kernel, which starts while a test still runs with the last one."""
    kernels: list[Kernel] = []
    yield kernels
    _let_end(kernels, [], at_most=0)


@pytest.fixture(scope="session")
def ending() -> Iterator[list[Kernel]]:
    """The kernels of the last tests, which end while the next ones run: that takes as long as a test does."""
    kernels: list[Kernel] = []
    yield kernels
    _let_end([], kernels, at_most=0)


@pytest.fixture
def new_kernel(spare: list[Kernel], ending: list[Kernel], clean_surroundings: Path) -> Iterator[Callable[[], Kernel]]:
    """A function that gives a fresh kernel; all are asked to end after the test."""
    from .kernel import Kernel

    given: list[Kernel] = []

    def give() -> Kernel:
        given.append(spare.pop() if spare else Kernel(clean_surroundings))
        spare.append(Kernel(clean_surroundings))
        return given[-1].ready()

    yield give
    _let_end(given, ending)


def _let_end(kernels: list[Kernel], ending: list[Kernel], at_most: int = ENDING) -> None:
    """Ask kernels to end, and wait for those asked longest ago until so many are still ending."""
    for kernel in kernels:
        kernel.ask_to_end()
    ending += kernels
    while len(ending) > at_most:
        ending.pop(0).shutdown()


@pytest.fixture
def kernel(new_kernel: Callable[[], Kernel]) -> Kernel:
    """A fresh kernel."""
    return new_kernel()


@pytest.fixture
def notebook(kernel: Kernel, sandbox: Sandbox) -> Kernel:
    """A kernel with the extension, pointed at the sandbox."""
    return _with_extension(kernel, sandbox)


@pytest.fixture(scope="module")
def shared_kernel(spare: list[Kernel], ending: list[Kernel], clean_surroundings: Path) -> Iterator[Kernel]:
    """One kernel for those tests of a file that leave nothing in it."""
    from .kernel import Kernel

    kernel = spare.pop() if spare else Kernel(clean_surroundings)
    yield kernel.ready()
    _let_end([kernel], ending)


@pytest.fixture
def shared_notebook(shared_kernel: Kernel, sandbox: Sandbox) -> Kernel:
    """As `notebook`, with an empty conversation, in the shared kernel: for what is refused or binds no name."""
    _with_extension(shared_kernel, sandbox).run("%edenchat reset")
    return shared_kernel


def _with_extension(kernel: Kernel, sandbox: Sandbox) -> Kernel:
    result = kernel.run(
        "%load_ext edenai_nb\n"
        f"import edenai_nb as eden; eden.configure(base_url={sandbox.base_url!r}, api_key={sandbox.key!r})"
    )
    assert result.status == "ok", result.traceback
    return kernel
