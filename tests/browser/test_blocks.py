"""Patches drawn in a real browser: every frame is what they say, and what is finished is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from edenai_nb.render.page import Page
from edenai_nb.views import assets

from ..render.test_page import CORPUS, LONG_REPLIES
from .chromium import nodes

# Draws all patches, some of them together, and tells where the nodes are not what the HTML says.
DRAW = """([patches, together]) => {
  const root = document.createElement("div"), plain = document.createElement("div");
  const blocks = new Blocks(root);
  return patches.flatMap((patch, i) => {
    blocks.take(patch);
    if (i % together && i < patches.length - 1) return [];
    blocks.draw();
    plain.innerHTML = blocks.html.join("");
    return root.innerHTML === plain.innerHTML ? [] : [[i, root.innerHTML, plain.innerHTML]];
  });
}"""
# Draws all patches; tells how many of the nodes found by `css` in the first half are there at the end.
SURVIVORS = """([patches, css]) => {
  const root = document.createElement("div"), blocks = new Blocks(root), half = patches.length >> 1;
  const apply = (patch) => blocks.take(patch) ?? blocks.draw();
  patches.slice(0, half).forEach(apply);
  const nodes = [...root.querySelectorAll(css)].slice(0, -1);
  patches.slice(half).forEach(apply);
  return [nodes.length, nodes.filter((node) => root.contains(node)).length];
}"""


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    page = browser.new_page()
    page.set_content("<!doctype html><html><body></body></html>")
    page.add_script_tag(content=assets.module("answer") + assets.module("frame-scheduler"))
    yield page
    page.close()


def patches(text: str, step: int) -> list[list[Any]]:
    page = Page()
    found = [page.update(text[:end]) for end in range(0, len(text), step)]
    return [patch.to_wire() for patch in (*found, page.finish(text))]


@pytest.mark.parametrize("together", [1, 3])
def test_for_every_frame_of_a_reply_the_nodes_are_what_the_html_says(page: Any, together: int) -> None:
    for name, text in CORPUS.items():
        assert page.evaluate(DRAW, [patches(text, 11), together]) == [], name


def test_long_blocks_are_drawn_as_their_html_says(page: Any) -> None:
    for name, text in LONG_REPLIES.items():
        assert page.evaluate(DRAW, [patches(text, 41), 1]) == [], name


@pytest.mark.parametrize(
    ("name", "css"),
    [
        ("fence", "code span"),
        ("table", "tr"),
        ("list", "li"),
        ("paragraph", "em"),
        ("quote", "p"),
        ("nested fence", "span"),
    ],
)
def test_nodes_of_a_growing_block_that_are_finished_stay_the_same(page: Any, name: str, css: str) -> None:
    there, left = page.evaluate(SURVIVORS, [patches(LONG_REPLIES[name], 41), css])
    assert there > 20
    assert left == there


# Draws once, slowly; then tells whether the last picture came before the rest was over.
LAST = """async () => {
  let drawn;
  const pictures = new FrameScheduler(() => drawn());
  const picture = (ms) => new Promise((resolve) => {
    drawn = () => {
      for (const end = performance.now() + ms; performance.now() < end; );
      setTimeout(resolve);
    };
  });
  const first = picture(500);
  pictures.ask();
  await first;
  const last = picture(0);
  pictures.ask();
  pictures.ask(true);
  const rested = pictures.next;
  await last;
  return performance.now() < rested;
}"""


def test_the_last_picture_does_not_wait_for_the_rest(page: Any) -> None:
    assert page.evaluate(LAST)


# Draws a long answer in a view of its own and takes the view away.
ROUND = """async () => {
  const root = document.createElement("div"), blocks = new Blocks(root);
  document.body.append(root);
  await new Promise((drawn) => {
    const pictures = new FrameScheduler(() => drawn(blocks.draw(true)));
    blocks.take([0, 0, Array.from({length: 250}, (_, i) => `<p>line <b>${i}</b></p>`)]);
    pictures.ask(true);
  });
  root.remove();
}"""


def test_what_was_drawn_is_let_go_of_with_its_view(page: Any) -> None:
    before = nodes(page)
    for _ in range(5):
        page.evaluate(ROUND)
    assert nodes(page) < before + 2000
