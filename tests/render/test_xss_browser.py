"""Hostile replies in a real browser: nothing runs and nothing is asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edenai_nb.render.html import document, to_html
from edenai_nb.render.page import Page

from .vectors import HOST, VECTORS

SETTLED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))"
POKE = """() => {
  for (const element of document.body.querySelectorAll('*')) {
    for (const kind of ['mouseover', 'focus', 'toggle', 'error', 'load']) element.dispatchEvent(new Event(kind));
    if (element.tagName === 'SUMMARY') element.click();
  }
  return [!!window.fired, document.querySelectorAll('script, iframe, object, embed, form, base, link, meta').length];
}"""


@pytest.fixture
def visit(browser: Any) -> Any:
    """(page, requests): a page on an origin of its own, and every address that it asks for."""
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/*", lambda route: route.abort())
    yield page, asked
    page.close()


def _frames(text: str) -> list[str]:
    page, shown = Page(), []
    for end in range(0, len(text) + 1, 5):
        page.update(text[:end])
        shown.append("".join(page.blocks))
    return shown


def test_replies_put_into_a_page_as_the_live_view_does_stay_inert(visit: Any) -> None:
    page, asked = visit
    page.set_content("<!doctype html><html><body><div id=view></div></body></html>")
    shown = [html for vector in VECTORS for html in (*_frames(vector), to_html(vector, reasoning=vector))]
    fired = page.evaluate(
        """shown => shown.filter(html => {
             const view = document.getElementById('view');
             view.innerHTML = html;
             for (const element of view.querySelectorAll('*'))
               for (const kind of ['mouseover', 'focus', 'toggle', 'error', 'load'])
                 element.dispatchEvent(new Event(kind));
             return window.fired;
           })""",
        shown,
    )
    page.evaluate(SETTLED)
    assert fired == []
    assert page.evaluate("() => !!window.fired") is False
    assert [url for url in asked if not url.startswith("data:")] == []


def test_replies_saved_as_a_document_stay_inert(visit: Any) -> None:
    page, asked = visit
    html = "\n".join(document(vector, reasoning=vector) for vector in VECTORS)
    page.set_content(f"<!doctype html><html><head></head><body>{html}</body></html>")
    assert page.evaluate(POKE) == [False, 0]
    page.evaluate(SETTLED)
    assert page.evaluate("() => !!window.fired") is False
    assert [url for url in asked if not url.startswith("data:")] == []


def test_the_same_vectors_do_fire_without_our_rendering(visit: Any) -> None:
    """Or the two tests above would prove nothing."""
    page, asked = visit
    page.set_content("<!doctype html><html><body></body></html>")
    page.evaluate("html => document.body.innerHTML = html", f"<img src={HOST}/p.png><img src=x onerror=window.fired=1>")
    page.wait_for_function("() => window.fired", timeout=10_000)
    assert any(HOST in url for url in asked), json.dumps(asked)
