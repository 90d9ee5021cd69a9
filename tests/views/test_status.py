"""What the status line says about an answer."""

from __future__ import annotations

from typing import Any

import pytest

from edenai_nb import Reply, Turn
from edenai_nb.views.status import Caption, summary

PICTURE = {"type": "image_url", "image_url": {"url": "data:…"}}
LINK = {"type": "url_citation", "url_citation": {"url": "https://a.example"}}


def line(**facts: Any) -> str:
    return summary(Turn.ended("?", Reply("Four.", complete=True, **facts)), Caption())


@pytest.mark.parametrize("reason", [None, "stop", "tool_calls"])
def test_an_ordinary_end_is_not_worth_a_word(reason: str | None) -> None:
    assert line(finish_reason=reason) == ""


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"finish_reason": "length"}, "Cut at the length limit"),
        ({"finish_reason": "content_filter"}, "content filter"),
        ({"finish_reason": "something_new"}, "ended it with 'something_new'"),
        ({"parts": (PICTURE,)}, "1 picture not shown (.parts)"),
        ({"parts": (PICTURE, PICTURE, {"type": "audio"})}, "2 pictures not shown (.parts) · 1 recording not shown"),
        ({"parts": ({"type": "choice", "index": 1, "text": "B"},)}, "1 other choice not shown"),
        ({"parts": ({"type": "hologram"},)}, "1 other part not shown"),
        ({"citations": ("https://a.example", LINK, {"url": "https://b.example"})}, "2 sources (.citations)"),
        ({"tool_calls": ({"id": "a"},), "finish_reason": "tool_calls"}, "1 tool call not answered (.tool_calls)"),
        ({"finish_reason": "length", "parts": (PICTURE,)}, "--max-tokens. · 1 picture"),
    ],
)
def test_what_is_not_on_the_screen_is_said(facts: dict[str, Any], words: str) -> None:
    assert words in line(**facts)
