"""Whether an answer has come to its end."""

from __future__ import annotations

from ..reply import Delta


class Ending:
    """What the Deltas so far say about the end.

    Some servers write a finish_reason on the last words, some on all, some on the thinking. So it is only `certain`
    on a chunk of its own, once something was said; `said` with words, it counts if the server ends the stream as well.
    Words that follow take it back, and after that only a certain one counts.
    """

    def __init__(self) -> None:
        self.certain = False  # whatever breaks now, the text is whole
        self._is_said = self._was_wrong = False
        self._has_spoken = False  # something besides thinking has come

    @property
    def said(self) -> bool:
        """Whether an answer whose stream ends here is whole."""
        return self.certain or (self._is_said and not self._was_wrong)

    def take(self, delta: Delta) -> bool:
        """Whether this Delta brings content."""
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
