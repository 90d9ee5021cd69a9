"""What came of a row: which answers are none, and which errors mean that no other row will fare better."""

from __future__ import annotations

from .. import errors
from ..errors import EdenError
from ..reply import Reply

_HOPELESS = (errors.MissingKey, errors.AuthenticationFailed, errors.OutOfCredits, errors.UnknownModel)
_OF_THE_SERVER = (errors.RequestRefused, errors.ServerTrouble, errors.Unreachable)
ALIKE = 20  # so many rows in a row that fail alike, and the next ones will, too


def finished(reply: Reply, error: EdenError | None = None, elapsed: float = 0.0) -> Reply:
    """The final reply: `complete` unless the request failed, with an `error` also where the answer is none."""
    facts = {**vars(reply), "elapsed": elapsed, "complete": error is None, "error": error or _shortcoming(reply)}
    if reply.model and reply.provider and "/" not in reply.model:
        # Whole answers name the model without its provider (contract, section 3.2).
        facts["model"] = f"{reply.provider}/{reply.model}"
    if facts["error"]:
        facts["error"].partial = Reply(str(reply))
        facts["error"].detach()
    return Reply(str(reply), **facts)


def failed(error: EdenError) -> Reply:
    """The reply of a row that was not sent."""
    return finished(Reply(), error)


def copied(reply: Reply) -> Reply:
    """The same answer for an equal row, for which nothing was billed."""
    return Reply(str(reply), **{**vars(reply), "cost": None if reply.cost is None else 0.0})


def is_hopeless(error: EdenError) -> bool:
    """Whether every other row would fail with it, too."""
    return isinstance(error, _HOPELESS)


class Streak:
    """Counts failures of one kind that follow each other. Not thread-safe."""

    def __init__(self) -> None:
        self._kind: type[Exception] | None = None
        self._length = 0

    def is_over(self, error: Exception | None) -> bool:
        """Count a row; True if the batch should end, as the server fails row after row in the same way."""
        if not isinstance(error, _OF_THE_SERVER) or isinstance(error, errors.ContextTooLong):
            self._kind, self._length = None, 0
            return False
        self._length = self._length + 1 if type(error) is self._kind else 1
        self._kind = type(error)
        return self._length >= ALIKE


def _shortcoming(reply: Reply) -> EdenError | None:
    """Why a whole answer is not one to build upon; None if it is."""
    if reply.finish_reason == "length":
        return errors.StreamInterrupted("The answer was cut off at its longest: raise max_tokens.", code="length")
    if reply.finish_reason == "content_filter":
        return errors.RequestRefused("The model refused to answer, or its answer was filtered.", code="content_filter")
    if not (reply.strip() or reply.tool_calls or reply.parts):
        return errors.ServerTrouble("The answer is empty.", code="empty")
    return None
