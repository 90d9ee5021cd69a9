"""A server that others could have written: FastAPI and pydantic, made from the published OpenAPI document.

It shares no line with the package. What it refuses, a real strict server refuses.
Annotations are real objects here (no `from __future__ import annotations`): FastAPI reads them.
"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, create_model

DOCUMENT: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_text("utf-8"))
API_KEY = "sk-eden-strict"
ANSWER = "# A strict answer\n\nEvery field was **checked** before these words were sent."
WAIT_S = 10.0
_PLAIN = {"string": str, "integer": int, "number": float, "boolean": bool, "null": None}
_LIMITS = {
    "minimum": "ge",
    "maximum": "le",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "pattern": "pattern",
}


class Models:
    """Pydantic models for the schemas of an OpenAPI document, each made when it is first asked for."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]
        self._made: dict[str, type[BaseModel]] = {}

    def __getitem__(self, name: str) -> type[BaseModel]:
        if name not in self._made:
            self._made[name] = self._model(name, self._schemas[name])
        return self._made[name]

    def _model(self, name: str, schema: dict[str, Any]) -> type[BaseModel]:
        required = schema.get("required", ())
        fields: dict[str, Any] = {
            key: (self._type(value), ... if key in required else value.get("default"))
            for key, value in schema["properties"].items()
        }
        extra = {True: "allow", False: "forbid", None: "ignore"}[schema.get("additionalProperties")]
        return create_model(name, __config__=ConfigDict(extra=extra, protected_namespaces=()), **fields)

    def _type(self, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return self[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            return reduce(or_, map(self._type, schema["anyOf"]))
        if "const" in schema or "enum" in schema:
            return Literal[tuple(schema.get("enum") or [schema["const"]])]
        limits = {_LIMITS[key]: value for key, value in schema.items() if key in _LIMITS}
        plain = self._unlimited(schema)
        return Annotated[plain, Field(**limits)] if limits else plain

    def _unlimited(self, schema: dict[str, Any]) -> Any:
        if "type" not in schema:
            return Any
        if schema["type"] == "array":
            return list[self._type(schema["items"])]
        if schema["type"] == "object":
            values = schema.get("additionalProperties", True)
            return dict[str, Any if values is True else self._type(values)]
        return UUID if schema.get("format") == "uuid" else _PLAIN[schema["type"]]


@dataclass
class Seen:
    """One request as it arrived. Names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class StrictServer:
    """The strict server, running. Its address, its key, what it was asked, and what it answers."""

    base_url: str
    api_key: str = API_KEY
    answer: str = ANSWER
    requests: list[Seen] = field(default_factory=list)

    @property
    def questions(self) -> list[Seen]:
        """The chat completions among the requests, refused ones too."""
        return [seen for seen in self.requests if seen.path.endswith("/chat/completions")]


def app(document: dict[str, Any], state: StrictServer) -> FastAPI:
    """Everything the server knows: who may ask, what a body looks like, and an answer in the documented shape."""
    models = Models(document)
    Body, Whole = models["LlmCompletionBody"], models["ChatCompletionResponse"]
    application = FastAPI()

    @application.middleware("http")
    async def record(request: Request, call_next: Any) -> Any:
        state.requests.append(Seen(request.method, request.url.path, dict(request.headers), await request.body()))
        return await call_next(request)

    @application.exception_handler(RequestValidationError)
    async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
        detail = [{name: problem[name] for name in ("loc", "msg", "type")} for problem in error.errors()]
        return JSONResponse({"detail": detail}, 422)

    async def authenticate(request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            raise HTTPException(403, "Not authenticated")
        if key != state.api_key:
            raise HTTPException(401, "Invalid token")

    @application.post("/v3/chat/completions", dependencies=[Depends(authenticate)])
    def chat(body: Body) -> Any:  # type: ignore[valid-type]
        asked = body.model_dump()
        if asked["stream"]:
            return StreamingResponse(_stream(asked, state.answer), media_type="text/event-stream")
        return Whole.model_validate(_whole(asked, state.answer))

    @application.get("/v3/models", response_model=models["ListModelsResponse"])
    def listing(view: Literal["endpoints", "models"] = "endpoints") -> Any:
        return {"object": "list", "data": list(map(_entry, MODELS))}

    return application


MODELS = ("openai/gpt-mini-latest", "openai/gpt-5-mini", "amazon/amazon.nova-pro-v1:0", "anthropic/claude-haiku-4-5")


def _entry(model: str) -> dict[str, Any]:
    provider, _, name = model.partition("/")
    prices = {"input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06}
    return {
        "id": model,
        "object": "model",
        "created": 1784646733,
        "owned_by": provider,
        "model_name": name,
        "context_length": 128_000,
        "capabilities": {"input_modalities": ["text", "image", "file"], "output_modalities": ["text"]},
        "pricing": prices,
        "regions": [],
    }


def _stream(asked: dict[str, Any], answer: str) -> Iterator[str]:
    head = {"id": "chatcmpl-strict", "object": "chat.completion.chunk", "created": int(time.time())}

    def event(delta: dict[str, Any], reason: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return f"data: {json.dumps({**head, 'model': asked['model'], 'choices': [choice], **more})}\n\n"

    yield event({"role": "assistant", "content": ""})
    yield from (event({"content": word + " "}) for word in answer.split(" ")[:-1])
    yield event({"content": answer.split(" ")[-1]})
    yield event({"content": None}, "stop")
    if (asked["stream_options"] or {}).get("include_usage"):
        yield event({"content": None, "role": None}, usage=_usage(answer), cost=1.5e-05)
    yield "data: [DONE]\n\n"


def _whole(asked: dict[str, Any], answer: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer, "tool_calls": None}
    return {
        "id": "chatcmpl-strict",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": _usage(answer),
        "provider": asked["model"].partition("/")[0],
        "cost": 1.5e-05,
    }


def _usage(answer: str) -> dict[str, Any]:
    words = len(answer.split())
    return {"prompt_tokens": 9, "completion_tokens": words, "total_tokens": 9 + words}


def serve() -> Iterator[StrictServer]:
    """The server on a free loopback port, for a fixture to yield from."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        state = StrictServer(f"http://127.0.0.1:{listening.getsockname()[1]}/v3")
        server = uvicorn.Server(uvicorn.Config(app(DOCUMENT, state), log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        deadline = time.monotonic() + WAIT_S
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.005)  # uvicorn tells nobody that it has started
        assert server.started
        try:
            yield state
        finally:
            server.should_exit = True
            thread.join(WAIT_S)
