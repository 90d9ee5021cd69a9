"""The painter's pace: it looks when there is something new, and at what ends at once."""

from __future__ import annotations

import threading

import pytest

from edenai_nb.views import painter


class Canvas:
    """A view that counts how often it is painted."""

    def __init__(self) -> None:
        self.ending = False
        self.painted = threading.Semaphore(0)

    def paint(self) -> bool:
        self.painted.release()
        return self.ending

    def is_painted(self) -> bool:
        return self.painted.acquire(timeout=10)


@pytest.fixture
def paints(monkeypatch: pytest.MonkeyPatch) -> painter.Painter:
    """A painter that never looks by itself."""
    monkeypatch.setattr(painter, "IDLE_POLL_S", 60)
    return painter.Painter()


def test_what_is_new_is_painted_without_waiting_for_the_next_look(paints: painter.Painter) -> None:
    view = Canvas()
    paints.add(view)
    assert view.is_painted()
    paints.wake()
    assert view.is_painted()
    view.ending = True
    paints.flush()
    assert view.is_painted()


def test_a_view_that_is_added_to_a_quiet_painter_is_painted(paints: painter.Painter) -> None:
    first, second = Canvas(), Canvas()
    paints.add(first)
    assert first.is_painted()
    paints.add(second)
    assert second.is_painted()
    first.ending = second.ending = True
    paints.flush()


def test_what_came_while_another_view_ended_is_painted(paints: painter.Painter) -> None:
    going, ends = Canvas(), Canvas()
    paints.add(going)
    paints.add(ends)
    assert going.is_painted()
    assert ends.is_painted()
    ends.ending = True
    paints.flush()
    assert going.is_painted()
    going.ending = True
    paints.flush()


def test_a_closed_painter_has_shown_what_ends_and_shows_nothing_more(paints: painter.Painter) -> None:
    going, ends = Canvas(), Canvas()
    paints.add(going)
    paints.add(ends)
    assert going.is_painted()
    assert ends.is_painted()
    ends.ending = True

    paints.close()
    assert ends.painted.acquire(blocking=False)
    late = Canvas()
    paints.add(late)
    paints.flush()
    assert not late.painted.acquire(timeout=0.3)
    assert paints._thread
    assert not paints._thread.is_alive()


def test_a_view_is_asked_whether_it_ends_only_where_that_is_in_a_hurry(paints: painter.Painter) -> None:
    asked = threading.Event()

    class Asked(Canvas):
        def paint(self) -> bool:
            self.painted.release()
            return asked.is_set()

        @property
        def ending(self) -> bool:
            asked.set()
            return True

        @ending.setter
        def ending(self, _: bool) -> None: ...

    view = Asked()
    paints.add(view)
    assert view.is_painted()
    paints.wake()
    assert view.is_painted()
    assert not asked.is_set()
    paints.flush()
    assert view.is_painted()
    assert asked.is_set()
