"""The house of DESIGN, as a test: who may import what, and what a module must look like."""

from __future__ import annotations

import ast
import inspect
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

import edenai_nb

HOUSE = Path(edenai_nb.__file__).parent

# A room may always import itself. The front door (`__init__`) is lazy: those who may use it do so inside a function.
TABLE = """
| room          | of this package                           | from outside                              | may touch   |
| errors        |                                           |                                           |             |
| reply         |                                           | markdown_it pandas polars                 |             |
| forks         |                                           |                                           | environment |
| money         |                                           |                                           |             |
| secret_scan   |                                           |                                           |             |
| settings      | errors                                    | keyring google                            | environment |
| messages      | errors                                    |                                           |             |
| attachments   | errors messages                           |                                           |             |
| parameters    | errors                                    |                                           |             |
| budget        | errors forks money                        |                                           |             |
| api           | errors reply settings forks budget        | certifi httpx msgspec tenacity truststore | network     |
|               |                                           | platformdirs                              |             |
| data          | errors messages reply                     | narwhals msgspec jsonschema pydantic      |             |
|               |                                           | jiter PIL                                 |             |
| chat          | errors messages attachments parameters    | nest_asyncio2 platformdirs psutil msgspec |             |
|               | reply settings api data secret_scan forks | pandas distributed tqdm                   |             |
|               | money                                     |                                           |             |
| render        |                                           | markdown markdown_it mdit_py_plugins      |             |
|               |                                           | nh3 pygments math_core                    |             |
| doctor        | errors settings api money                 |                                           | network     |
| stand_in      | settings sandbox                          |                                           |             |
| key_entry     | errors settings api doctor stand_in       |                                           |             |
| __main__      | settings doctor                           |                                           |             |
| views         | errors messages attachments reply         | IPython ipywidgets anywidget traitlets    | environment |
|               | settings api chat data render money       | pandas                                    |             |
|               | key_entry stand_in                        |                                           |             |
| notebook      | errors messages attachments parameters    | IPython                                   |             |
|               | reply settings api data chat views doctor |                                           |             |
|               | money key_entry stand_in                  |                                           |             |
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
MEDIAN_LINES, P90_LINES, LONGEST_FUNCTION, LONGEST_MODULE = 6, 15, 30, 300
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


SOURCES = {path: path.read_text("utf-8") for path in MODULES}
TREES = {path: ast.parse(source) for path, source in SOURCES.items()}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


def _package(path: Path) -> list[str]:
    """What the relative imports of a module start from."""
    return ["edenai_nb", *path.relative_to(HOUSE).parent.parts]


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_imports_what_its_room_may_import(path: Path) -> None:
    assert list(_trespasses(_room(path), TREES[path], _package(path))) == []


def test_every_right_in_the_table_is_used() -> None:
    used: dict[str, set[str]] = {room: set() for room in ROOMS}
    for path in MODULES:
        for _, name in _imports(TREES[path], _package(path)):
            used.get(_room(path), set()).update(_rights(name))
    unused = {room: set().union(*rights) - used[room] for room, rights in ROOMS.items()}
    assert {room: rights for room, rights in unused.items() if rights} == {}
    assert {room for room in ROOMS if "the front door" in used[room]} == FRONT_DOOR_FOR


def test_no_import_goes_round_in_a_circle_lazy_and_type_only_ones_included() -> None:
    graph = {_dotted(path): _neighbours(path) for path in MODULES}
    assert _circle(graph) == []


def test_a_circle_is_seen() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) != []
    assert _circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_opens_with_its_job_in_one_line(path: Path) -> None:
    job, *rest = (ast.get_docstring(TREES[path]) or "").splitlines()

    assert job[-1] in ".?:", f"not a whole sentence: {job!r}"
    assert not (rest and rest[0]), f"the job takes more than one line: {job!r}"


def test_every_public_thing_says_what_it_promises() -> None:
    silent = [
        f"{_name(path)}:{name}"
        for path in MODULES
        for name, node in _public(TREES[path].body)
        if not _promise(path, name, node)
    ]
    assert silent == []


def test_functions_and_modules_are_short() -> None:
    lengths = {
        f"{_name(path)}:{node.name}": _body_lines(node)
        for path in MODULES
        for node in ast.walk(TREES[path])
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert statistics.median(lengths.values()) <= MEDIAN_LINES
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= P90_LINES
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
    assert {_name(path) for path in MODULES if len(SOURCES[path].splitlines()) > LONGEST_MODULE} == set()


def test_every_room_is_in_the_table_and_has_a_name_of_its_own() -> None:
    names = {_room(path) for path in MODULES} - {"__init__"}
    assert names == set(ROOMS), "a new room is a design change"
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


def test_load_ext_imports_nothing_but_the_standard_library_and_what_ipython_has() -> None:
    """Neither httpx nor tornado nor the widgets; the sandbox and the network room only when something is asked."""
    code = """if True:
        import sys
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        before = set(sys.modules)
        shell.run_line_magic("load_ext", "edenai_nb")
        print(*set(sys.modules) - before)
    """
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    imported = set(run.stdout.split())
    assert "edenai_nb.notebook.magic" in imported
    assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names <= {"edenai_nb", "IPython"}
    assert not {name for name in imported if name.startswith(("asyncio", "ssl", "http", "edenai_nb.sandbox"))}
    assert {name for name in imported if name.startswith("edenai_nb.api.")} <= {
        "edenai_nb.api.models",
        "edenai_nb.api.numbers",
    }


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
    assert len(list(_trespasses(room, ast.parse(source), package))) == 1


def _room(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def _trespasses(room: str, tree: ast.Module, package: list[str]) -> Iterator[str]:
    """What a module of this room imports and may not; `package` is what its relative imports start from."""
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    lazy = {id(node) for function in functions for node in ast.walk(function)}
    for node, name in _imports(tree, package):
        if not _allowed(room, name, lazily=id(node) in lazy):
            yield f"line {node.lineno}: {room} imports {name}"


def _imports(tree: ast.Module, package: list[str]) -> Iterator[tuple[ast.stmt, str]]:
    """Every import statement, with the whole dotted name of each thing that it imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((node, f"{module}.{alias.name}") for alias in node.names)


