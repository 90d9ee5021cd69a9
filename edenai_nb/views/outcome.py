"""What is shown of a turn or a comparison, as it grows and as it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..chat.compare import Comparison
from ..chat.turn import Turn
from . import comparison, saved
from .answers_view import AnswersView, ColumnsView, StreamView
from .status import Caption


class Outcome(Protocol):
    """A turn or a comparison (`pending`) in each form that a screen or a file can take."""

    @property
    def pending(self) -> Turn | Comparison:
        """What is waited for."""

    def view(self, id: str | None) -> AnswersView:
        """A new live widget of it, which the page knows by this id."""

    def state(self) -> Any:
        """What changes, by comparison, whenever there is something new to show."""

    def growing(self) -> tuple[str, str]:
        """What has been said so far as safe markdown, and as text."""

    def html(self) -> str:
        """What has been said so far as static HTML."""

    def bundle(self) -> dict[str, str]:
        """The MIME bundle that is saved."""

    def metadata(self) -> Mapping[str, Any]:
        """The metadata of the saved output."""


@dataclass(frozen=True)
class TurnOutcome:
    """One answer, with its status line."""

    pending: Turn
    caption: Caption

    def view(self, id: str | None) -> AnswersView:
        """A StreamView."""
        return StreamView(self.pending, self.caption, id)

    def state(self) -> Any:
        """The reply by its identity: to compare texts would cost as much as to draw them."""
        return id(self.pending.reply)

    def growing(self) -> tuple[str, str]:
        """The text so far."""
        reply = self.pending.reply
        return saved.markdown(reply, has_ended=False, form=self.caption.form), str(reply)

    def html(self) -> str:
        """The text so far, with how it ended."""
        return saved.turn_html(self.pending, self.caption)

    def bundle(self) -> dict[str, str]:
        """HTML, markdown and text."""
        return saved.bundle(self.pending, self.caption)

    def metadata(self) -> Mapping[str, Any]:
        """What answered, and what it took."""
        return saved.metadata(self.pending)


@dataclass(frozen=True)
class ComparisonOutcome:
    """The answers of several models, side by side."""

    pending: Comparison
    caption: Caption

    def view(self, id: str | None) -> AnswersView:
        """A ColumnsView."""
        return ColumnsView(self.pending, id)

    def state(self) -> Any:
        """The replies by their identities."""
        return [id(turn.reply) for turn in self.pending.turns.values()]

    def growing(self) -> tuple[str, str]:
        """The texts so far, each below the name of its model."""
        return comparison.markdown(self.pending.turns), comparison.text(self.pending.turns)

    def html(self) -> str:
        """A table with a column for each model."""
        return comparison.html(self.pending.turns, self.caption)

    def bundle(self) -> dict[str, str]:
        """HTML, markdown and text."""
        return comparison.bundle(self.pending.turns, self.caption)

    def metadata(self) -> Mapping[str, Any]:
        """What answered, and what it took, by the name of the model that was asked."""
        found = {name: saved.metadata(turn)["edenai_nb"] for name, turn in self.pending.turns.items()}
        return {"edenai_nb": {"compared": found, "complete": all(one["complete"] for one in found.values())}}


def outcome_of(pending: Turn | Comparison, caption: Caption) -> Outcome:
    """The forms of this one."""
    named = replace(caption, is_named=True)
    return TurnOutcome(pending, named) if isinstance(pending, Turn) else ComparisonOutcome(pending, caption)
