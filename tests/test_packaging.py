"""What is shipped: the wheel, its metadata, and the top level of the repository."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

import edenai_nb

REPOSITORY = Path(__file__).parents[1]
HERE = REPOSITORY / "edenai_nb"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel of this checkout, built by its own build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    return ZipFile(next(folder.glob("*.whl")))


@pytest.fixture(scope="module")
def metadata(wheel: ZipFile) -> Message:
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel: ZipFile) -> None:
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    here = {path.relative_to(REPOSITORY).as_posix() for path in HERE.rglob("*") if path.is_file()}

    assert shipped == {name for name in here if "__pycache__" not in name and "/." not in name}
    assert "edenai_nb/py.typed" in shipped
    assert {Path(name).suffix for name in shipped if "/views/static/" in name} == {".js", ".css"}
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"edenai_nb", f"edenai_nb-{edenai_nb.__version__}.dist-info"}


def test_the_metadata_says_what_a_user_needs(metadata: Message) -> None:
    facts: Mapping[str, str | None] = {name: metadata[name] for name in ("Name", "Version", "License-Expression")}

    assert facts == {"Name": "edenai-nb", "Version": edenai_nb.__version__, "License-Expression": "MIT"}
    assert metadata["Requires-Python"] == ">=3.10"
    assert {"demo", "test", "keyring"} <= set(metadata.get_all("Provides-Extra", []))
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert metadata["Description-Content-Type"] == "text/markdown"


def test_a_plain_install_brings_no_front_end_and_no_test_tools(metadata: Message) -> None:
    plain = {line.split(">=")[0] for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line}

    assert {"ipython", "ipywidgets", "anywidget", "httpx", "markdown", "nest-asyncio2"} <= plain
    assert not plain & {"jupyterlab", "notebook", "pandas", "matplotlib", "pytest", "playwright", "openai"}


def test_the_tests_run_against_the_installed_package() -> None:
    """With EDENAI_TEST_INSTALLED, as `.ci/run` sets it, an editable install is not good enough."""
    installed = Path(sysconfig.get_path("purelib")) / "edenai_nb"
    allowed = {installed} if os.environ.get("EDENAI_TEST_INSTALLED") else {installed, HERE}

    assert Path(edenai_nb.__file__).parent in allowed


def test_a_subprocess_imports_the_package_that_is_tested() -> None:
    code = "import edenai_nb; print(edenai_nb.__file__)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == edenai_nb.__file__


def test_the_top_level_of_the_repository_is_small() -> None:
    seen = {path.name for path in REPOSITORY.iterdir() if not path.name.startswith(".")}
    assert seen == {"pyproject.toml", "edenai_nb", "notebooks", "tests", "README.md", "binder"}


def test_readme_holds_one_command_that_runs_all_tests() -> None:
    lines = [line for line in (REPOSITORY / "README.md").read_text("utf-8").splitlines() if "&& pytest" in line]
    assert [line.strip() for line in lines] == ['pip install ".[test]" && pytest']


def test_binder_opens_a_notebook_that_exists() -> None:
    post_build = (REPOSITORY / "binder/postBuild").read_text("utf-8")
    notebook = post_build.partition("/lab/tree/")[2].partition('"')[0]
    assert (REPOSITORY / notebook).is_file()
