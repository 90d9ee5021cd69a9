"""A turn as frames: patches that make a whole render, and last words that do not wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from edenai_nb import Chat, Sandbox
from edenai_nb.chat.turn import Turn
from edenai_nb.render import html
from edenai_nb.render.page import Patch
from edenai_nb.sandbox.script import Gate, Opening, Script
from edenai_nb.views.frames import TurnFrames
from edenai_nb.views.status import Caption

LONG_FENCE = "# Title\n\n```python\n" + "value = compute(1, 2)  # a comment\n" * 2400


class View:
    """Does with frames what a page does."""

    def __init__(self, frames: TurnFrames) -> None:
        self.frames = frames
        self.blocks: tuple[str, ...] = ()

    def take(self, frame: dict[str, object] | None) -> bool:
        if frame is None:
            return False
        keep, prefix, blocks = frame["patch"]  # type: ignore[misc]
        self.blocks = Patch(keep, prefix, tuple(blocks)).apply(self.blocks)
        return True


def asked(sandbox: Sandbox, chat: Callable[..., Chat], *steps: object) -> Turn:
    sandbox.enqueue(Script.raw(Opening(), *steps))  # type: ignore[arg-type]
    return chat().send("Hello")


def test_the_last_words_of_a_long_fence_come_in_a_frame_before_the_whole_render(
    sandbox: Sandbox, chat: Callable[..., Chat]
) -> None:
    gate = threading.Event()
    turn = asked(sandbox, chat, LONG_FENCE, Gate(gate), "the_last = words", *Script.text("").steps[1:])
    view = View(TurnFrames(turn, Caption()))
    assert next(reply for reply in turn.frames() if reply)
    assert view.take(view.frames.next())
    gate.set()
    turn.wait(20)

    assert view.take(view.frames.next())
    assert "the_last" in view.blocks[-1]
    assert not view.frames.settled
    assert view.take(view.frames.next())
    assert view.frames.settled
    assert view.blocks == tuple(html.blocks(turn.reply))
    assert view.frames.next() is None


def test_a_view_that_comes_after_the_end_gets_the_whole_render_in_one_frame(
    sandbox: Sandbox, chat: Callable[..., Chat]
) -> None:
    turn = asked(sandbox, chat, "Some **bold** text", *Script.text("").steps[1:])
    turn.wait(20)
    view = View(TurnFrames(turn, Caption()))
    for _ in range(2):
        assert view.take(view.frames.whole())
        assert view.blocks == tuple(html.blocks(turn.reply))
        assert view.frames.settled
    assert view.frames.next() is None


def test_a_view_that_comes_in_between_goes_on_with_what_is_new(sandbox: Sandbox, chat: Callable[..., Chat]) -> None:
    gate = threading.Event()
    turn = asked(sandbox, chat, "One. ", Gate(gate), "Two.", *Script.text("").steps[1:])
    view = View(TurnFrames(turn, Caption()))
    assert next(reply for reply in turn.frames() if reply == "One. ")
    view.take(view.frames.whole())
    assert view.frames.next() is None
    gate.set()
    turn.wait(20)
    while view.take(view.frames.next()):
        pass
    assert view.blocks == tuple(html.blocks("One. Two."))
