"""The Python interface of the sandbox: start it, script its answers, read its requests."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from ..settings import use_stand_in
from .limiter import Limiter
from .record import Request
from .routes import KEY, Answer, Routes
from .script import Script

if TYPE_CHECKING:
    from .listener import Listener

KEPT = 10_000  # requests that are remembered; the oldest are dropped


class Sandbox:
    """A local stand-in for Eden AI. No model is called and nothing is billed.

    Chat completions are answered with the scripts given to `enqueue()`, first in first out, or with canned
    replies if there are none. Requests that Eden AI would refuse (key, model, fields) are refused before that.

    port: 0 takes a free one; it stays the same over `stop()` and `start()`.
    tokens_per_s: the pace of canned replies; None or 0 is as fast as possible.
    keys: the accepted keys; None accepts `sandbox` and whatever looks like a key of Eden AI.
    legacy_only: chat and models answer under `/v3/llm` only.
    rate: the requests per second that the account may send; more get 429. None: no limit.
    down: providers that fail, so that other providers or fallbacks are tried.
    eu: answer like the EU address: 451 for models that are not available there.
    retry_after: the `Retry-After` of a 429 (seconds, or the header's text); None leaves it out.

    Inside `with Sandbox():` requests of this process go to it, if no other address is given or configured.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        tokens_per_s: float | None = 60.0,
        keys: Collection[str] | None = None,
        legacy_only: bool = False,
        rate: float | None = None,
        retry_after: float | str | None = None,
        down: Collection[str] = (),
        eu: bool = False,
    ) -> None:
        self.port = port
        self.key = KEY if keys is None else next(iter(keys), "")
        self._routes = Routes(keys, tokens_per_s, legacy_only, Limiter(rate, retry_after), down=down, eu=eu)
        self._requests: deque[Request] = deque(maxlen=KEPT)
        self._arrival = threading.Condition()
        self._lock = threading.Lock()
        self._listener: Listener | None = None
        self._leave: list[Callable[[], None]] = []  # one for each time it has been entered

    def __repr__(self) -> str:
        return f"<Sandbox {self.base_url} {'running' if self._listener else 'stopped'}>"

    @property
    def base_url(self) -> str:
        """The address for `base_url`, with `/v3`."""
        return f"http://127.0.0.1:{self.port}/v3"

    def start(self) -> Sandbox:
        """Start listening. Does nothing if it runs already. Raises OSError if the port is taken."""
        from .listener import Listener  # tornado is imported only here

        with self._lock:
            if self._listener is None:
                self._listener = Listener(self.port, self._answer)
                self.port = self._listener.port
        return self

    def stop(self) -> None:
        """Close every connection and end the thread. Does nothing if it does not run."""
        with self._lock:
            if self._listener is not None:
                self._listener.stop()
                self._listener = None

    def __enter__(self) -> Sandbox:
        self.start()
        self._leave.append(use_stand_in(self.base_url, self.key))
        return self

    def __exit__(self, *error: object) -> None:
        self._leave.pop()()
        self.stop()

    def enqueue(self, *scripts: Script | str) -> None:
        """Answer the next chat completions with these; a str is sent as text, as fast as possible."""
        self._routes.scripts.extend(Script.text(s) if isinstance(s, str) else s for s in scripts)

    def enqueue_upload(self, *scripts: Script) -> None:
        """Answer the next uploads with these."""
        self._routes.upload_scripts.extend(scripts)

    def drop_uploads(self) -> None:
        """Lose all uploaded files before they expire, as Eden AI may: questions about them get 404."""
        self._routes.uploads.drop()

    @property
    def requests(self) -> list[Request]:
        """All requests, in order of arrival; refused ones included."""
        with self._arrival:
            return list(self._requests)

    def wait_for_requests(self, n: int, timeout_s: float = 10.0) -> list[Request]:
        """Wait until there are `n` requests, and return them. Raises TimeoutError."""
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self._requests) >= n, timeout_s):
                raise TimeoutError(f"{len(self._requests)} of {n} requests after {timeout_s:g} s")
            return list(self._requests)

    def _answer(self, request: Request) -> Answer:
        with self._arrival:
            self._requests.append(request)
            self._arrival.notify_all()
        return self._routes.answer(request)
