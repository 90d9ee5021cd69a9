"""A turn as frames: what a view must change to show it as it grows."""

from __future__ import annotations

from typing import Any

from ..chat.turn import Turn
from ..render.page import Page, Patch
from . import shown
from .status import Caption, status


class TurnFrames:
    """The frames of one turn, for the views of one widget. Not thread-safe: the widget locks.

    A frame is `{patch: [keep, prefix, blocks], status}`. `settled` once the last one has been given: to render all of a
    long answer takes a tenth of a second, so its last words come in a frame before.
    """

    def __init__(self, turn: Turn, caption: Caption) -> None:
        self.turn = turn
        self.settled = False
        self._caption = caption
        self._page: Page | None = Page()
        self._whole = Patch(0, 0, ())
        self._shown: tuple[Any, ...] = ()

    def next(self) -> dict[str, Any] | None:
        """What has changed since the last frame; None where nothing has."""
        if self._page is None:
            return None
        if self._has_changed():
            return self._frame(self._page.update(self._text(done=False), *self._thoughts()))
        return self._frame(self._finish()) if self.turn.done else None

    def whole(self) -> dict[str, Any]:
        """Everything, for a view that knows nothing of it; `next` goes on from there."""
        if self._page is not None and self.turn.done:
            self._finish()
        elif self._page is not None and self._has_changed():
            self._page.update(self._text(done=False), *self._thoughts())
        return self._frame(self._page.whole() if self._page else self._whole)

    def _has_changed(self) -> bool:
        now = self.turn.reply, self.turn.state, self.turn.note
        # The reply by identity: to compare the text would cost as much as to draw it.
        same = bool(self._shown) and now[0] is self._shown[0] and now[1:] == self._shown[1:]
        self._shown = now
        return not same

    def _finish(self) -> Patch:
        assert self._page
        patch = self._page.finish(self._text(done=True), *self._thoughts())
        self._whole, self._page, self.settled = self._page.whole(), None, True
        return patch

    def _text(self, *, done: bool) -> str:
        return shown.markdown(self.turn.reply, self._caption.form, done)

    def _thoughts(self) -> tuple[str, float | None]:
        return self.turn.reply.reasoning, self.turn.reply.reasoning_time

    def _frame(self, patch: Patch) -> dict[str, Any]:
        return {"patch": patch.to_wire(), "status": status(self.turn, self._caption)}
