"""Who may answer: what is sent for each option, who answers then, and what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import edenai_nb as eden
from edenai_nb import Chat, Sandbox, errors, settings
from edenai_nb.chat import routing
from edenai_nb.notebook import options
from edenai_nb.settings import EU_BASE_URL

NewChat = Callable[..., Chat]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"candidates": "a, b"}, {"model": "@edenai", "router_candidates": ["a", "b"]}),
        ({"candidates": ["a"], "quality_cost": 0}, {"router_candidates": ["a"], "routing": {"quality_cost": 0}}),
        ({"sort": "latency", "providers": "openai,azure"}, {"routing": {"allowed_providers": ["openai", "azure"]}}),
        (
            {"no_fallbacks": True, "routing": {"sticky": False}},
            {"routing": {"sticky": False, "allow_fallbacks": False}},
        ),
        ({"no_fallbacks": False}, {}),
    ],
)
def test_an_option_is_a_field_of_the_request(given: dict[str, Any], sent: dict[str, Any]) -> None:
    folded = routing.fold(given)
    assert not folded.keys() & routing.OPTIONS
    for name, value in sent.items():
        assert folded[name] == ({**folded[name], **value} if isinstance(value, dict) else value)


@pytest.mark.parametrize(
    "line",
    [
        "--candidates openai/gpt-5-mini,anthropic/claude-haiku-4-5 --quality-cost 10",
        "-m gpt-5.6-sol --sort latency --providers openai,azure --no-fallbacks",
        "-m gpt-5.6-sol:cost --fallback openai/gpt-5-mini --fallback gpt-4o-mini",
    ],
)
def test_the_options_of_the_magic_reach_the_server(sandbox: Sandbox, line: str) -> None:
    chat = Chat(base_url=sandbox.base_url, api_key=sandbox.key)
    chat.ask("Hello", **options.request(options.parse(line)))
    body = sandbox.requests[-1].json
    if "--candidates" in line:
        assert body["model"] == "@edenai"
        assert body["router_candidates"] == ["openai/gpt-5-mini", "anthropic/claude-haiku-4-5"]
        assert body["routing"] == {"quality_cost": 10}
    elif "--sort" in line:
        assert body["routing"] == {
            "sort": "latency",
            "allowed_providers": ["openai", "azure"],
            "allow_fallbacks": False,
        }
    else:
        assert body["fallbacks"] == ["openai/gpt-5-mini", "gpt-4o-mini"]


def test_who_really_answered_is_said() -> None:
    with Sandbox(tokens_per_s=None, down=["openai"]):
        reply = eden.ask("Hello", model="openai/gpt-5-mini", fallbacks=["anthropic/claude-haiku-4-5"])
        other = eden.ask("Hello", model="gpt-5.6-sol")
        with pytest.raises(errors.ServerTrouble):
            eden.ask("Hello", model="gpt-5.6-sol", no_fallbacks=True, retry_s=0.001)
    assert (reply.model, reply.provider) == ("anthropic/claude-haiku-4-5", "anthropic")
    assert [(tried["provider"], tried["status"]) for tried in reply.attempts] == [("openai", 503), ("anthropic", 200)]
    assert other.provider == "azure"
    assert len(other.attempts) == 2


def test_eden_ai_chooses_among_the_candidates(sandbox: Sandbox) -> None:
    given = {"base_url": sandbox.base_url, "api_key": sandbox.key}
    reply = eden.ask("Hello", candidates=["anthropic/claude-haiku-4-5"], quality_cost=3, **given)
    assert reply.model == "anthropic/claude-haiku-4-5"
    assert reply.metadata is not None
    assert reply.metadata["auto"]["chosen"] == reply.model
    with pytest.raises(errors.InvalidInput, match="needs the model @edenai"):
        eden.ask("Hello", model="openai/gpt-5-mini", candidates=["anthropic/claude-haiku-4-5"], **given)
    with pytest.raises(errors.InvalidInput, match="at most 3"):
        eden.ask("Hello", fallbacks=["a", "b", "c", "d"], **given)


def test_a_conversation_has_one_session_and_another_has_another(sandbox: Sandbox, chat: NewChat) -> None:
    one, other = chat(), chat()
    for ours in (one, one, other):
        ours.ask("Hello")
    first, again, elsewhere = [request.headers["x-session-id"] for request in sandbox.requests]
    assert first == again != elsewhere
    assert all(request.headers["x-edenai-metadata"] == "enabled" for request in sandbox.requests)


def test_eu_is_an_address_and_its_refusal_is_plain() -> None:
    assert settings.resolve(eu=True).base_url == EU_BASE_URL
    assert settings.resolve(eu=True, base_url=EU_BASE_URL).base_url == EU_BASE_URL
    with pytest.raises(errors.InvalidInput, match="take one of them"):
        settings.resolve(eu=True, base_url="https://example.com/v3")
    with Sandbox(tokens_per_s=None, eu=True):
        assert eden.ask("Hello", model="mistral/mistral-small-latest", eu=True).complete
        with pytest.raises(errors.RegionNotAllowed):
            eden.ask("Hello", model="openai/gpt-5-mini", eu=True)
        assert eden.ask("Hello", model="gpt-5.6-sol", eu=True).provider == "azure"
