"""The house of DESIGN, as a test: who may import what, and what a module must look like."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import edenai_nb

HOUSE = Path(edenai_nb.__file__).parent

# A room may always import itself. The front door (`__init__`) is lazy: those who may use it do so inside a function.
TABLE = """
| room          | of this package                           | from outside                              | may touch   |
| errors        |                                           |                                           |             |
| reply         |                                           | markdown_it                               |             |
| forks         |                                           |                                           | environment |
| money         |                                           |                                           |             |
| secret_scan   |                                           |                                           |             |
| settings      | errors                                    | keyring google                            | environment |
| messages      | errors                                    |                                           |             |
| attachments   | errors messages                           |                                           |             |
| parameters    | errors                                    |                                           |             |
| budget        | errors forks money                        |                                           |             |
| api           | errors reply settings forks budget        | httpx msgspec tenacity truststore         | network     |
| chat          | errors messages parameters reply settings | nest_asyncio2                             |             |
|               | api secret_scan forks money budget        |                                           |             |
| render        |                                           | markdown markdown_it mdit_py_plugins      |             |
|               |                                           | nh3 pygments math_core                    |             |
| doctor        | errors settings api money                 |                                           | network     |
| stand_in      | settings sandbox                          |                                           |             |
| key_entry     | errors settings api doctor stand_in       |                                           |             |
| __main__      | settings doctor                           |                                           |             |
| views         | errors messages attachments reply         | IPython ipywidgets anywidget traitlets    | environment |
|               | settings api chat render money key_entry  |                                           |             |
|               | stand_in                                  |                                           |             |
| notebook      | errors messages parameters reply settings | IPython                                   |             |
|               | api chat views doctor money key_entry     |                                           |             |
|               | stand_in                                  |                                           |             |
| sandbox       | settings                                  | tornado                                   | network     |
"""
FRONT_DOOR_FOR = {"chat", "notebook"}
# What in the standard library reaches outside of the process, and so belongs to the rooms that say so.
TOUCHING = {
    "os": "environment",
    "socket": "network",
    "ssl": "network",
    "http.client": "network",
    "urllib.request": "network",
    "subprocess": "processes",
    "multiprocessing": "processes",
}
NOT_ROOMS = {"utils", "util", "helpers", "helper", "common", "base", "misc"}


def _rooms() -> dict[str, tuple[set[str], ...]]:
    """Room -> of this package, from outside, may touch. A row without a room goes on with the one above."""
    found: dict[str, tuple[set[str], ...]] = {}
    rooms: list[str] = []
    for row in TABLE.strip().splitlines()[1:]:
        first, *cells = (cell.split() for cell in row.replace(",", " ").strip("|").split("|"))
        rooms = first or rooms
        for room in rooms:
            found[room] = tuple(old | set(new) for old, new in zip(found.get(room, (set(),) * 3), cells, strict=True))
    return found


ROOMS = _rooms()
MODULES = sorted(HOUSE.rglob("*.py"))


def _name(path: Path) -> str:
    return ".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_imports_what_its_room_may_import(path: Path) -> None:
    package = ["edenai_nb", *path.relative_to(HOUSE).parent.parts]
    assert list(_trespasses(_room(path), path.read_text("utf-8"), package)) == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_opens_with_its_job_in_one_line(path: Path) -> None:
    job, *rest = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").splitlines()

    assert job[-1] in ".?:", f"not a whole sentence: {job!r}"
    assert not (rest and rest[0]), f"the job takes more than one line: {job!r}"


def test_every_room_is_in_the_table_and_has_a_name_of_its_own() -> None:
    names = {_room(path) for path in MODULES} - {"__init__"}
    assert names <= set(ROOMS), "a new room is a design change"
    assert not {path.stem for path in MODULES} & NOT_ROOMS


def test_importing_the_package_imports_the_standard_library_only_and_starts_nothing() -> None:
    code = """if True:
        import sys
        before = set(sys.modules)
        import edenai_nb
        print(*{name.partition(".")[0] for name in set(sys.modules) - before})
        import threading
        print(threading.active_count())
    """
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    imported, threads = run.stdout.splitlines()
    assert set(imported.split()) - sys.stdlib_module_names == {"edenai_nb"}
    assert threads == "1"


@pytest.mark.parametrize("name", edenai_nb.__all__)
def test_the_front_door_opens(name: str) -> None:
    assert getattr(edenai_nb, name) is not None


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("render", "import httpx"),
        ("render", "from httpx import Client"),
        ("chat", "import httpx._config"),
        ("api", "def f():\n    import IPython"),
        ("api", "from .. import render"),
        ("api", "from ..render import html"),
        ("api", "from edenai_nb.notebook import view"),
        ("api", "import edenai_nb.chat.turn"),
        ("api", "def f():\n    from .. import show"),
        ("chat", "from .. import show"),
        ("chat", "import edenai_nb"),
        ("chat", "if True:\n    from edenai_nb import show"),
        ("errors", "from .reply import Reply"),
        ("errors", "import os.path"),
        ("sandbox", "import subprocess"),
        ("render", "from urllib.request import urlopen"),
        ("render", "from urllib import request"),
        ("notebook", "import requests"),
    ],
)
def test_a_trespass_is_seen(room: str, source: str) -> None:
    package = ["edenai_nb"] if room == "errors" else ["edenai_nb", room]
    assert len(list(_trespasses(room, source, package))) == 1


def _room(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def _trespasses(room: str, source: str, package: list[str]) -> Iterator[str]:
    """What a module of this room imports and may not; `package` is what its relative imports start from."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    lazy = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name in _imported(node, package):
                if not _allowed(room, name, lazily=id(node) in lazy):
                    yield f"line {node.lineno}: {room} imports {name}"


def _imported(node: ast.Import | ast.ImportFrom, package: list[str]) -> set[str]:
    """Whole dotted names, one for each thing that is imported."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    start = package[: len(package) + 1 - node.level] if node.level else []
    module = ".".join([*start, *([node.module] if node.module else [])])
    return {f"{module}.{alias.name}" for alias in node.names}


def _allowed(room: str, name: str, *, lazily: bool) -> bool:
    if room == "__init__":
        return name.partition(".")[0] in sys.stdlib_module_names
    ours, theirs, touches = ROOMS[room]
    top, _, rest = name.partition(".")
    if top == "edenai_nb":
        to = rest.partition(".")[0]
        at_the_door = to not in ROOMS  # `import edenai_nb`, or a name that the front door hands out
        return (room in FRONT_DOOR_FOR and lazily) if at_the_door else to in ours | {room}
    touched = {reach for module, reach in TOUCHING.items() if f"{name}.".startswith(f"{module}.")}
    return (top in sys.stdlib_module_names and touched <= touches) or top in theirs
