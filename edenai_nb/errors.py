"""The exceptions of this package, as one tree.

    EdenError
    ├── InvalidInput          what was typed cannot be used: an option, a name, a setting
    │   └── MissingKey        no API key was found
    ├── HeldBack              not sent, to protect the user
    │   ├── SecretsFound      the prompt seems to hold a key or a password
    │   └── BudgetExceeded    it would cost more than was allowed
    ├── RequestRefused        the server said no; nothing ran and nothing is billed
    │   ├── AuthenticationFailed, OutOfCredits, PermissionDenied
    │   ├── UnknownModel, UnknownFile, ContextTooLong, RegionNotAllowed
    │   └── RateLimited       too many requests; `.retry_after` says when
    ├── ServerTrouble         Eden AI or the provider failed
    ├── Unreachable           no connection: DNS, refused, proxy, TLS
    │   └── TimedOut          connected, then silent for too long
    ├── StreamInterrupted     the answer was cut off; what had arrived is in `.partial`
    │   └── MalformedStream   what arrived cannot be understood
    └── SchemaMismatch        the answer does not fit the schema; `.problems` says where, the text is in `.partial`

    KeyboardInterrupt
    └── Interrupted           the user interrupted a wait for an answer; the answer was stopped

Messages never hold keys, prompts or answers.
"""

from __future__ import annotations

from typing import Any


class EdenError(Exception):
    """The base of all errors of this package. The message is one line that says what to do next.

    `status` is the HTTP status, `code` the server's own name for the error, `retry_after` a number of
    seconds, `partial` the `Reply` as far as it had arrived. Each is None where it does not apply.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        partial: Any = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.partial = partial

    def detach(self) -> None:
        """Forget where it came from: frames keep the prompt alive, and foreign errors the request with its key.

        Dask pickles an error with all of that (tblib), also what `from None` hides.
        """
        self.__traceback__ = self.__cause__ = self.__context__ = None

    def _render_traceback_(self) -> list[str]:
        # IPython prints what this returns: one line instead of a page of frames inside this package.
        return [f"{type(self).__name__}: {self}"]


class InvalidInput(EdenError):
    """What was typed cannot be used; nothing was sent."""


class MissingKey(InvalidInput):
    """No API key was found."""


class HeldBack(EdenError):
    """Not sent, to protect the user."""


class SecretsFound(HeldBack):
    """The prompt seems to hold a key or a password."""


class BudgetExceeded(HeldBack):
    """The turn would cost more than the user allowed."""


class RequestRefused(EdenError):
    """The server said no (4xx); nothing ran and nothing is billed."""


class AuthenticationFailed(RequestRefused):
    """401: the key is not accepted."""


class OutOfCredits(RequestRefused):
    """402: the account or the key has no credits left."""


class PermissionDenied(RequestRefused):
    """403: a guardrail, a plan limit, or no key at all."""


class UnknownModel(RequestRefused):
    """The catalogue has no such model, or it is not for chat."""


class UnknownFile(RequestRefused):
    """The file store has no such file, or no longer."""


class ContextTooLong(RequestRefused):
    """The conversation does not fit the model's context window."""


class RegionNotAllowed(RequestRefused):
    """451: the model is not available on this (EU) host."""


class RateLimited(RequestRefused):
    """429: too many requests; `retry_after` seconds where the server said."""


class ServerTrouble(EdenError):
    """5xx: Eden AI or the provider behind it failed."""


class Unreachable(EdenError):
    """No connection could be made or it broke before the answer began."""


class TimedOut(Unreachable):
    """Connected, then silent for longer than the limit."""


class StreamInterrupted(EdenError):
    """The answer was cut off after it had begun; `partial` holds what had arrived."""


class MalformedStream(StreamInterrupted):
    """The server sent something that is not the documented stream."""


class SchemaMismatch(EdenError):
    """The whole answer came and does not fit the schema; `problems` says where, `partial` holds its text."""

    def __init__(self, message: str, *, problems: tuple[Any, ...] = (), **details: Any) -> None:
        super().__init__(message, **details)
        self.problems = problems


class Interrupted(KeyboardInterrupt):
    """The user interrupted a wait for an answer; the answer was stopped, `partial` holds what had arrived.

    A KeyboardInterrupt that notebooks and IPython show as one line instead of a traceback.
    """

    def __init__(self, what: str, partial: Any, kept_in: str) -> None:
        super().__init__(f"{what} {_how_far(partial, kept_in)}")
        self.partial = partial

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def _how_far(partial: Any, kept_in: str) -> str:
    if getattr(partial, "complete", False):
        return f"had ended already; it is in {kept_in}."
    if not isinstance(partial, str):
        return f"was stopped; what had arrived is kept in {kept_in}."
    if not partial:
        return "was stopped before its first word."
    characters = f"{len(partial):,} characters" if len(partial) > 1 else "one character"
    return f"was stopped after {characters}; they are kept in {kept_in}."
