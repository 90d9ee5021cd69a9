"""The layout of every state, beside the one that was last looked at: see gallery.py."""

from __future__ import annotations

import json

from edenai_nb.sandbox import Sandbox

from .gallery import LAYOUT, differences, filled, layouts
from .lab import Lab


def test_the_parts_of_every_state_stand_where_they_stood(lab: Lab) -> None:
    with Sandbox(tokens_per_s=2000) as sandbox, filled(lab, sandbox) as page:
        told = differences(layouts(page), json.loads(LAYOUT.read_text("utf-8")))
    assert told == [], "look at them (python -m tests.browser.gallery); where they are meant: --accept"


def test_what_has_moved_grown_come_or_gone_is_told_and_the_width_of_another_font_is_not() -> None:
    last = {"live": {"p": [64, 100, 500, 200]}}
    assert differences({"live": {"p": [64, 110, 540, 220]}}, last) == []
    assert differences({"live": {"p": [90, 100, 500, 200]}}, last) == [
        "live: p was at [64, 100, 500, 200], is at [90, 100, 500, 200]"
    ]
    assert differences({"live": {"p": [64, 100, 500, 260]}}, last) != []
    assert differences({"live": {"p": [64, 100, 500, 200], "q": [0, 0, 0, 0]}}, last) == ["live: q has come or gone"]
    assert differences({}, last) == ["live: p has come or gone"]
