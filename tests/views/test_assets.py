"""The scripts that a widget carries: real ES modules, joined to one."""

from __future__ import annotations

import re
import threading
from graphlib import TopologicalSorter
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from edenai_nb.views import assets

SCRIPTS = sorted(path.stem for path in assets.STATIC.glob("*.js"))
ENTRIES = ("view", "columns", "chat", "waiting", "progress")
DEFINED = re.compile(r"^(export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
IMPORTED = re.compile(r'^import \{ ([^}]*) \} from "\./([\w-]+)\.js";$', re.MULTILINE)
NO_CODE = re.compile(r'//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'')


def exported(name: str) -> set[str]:
    return {word for is_exported, word in DEFINED.findall(assets.source(name)) if is_exported}


def imported(name: str) -> dict[str, str]:
    """Name -> the script that it is taken from."""
    found = IMPORTED.findall(assets.source(name))
    return {word.strip(): other for words, other in found for word in words.split(",")}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_imports_what_others_export_and_uses_it(name: str) -> None:
    code = NO_CODE.sub("", IMPORTED.sub("", assets.source(name)))
    for word, other in imported(name).items():
        assert word in exported(other)
        assert re.search(rf"\b{word}\b", code), f"{word} is imported for nothing"


def test_what_is_exported_is_imported_somewhere_and_each_script_is_carried() -> None:
    taken = {(other, word) for name in SCRIPTS for word, other in imported(name).items()}
    assert {(name, word) for name in SCRIPTS for word in exported(name)} == taken
    assert {name for name, _ in taken} | set(ENTRIES) == set(SCRIPTS)


def test_imports_do_not_go_round() -> None:
    TopologicalSorter({name: set(imported(name).values()) for name in SCRIPTS}).prepare()


def carried(entry: str) -> set[str]:
    """The script and all that it imports."""
    return {entry}.union(*(carried(other) for other in imported(entry).values()))


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_text_goes_over_lines(name: str) -> None:
    """What a widget carries has no indents: they would be missing in it."""
    code = NO_CODE.sub("", assets.source(name))
    assert not [line for line in code.splitlines() if line.count("`") % 2]


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_module_is_whole_and_small(entry: str) -> None:
    whole = assets.module(entry)
    names = [word for name in carried(entry) for _, word in DEFINED.findall(assets.source(name))]
    assert len(names) == len(set(names)), "two scripts give one name"
    assert not re.search(r"^import |^export (?!default \{)", whole, re.MULTILINE)
    assert whole.count("export default {") == 1
    texts = [line for name in carried(entry) for line in assets.source(name).split("\n")]
    assert not [line for line in texts if re.search("[\"'`].* // .*[\"'`]", line)], "would be cut as a comment"
    assert len(whole) < 60_000


class Files(SimpleHTTPRequestHandler):
    """The folder of scripts, as a web server gives it."""

    def __init__(self, *request: Any) -> None:
        super().__init__(*request, directory=str(assets.STATIC))

    def log_message(self, *_: object) -> None:
        pass


def test_a_browser_takes_the_scripts_as_they_are(browser) -> None:
    # The browser itself follows every import.
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/style.css")
        for entry in ENTRIES:
            assert page.evaluate(f"import('/{entry}.js').then((module) => typeof module.default.render)") == "function"
        page.close()
        server.shutdown()
        thread.join()