def _rights(name: str) -> set[str]:
    """The words of the table that allow this import."""
    top, _, rest = name.partition(".")
    if top == "edenai_nb":
        to = rest.partition(".")[0]
        return {to if to in ROOMS else "the front door"}  # `import edenai_nb`, or a name that it hands out
    return {top} | {reach for module, reach in TOUCHING.items() if f"{name}.".startswith(f"{module}.")}


def _allowed(room: str, name: str, *, lazily: bool) -> bool:
    rights = _rights(name)
    if room in rights or "the front door" in rights:
        return room in rights or (room in FRONT_DOOR_FOR and lazily)
    granted = set().union(*ROOMS.get(room, ())) | sys.stdlib_module_names
    return rights <= granted


def _dotted(path: Path) -> str:
    return f"edenai_nb.{_name(path)}".rstrip(".")


def _neighbours(path: Path) -> set[str]:
    """The modules of ours that a module imports, wherever in it and for whatever."""
    modules = {_dotted(other) for other in MODULES}
    names = {name for _, name in _imports(TREES[path], _package(path)) if name.startswith("edenai_nb")}
    return {name if name in modules else name.rpartition(".")[0] for name in names}


def _circle(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _public(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, ast.stmt]]:
    """Functions and classes without an underscore, and those in such classes, by their dotted names."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield f"{within}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{within}{node.name}.")


def _promise(path: Path, name: str, node: ast.stmt) -> str | None:
    """The docstring; a method without one has that of the class above it which it overrides."""
    said = ast.get_docstring(node)  # type: ignore[arg-type]
    if said or isinstance(node, ast.ClassDef):
        return said
    return inspect.getdoc(attrgetter(name)(import_module(_dotted(path))))


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its head and its docstring."""
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1
