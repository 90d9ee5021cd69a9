"""The strict server is one that a client can trust to be strict."""

from __future__ import annotations

import json

import httpx
import pytest

from .strict_server import ANSWER, DOCUMENT, Models

BODY = {"model": "openai/gpt-5-mini", "messages": [{"role": "user", "content": "Hi"}]}


def post(strict, body=BODY, **headers):
    headers = {"Authorization": f"Bearer {strict.api_key}", "Content-Type": "application/json", **headers}
    sent = {name: value for name, value in headers.items() if value}
    return httpx.post(f"{strict.base_url}/chat/completions", content=json.dumps(body), headers=sent)


def test_it_streams_and_answers_whole_in_the_documented_shape(strict):
    whole = post(strict).json()
    lines = post(strict, {**BODY, "stream": True, "stream_options": {"include_usage": True}}).text.split("\n\n")
    chunks = [json.loads(line[6:]) for line in lines[:-2]]

    assert whole["choices"][0]["message"]["content"] == ANSWER
    assert "".join(chunk["choices"][0]["delta"]["content"] or "" for chunk in chunks) == ANSWER
    assert chunks[-1]["usage"].items() <= whole["usage"].items()
    assert lines[-2:] == ["data: [DONE]", ""]


def test_it_refuses_what_the_document_does_not_allow_and_remembers_the_request(strict):
    refused = post(strict, {**BODY, "temperature": 3})

    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["body", "temperature"]
    assert strict.questions[0].json["temperature"] == 3
    assert strict.questions[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_does_not_say_it_is_json_is_refused(strict, kind):
    refused = post(strict, **{"Content-Type": kind})

    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body"])


@pytest.mark.parametrize(
    ("key", "status", "words"), [("", 403, "Not authenticated"), ("Bearer x", 401, "Invalid token")]
)
def test_a_missing_and_a_wrong_key_are_told_apart(strict, key, status, words):
    refused = post(strict, Authorization=key)

    assert (refused.status_code, refused.json()) == (status, {"detail": words})


def test_its_catalogue_is_public(strict):
    assert httpx.get(f"{strict.base_url}/models").json()["data"][0]["id"] == "openai/gpt-mini-latest"


def test_every_schema_of_the_document_becomes_a_model():
    models = Models(DOCUMENT)
    assert all(models[name].model_json_schema() for name in DOCUMENT["components"]["schemas"])
