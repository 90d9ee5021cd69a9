"""An error's message is found in any shape, in plain words, and so is who said it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edenai_nb.api import error_bodies

ANTHROPIC = (
    '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_1"}'
)
GEMINI = (
    '{\n  "error": {\n    "code": 503,\n    "message": "The model is overloaded.",\n    "status": "UNAVAILABLE"\n  }\n}'
)
OPENAI = {"error": {"message": 'It\'s "bad"', "type": "invalid_request_error", "param": "x", "code": None}}
MESSAGES = [  # as gateways word them, then who is to blame, then what was meant
    ("OpenAIException - Incorrect API key provided: sk-***.", "OpenAI", "Incorrect API key provided: sk-***."),
    (f"AnthropicException - b'{ANTHROPIC}'", "Anthropic", "invalid x-api-key"),
    (f"AnthropicError - {ANTHROPIC}", "Anthropic", "invalid x-api-key"),
    (f"litellm.AuthenticationError: AnthropicException - {ANTHROPIC}", "Anthropic", "invalid x-api-key"),
    (f"litellm.exceptions.AuthenticationError: AuthenticationError: {ANTHROPIC}", "", "invalid x-api-key"),
    (f"VertexAIException BadRequestError - {GEMINI.encode()!r}", "VertexAI", "The model is overloaded."),
    (f"Vertex_ai_betaException - {GEMINI.encode()!r}", "Vertex ai beta", "The model is overloaded."),
    (f"litellm.BadRequestError: OpenAIException - Error code: 400 - {OPENAI!r}", "OpenAI", 'It\'s "bad"'),
    (f"Error code: 400 - {OPENAI!r}", "", 'It\'s "bad"'),
    (f"GroqException - {json.dumps([OPENAI])}", "Groq", 'It\'s "bad"'),
    ('BedrockException: Context Window Error - {"message":"Input is too long."}', "Bedrock", "Input is too long."),
    ("AnthropicException - b'Overloaded'", "Anthropic", "Overloaded"),
    (f"AnthropicException - b'{ANTHROPIC[:79]}", "Anthropic", "invalid x-api"),
    (f"AzureException - {str(OPENAI)[:40]}", "Azure", 'It\'s "bad"'),
    ("OpenAIException - <html>\r\n<head><title>502 Bad Gateway</title></head>", "OpenAI", ""),
    ("XAIException - {}", "XAI", ""),
    ("litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request timed out.", "", "Request timed out"),
    (
        "litellm.RateLimitError: RateLimitError: CohereException - Slow. Handle with `litellm.RateLimitError`.",
        "Cohere",
        "Slow",
    ),
    ("Slow down. Received Model Group=gpt-4\nAvailable Model Group Fallbacks=None", "", "Slow down"),
    (
        "Slow down\nAvailable Model Group Fallbacks=None\nLiteLLM Retried: 2 times, LiteLLM Max Retries: 3",
        "",
        "Slow down",
    ),
    ("Slow down LiteLLM: model group x is cooling down", "", "Slow down"),
    (f"MistralException - {ANTHROPIC}. Received Model Group=m", "Mistral", "invalid x-api-key"),
    ("Traceback (most recent call last):\n  File", "", ""),
    ("RateLimitError", "", ""),
    ("ValueError: bad value", "", "bad value"),
    ("HTTPStatusError - 502", "", "502"),
    ("litellm.Timeout: AzureException Timeout - late", "Azure", "late"),
    # Words that only look like it
    ("Bob's key: {name} is missing", "", "Bob's key: {name} is missing"),
    ("Error: no such thing", "", "Error: no such thing"),
    ("An exception - rare - was made", "", "An exception - rare - was made"),
    ('Unexpected {"role": "user"} in messages', "", 'Unexpected {"role": "user"} in messages'),
]


@pytest.mark.parametrize(("words", "provider", "meant"), MESSAGES)
def test_a_message_is_freed_of_classes_literals_and_tails(words: str, provider: str, meant: str) -> None:
    said = error_bodies.understand({"error": {"message": words, "type": None, "code": None, "param": None}})
    assert (said.message, said.provider) == (meant, provider)


ERROR: dict[str, Any] = {"message": "meant", "type": "t", "code": "c"}
BODIES: list[Any] = [
    {"error": ERROR},
    [{"error": ERROR}],
    {"error": json.dumps({"error": ERROR})},
    {"error": {"message": json.dumps({"error": ERROR})}},
    {"detail": ERROR},
    {"detail": {"error": ERROR}},
    {"error": {"error": ERROR}},
    {"errors": [ERROR]},
    {"success": False, "errors": [{"code": "c", "message": "meant", "type": "t"}]},
    ERROR,
    [ERROR],
    json.dumps(ERROR),
    {"error": "c", "message": "meant", "code": "c", "type": "t"},
    {"detail": "meant", "error_code": "c", "type": "t"},
    {"title": "no", "detail": "meant", "type": "t", "code": "c"},
    {"error": {"message": "Provider returned error", "metadata": {"raw": json.dumps({"error": ERROR})}}},
    {"error": {**ERROR, "details": [{"@type": "x", "reason": "R"}]}},
    {"type": "error", "error": ERROR, "status": "fail"},
]


@pytest.mark.parametrize("body", BODIES)
def test_the_error_is_found_in_every_shape(body: Any) -> None:
    said = error_bodies.read(json.dumps(body).encode())
    assert (said.message, said.type, said.code) == ("meant", "t", "c")


@pytest.mark.parametrize(
    "body", [b"upstream request timeout", b"upstream\r\nrequest  timeout\n", b'"upstream request timeout"']
)
def test_plain_text_is_a_message(body: bytes) -> None:
    assert error_bodies.read(body).message == "upstream request timeout"


@pytest.mark.parametrize("depth", [10, 1000, 30_000])
def test_errors_within_errors_have_an_end(depth: int) -> None:
    for open, close in (('{"error":', "}"), ("[", "]"), ('{"error":[', "]}"), ("{", ""), ("b'{", "")):
        text = open * depth + '"x"' + close * depth
        error_bodies.read(text.encode())
        error_bodies.understand({"error": {"message": text}})
