"""A request as a value: what is sent, what tells it from another, and what must not be sent."""

from __future__ import annotations

from typing import Any

import pytest

import edenai_nb
from edenai_nb import Chat, Sandbox, errors
from edenai_nb.chat.request import Request
from edenai_nb.settings import Settings

SETTINGS = Settings(api_key="sk-eden-0123456789abcdef", base_url="http://127.0.0.1:9/v3", model="openai/gpt-5-mini")
HELLO = ({"role": "user", "content": "Hello"},)
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def request(settings: dict[str, Any] | None = None, messages: Any = HELLO, **params: Any) -> Request:
    return Request(Settings(**{**vars(SETTINGS), **(settings or {})}), messages, params)


def test_what_a_chat_would_send_is_what_it_sends(sandbox: Sandbox, chat: Any) -> None:
    ours = chat(temperature=0.5, fallbacks=["anthropic/claude-haiku-4-5"])
    ours.set(system="Be brief.")
    ours.ask("One")
    would = ours.request("Two", max_tokens=50)
    assert len(sandbox.requests) == 1
    ours.ask("Two", max_tokens=50)
    assert sandbox.requests[-1].json == would.body
    assert [message["role"] for message in would.messages] == ["system", "user", "assistant", "user"]
    assert would.models == ("openai/gpt-5-mini", "anthropic/claude-haiku-4-5")


def test_what_the_list_of_models_knows_to_be_impossible_is_said_before_anything_is_sent(
    sandbox: Sandbox, chat: Any
) -> None:
    plain, seeing = "fireworks_ai/accounts/fireworks/models/glm-5p3", "openai/gpt-5-mini"
    picture = [{"type": "text", "text": "What is it?"}, IMAGE]
    chat(model=plain).send(picture).stop()  # nothing is known yet: it is the server's to say
    edenai_nb.models(**chat().options)
    asked = len(sandbox.requests)
    with pytest.raises(errors.InvalidInput, match="glm-5p3 cannot do vision"):
        chat(model=plain).send(picture)
    with pytest.raises(errors.InvalidInput, match="is not available in the region us"):
        chat(model="mistral/mistral-large-latest@us").send("Hello")
    assert len(sandbox.requests) == asked
    assert chat(model=plain, fallbacks=[seeing]).request(picture).obstacles() == [(plain, "cannot do vision")]
    chat(model=plain, fallbacks=[seeing]).request(picture).check()  # the other one can
    chat(model="cloudflare/@cf/qwen/qwen3.8-27b").request(picture).check()  # nothing is told of it


@pytest.mark.parametrize(
    "other",
    [
        request({"model": "openai/gpt-5"}),
        request(messages=({"role": "system", "content": "x"}, *HELLO)),
        request(messages=({"role": "user", "content": "Hello "},)),
        request(messages=({"role": "user", "content": [{"type": "text", "text": "Hello"}, IMAGE]},)),
        request(temperature=0),
        request(max_tokens=10),
        request(fallbacks=["openai/gpt-5"]),
        request(response_format={"type": "json_object"}),
        request(seed=1),
        request(unknown_field={"a": 1}),
    ],
    ids=repr,
)
def test_whatever_could_change_the_answer_changes_the_digest(other: Request) -> None:
    assert other.digest != request().digest


@pytest.mark.parametrize(
    "same",
    [
        request({"api_key": "another", "base_url": "https://api.eu.edenai.run/v3"}),
        request({"max_cost": 1.0, "budget": 2.0, "first_token_s": 5.0, "retry_s": 1.0, "journal": "x.jsonl"}),
        request(tags={"team": "a"}),
        request(stream_options={"include_usage": True}),
        request(session_id="s", user="u", prompt_cache_key="k"),
        request(temperature=None),
    ],
    ids=repr,
)
def test_what_cannot_change_the_answer_leaves_the_digest(same: Request) -> None:
    assert same.digest == request().digest


def test_the_order_of_fields_does_not_count_and_files_do() -> None:
    one, two = request(temperature=1, top_p=0.5), request(top_p=0.5, temperature=1)
    assert one.digest == two.digest
    files = [request(messages=({"role": "user", "content": [{**IMAGE, "image_url": {"url": x}}]},)) for x in ("a", "b")]
    assert files[0].digest != files[1].digest


def test_a_request_shows_neither_key_nor_words() -> None:
    shown = repr(request(messages=({"role": "user", "content": "my secret plan"},)))
    assert "secret" not in shown
    assert "sk-eden" not in shown


def test_what_must_not_be_sent_is_held_back() -> None:
    with pytest.raises(errors.MissingKey):
        request({"api_key": ""}).check()
    with pytest.raises(errors.InvalidInput):
        request({"base_url": "http://example.com/v3"}).check()
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    asked = ({"role": "system", "content": key}, *HELLO)
    with pytest.raises(errors.SecretsFound):
        request(messages=asked).check()
    request({"allow_secrets": True}, messages=asked).check()
    request(messages=({"role": "assistant", "content": key}, *HELLO)).check()  # it came from there


def test_only_the_fields_that_were_given_are_sent() -> None:
    assert request(temperature=None, top_p=0.5).body == {
        "top_p": 0.5,
        "model": "openai/gpt-5-mini",
        "messages": list(HELLO),
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_a_request_of_nobody_is_no_input() -> None:
    with pytest.raises(errors.InvalidInput):
        Chat().request("")
