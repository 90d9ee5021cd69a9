"""Prompts that seem to hold a secret are held back; everything else is left alone."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest

from edenai_nb import Chat, Sandbox, credentials, errors

NewChat = Callable[..., Chat]
MIXED = (string.ascii_letters + string.digits) * 4
UPPER = (string.ascii_uppercase + string.digits) * 2
# Put together here, so that no scanner takes this file for a leak.
SECRETS = {
    "an Eden AI key": "sk-" + "eden-" + MIXED[:20],
    "an Anthropic key": "sk-" + "ant-api03-" + MIXED[:40],
    "an OpenAI key": "sk-" + "proj-" + MIXED[:48],
    "an AWS key": "AK" + "IA" + UPPER[:16],
    "a Google key": "AI" + "za" + MIXED[:35],
    "a GitHub token": "gh" + "p_" + MIXED[:36],
    "a GitLab token": "gl" + "pat-" + MIXED[:20],
    "a Hugging Face token": "h" + "f_" + MIXED[:34],
    "a PyPI token": "py" + "pi-AgEI" + MIXED[:60],
    "an npm token": "np" + "m_" + MIXED[:36],
    "a Slack token": "xo" + "xb-" + MIXED[:24],
    "a Stripe key": "sk" + "_live_" + MIXED[:24],
    "a JSON web token": "ey" + "J" + MIXED[:20] + ".ey" + "J" + MIXED[:30] + "." + MIXED[:30],
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----\n" + MIXED[:64],
    "a password in an address": "postgres://" + "admin:hunter2hunter2" + "@db.example.com/x",
}
HARMLESS = [
    "The quick brown fox, sk-eden and mgmt-eden keys, and a task-oriented risk-averse desk.",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b, sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "uuid 123e4567-e89b-12d3-a456-426614174000; key = os.environ['OPENAI_API_KEY']",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx and AKIAIOSFODNN7EXAMPLE",
    "What does -----BEGIN PRIVATE KEY----- mean? See http://localhost:8888/lab and git@github.com:me/it.git",
    "data:image/png;base64," + MIXED * 20,
    "mailto:me@example.com https://example.com:443/a@b",
]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_found_wherever_it_stands(name: str) -> None:
    for text in (f"one\ntwo {SECRETS[name]}", f'one\n{{"key": "{SECRETS[name]}"}}', f"one\nKEY={SECRETS[name]}\n"):
        assert list(credentials.scan(text)) == [(name, 2)]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert list(credentials.scan(text)) == []


@pytest.mark.parametrize("piece", ["eyJ", "a", "sk-", "-eyJ", "a://", "-----BEGIN ", "x@", "é", "a:"])
def test_ten_megabytes_of_anything_are_scanned_in_linear_time(piece: str) -> None:
    # Quadratic time would take hours.
    assert list(credentials.scan(piece * (10_000_000 // len(piece)))) == []


@pytest.mark.parametrize("where", ["prompt", "part", "system"])
def test_a_prompt_with_a_secret_is_held_back_until_it_is_allowed(sandbox: Sandbox, chat: NewChat, where: str) -> None:
    secret = SECRETS["a GitHub token"]
    text = f"Mend this:\n\ntoken = '{secret}'"
    ours = chat(system=text) if where == "system" else chat()
    prompt = {"part": [{"type": "text", "text": text}], "prompt": text}.get(where, "Hello")
    with pytest.raises(errors.SecretsFound) as caught:
        ours.send(prompt)
    assert "line 3 seems to hold a GitHub token" in str(caught.value)
    assert "--allow-secrets" in str(caught.value)
    assert secret not in str(caught.value)
    assert (sandbox.requests, ours.turns) == ([], ())
    assert ours.ask(prompt, allow_secrets=True).complete
