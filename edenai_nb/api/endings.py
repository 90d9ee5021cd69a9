"""Decides from the finish_reasons whether an answer is complete."""

from __future__ import annotations

from ..reply import Delta


class Ending:
    """What the finish_reasons so far say about the end of the answer.

    Some servers put a finish_reason on the last text, some on every chunk, some on the reasoning. So the end is
    `certain` only by a finish_reason in a chunk without content, after content has come. One beside content (`said`)
    counts if the stream ends there, too; content that follows cancels it, and from then on only a certain one counts.
    """

    def __init__(self) -> None:
        self.certain = False  # the answer is complete even if the connection breaks now
        self._is_said = self._was_wrong = False
        self._has_spoken = False  # content other than reasoning has come

    @property
    def said(self) -> bool:
        """Whether the answer is complete if its stream ends here."""
        return self.certain or (self._is_said and not self._was_wrong)

    def take(self, delta: Delta) -> bool:
        """Take the next Delta into account; returns whether it brings content."""
        speaks = bool(delta.text or delta.tool_calls or delta.parts)
        brings = speaks or bool(delta.reasoning)
        if brings:
            self._was_wrong = self._was_wrong or self._is_said
            self._has_spoken = self._has_spoken or speaks
            self.certain = self._is_said = False
        if delta.finish_reason:
            self._is_said = True
            self.certain = self._has_spoken and not brings
        return brings
