"""axe-core, the accessibility checker: fetched with npm when a test asks for it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .chromium import Sync

VERSION = "4.10.3"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
FETCH_S = 120.0
_RUN = """async ([selector, tags]) => {
    const {violations, passes} = await axe.run(selector, {runOnly: {type: 'tag', values: tags}});
    return [violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), passes.length];
}"""


def fetch(folder: Path) -> str:
    """axe-core's source, installed into this folder. Fails the test if npm or its registry is not there."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"axe-core@{VERSION}"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=FETCH_S)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.fail(f"axe-core could not be fetched ({type(error).__name__}): this test needs npm and its registry.")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def violations(page: Sync, axe: str, selector: str) -> list[str]:
    """What breaks WCAG 2.1 A or AA inside the element, one line for each rule."""
    page.evaluate(axe)
    found, passed = page.evaluate(_RUN, [selector, TAGS])
    assert passed > 10, "axe has looked at nothing"
    return list(found)
