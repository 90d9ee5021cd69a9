"""What `LastFigure` looks at, and that it lets go: of its own alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from edenai_nb.data.displayed import NOTHING
from edenai_nb.notebook.last_figure import LastFigure

PNG = {"image/png": b"\x89PNG"}
METHODS = (("display_formatter", "format"), ("displayhook", "write_format_data"), ("display_pub", "publish"))


class Shows:
    def __init__(self) -> None:
        self.published: list[Any] = []

    def format(self, value: Any) -> Any:
        return {"text/plain": repr(value)}, {}

    def write_format_data(self, data: Any) -> None:
        self.published.append(data)

    def publish(self, data: Any) -> None:
        self.published.append(data)


def shell() -> Any:
    return SimpleNamespace(display_formatter=Shows(), displayhook=Shows(), display_pub=Shows())


def test_what_is_published_counts_and_what_is_only_formed_does_not() -> None:
    here = shell()
    last = LastFigure(here)
    last.install()
    here.display_formatter.format("text")
    here.display_pub.publish(data={"text/plain": "x"})
    assert last.value is NOTHING
    here.display_pub.publish(data=PNG)
    assert here.display_pub.published == [{"text/plain": "x"}, PNG]
    assert last.value is not NOTHING


def test_it_puts_back_what_was_there() -> None:
    here = shell()
    here.display_pub.publish = before = lambda data: None
    last = LastFigure(here)
    last.install()
    last.remove()
    assert here.display_pub.publish is before
    assert all(name not in vars(getattr(here, owner)) for owner, name in METHODS[:2])


def test_under_somebody_else_s_hook_it_stays_and_looks_no_more() -> None:
    here = shell()
    last = LastFigure(here)
    last.install()
    ours = here.display_pub.publish
    here.display_pub.publish = theirs = lambda data: ours(data)
    last.remove()
    assert here.display_pub.publish is theirs
    here.display_pub.publish(PNG)
    assert here.display_pub.published == [PNG]
    assert last.value is NOTHING
