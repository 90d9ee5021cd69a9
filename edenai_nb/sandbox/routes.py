"""Chooses the script that answers a request, by the contract (sections 1, 2, 6 and 10)."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Mapping
from itertools import count
from typing import Any

from . import attempts, catalogue, checks, cors
from .answers import answer
from .completion import Completion
from .limiter import Limiter
from .record import Request
from .refusals import detail, unprocessable
from .script import Script
from .shapes import OneOf, Wrong
from .uploads import Uploads

KEY = "sandbox"
_LOOKS_LIKE_A_KEY = re.compile(r"sk-|eyJ")
_PUBLIC = ("models",)
_VIEWS = OneOf(("endpoints", "models"))
_NO_JOBS = {"items": [], "total": 0, "page": 1, "limit": 1, "total_pages": 0}

Answer = tuple[Script, Completion]


class Routes:
    """All endpoints. `scripts` are used up first; canned replies are sent at `tokens_per_s`."""

    def __init__(
        self,
        keys: Collection[str] | None,
        tokens_per_s: float | None,
        legacy_only: bool,
        limiter: Limiter,
        *,
        down: Collection[str] = (),
        eu: bool = False,
    ) -> None:
        self.scripts: deque[Script] = deque()
        self.upload_scripts: deque[Script] = deque()
        self.down = down
        self._eu = eu
        self._keys = keys
        self._tokens_per_s = tokens_per_s
        self._legacy_only = legacy_only
        self._limiter = limiter
        self.uploads = Uploads()
        self._turns = count()
        self._table: Mapping[str, Callable[[Request], Script | Answer]] = {
            "POST chat/completions": self._chat,
            "GET models": _listing,
            "GET universal-ai/async": lambda _: Script.json(_NO_JOBS),
            "POST upload": self._upload,
            "GET upload": self.uploads.list,
            "POST upload/delete": self.uploads.delete,
            "DELETE upload": self.uploads.delete,
        }

    def answer(self, request: Request) -> Answer:
        """(the script for a request, the Completion that turns its text steps into frames)."""
        name = self._name(request.path)
        found: Script | Answer
        route = self._table.get(f"{request.method} {name}")
        if route is None:
            methods = [line.split()[0] for line in self._table if line.split()[1] == name]
            found = _no_route(request, methods)
        else:
            found = (None if name in _PUBLIC else self._refused(request)) or route(request)
        return found if isinstance(found, tuple) else (found, _SILENT)

    def _name(self, path: str) -> str:
        """`/v3/chat/completions` and `/v3/llm/chat/completions` are both `chat/completions`."""
        for prefix in ("/v3/llm/", "/v3/"):
            if path.startswith(prefix):
                name = path.removeprefix(prefix)
                has_two_addresses = name in ("chat/completions", "models")
                wanted = has_two_addresses if prefix == "/v3/llm/" else not (has_two_addresses and self._legacy_only)
                return name if wanted else ""
        return ""

    def _refused(self, request: Request) -> Script | None:
        return self._refuse_key(request) or self._limiter.refused()

    def _refuse_key(self, request: Request) -> Script | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            return detail(403, "Not authenticated")
        known = key in self._keys if self._keys is not None else key == KEY or _LOOKS_LIKE_A_KEY.match(key)
        return None if known else detail(401, "Invalid token")

    def _upload(self, request: Request) -> Script:
        return self.upload_scripts.popleft() if self.upload_scripts else self.uploads.add(request)

    def _chat(self, request: Request) -> Script | Answer:
        body = checks.completion(request)
        if isinstance(body, Script):
            return body
        if refused := self.uploads.refused(body) or attempts.refused(body, eu=self._eu):
            return refused
        made = attempts.attempts(body, self.down, eu=self._eu)
        if made[-1].status != 200:
            return attempts.nobody(made)
        choice = made[-1].choice
        try:
            script = self.scripts.popleft()
        except IndexError:
            script = answer(body, choice.id, next(self._turns), self._tokens_per_s)
        completion = Completion(body, choice, self._metadata(body, made) if _wants_metadata(request) else None)
        completion.model = script.model or completion.model
        return script, completion

    def _metadata(self, body: Mapping[str, Any], made: list[attempts.Attempt]) -> dict[str, Any]:
        """`edenai_metadata` (contract, section 3.4)."""
        choice, region = made[-1].choice, "eu" if self._eu else "global"
        endpoint = {"provider": choice.provider, "model": choice.id, "primary": len(made) == 1, "reachable": True}
        is_auto = choice.strategy == "auto"
        return {
            "requested": body["model"],
            "strategy": made[0].choice.strategy,
            "region": region,
            "summary": f"available=1, served={choice.id}",
            "attempt": len(made),
            "is_byok": False,
            "endpoints": {"total": 1, "available": [endpoint]},
            "attempts": [attempt.to_json(region) for attempt in made],
            "auto": {"selection": "ranked", "chosen": choice.id, "dropped": []} if is_auto else None,
            "tags": body.get("tags") if isinstance(body.get("tags"), dict) else {},
        }


def _wants_metadata(request: Request) -> bool:
    return request.headers.get("x-edenai-metadata", "").lower() == "enabled"


def _no_route(request: Request, methods: list[str]) -> Script:
    if cors.is_preflight(request):  # on any path, so that a page can read a 404, too
        return cors.preflight(request, methods)
    if not methods:
        return detail(404, "Not Found")
    return detail(405, "Method Not Allowed", headers={"Allow": ", ".join(methods)})


def _listing(request: Request) -> Script:
    try:
        return Script.json(catalogue.listing(_VIEWS.read(request.query.get("view", "endpoints"), ("view",))))
    except Wrong as wrong:
        return unprocessable(wrong.problems, "query")


_nobody = catalogue.choose(catalogue.DEFAULT)
assert _nobody
_SILENT = Completion({}, _nobody)
