"""Which errors are retried, and after which pause."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    sleep_using_event,
    stop_after_attempt,
    stop_before_delay,
)
from tenacity.wait import wait_base, wait_random_exponential

from .. import errors
from . import unreachable

MOST_ATTEMPTS = 4
SHORTEST_PAUSE_S = 0.5  # even for `Retry-After: 0`, else all clients would retry at the same moment
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 20.0


def may_help(error: BaseException) -> bool:
    """True for connection errors that may be temporary, and for 408, 429 and 5xx.

    Not for a timeout: the server may still be working on the first request, and bill it.
    """
    if isinstance(error, (errors.TimedOut, errors.MalformedStream)):
        return False
    if isinstance(error, errors.Unreachable) and error.code in unreachable.PERMANENT:
        return False
    return isinstance(error, (errors.RateLimited, errors.ServerTrouble, errors.Unreachable, errors.StreamInterrupted))


def attempts(
    limit_s: float,
    may_retry: Callable[[BaseException], bool],
    ended: threading.Event,
    on_pause: Callable[[BaseException, float], None],
) -> Retrying:
    """Yield attempts, 4 at most. Pauses obey `Retry-After`, else grow with jitter; all together take < `limit_s`.

    `ended` cuts a pause short. `on_pause(error, seconds)` is called before each. The last error is raised.
    """

    def tell(state: RetryCallState) -> None:
        if state.outcome and state.next_action and (error := state.outcome.exception()):
            on_pause(error, state.next_action.sleep)

    return Retrying(
        retry=retry_if_exception(may_retry),
        wait=_AsTold(),
        stop=stop_after_attempt(MOST_ATTEMPTS) | stop_before_delay(limit_s),
        sleep=sleep_using_event(ended),
        before_sleep=tell,
        reraise=True,
    )


class _AsTold(wait_base):
    """The server's `Retry-After`, else exponential backoff with full jitter; at least SHORTEST_PAUSE_S."""

    def __init__(self) -> None:
        self._backoff = wait_random_exponential(multiplier=FIRST_PAUSE_S, max=LONGEST_PAUSE_S)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        told = getattr(error, "retry_after", None)
        return max(SHORTEST_PAUSE_S, self._backoff(retry_state) if told is None else told)
