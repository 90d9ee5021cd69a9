"""Prompts that seem to hold a secret are held back; everything else is left alone."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable

import pytest

from edenai_nb import Chat, Sandbox, errors, secret_scan

NewChat = Callable[..., Chat]
MIXED = (string.ascii_letters + string.digits) * 4
UPPER = (string.ascii_uppercase + string.digits) * 2
HEX = "0123456789abcdef" * 4
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
    "an OpenRouter key": "sk-" + "or-v1-" + HEX[:64],
    "an xAI key": "xa" + "i-" + MIXED[:80],
    "a Groq key": "gs" + "k_" + MIXED[:52],
    "a Perplexity key": "pp" + "lx-" + MIXED[:48],
    "a Cerebras key": "cs" + "k-" + HEX[:48],
    "a Replicate token": "r" + "8_" + MIXED[:37],
    "an NVIDIA key": "nv" + "api-" + MIXED[:64],
    "a LangSmith key": "lsv2" + "_pt_" + HEX[:32] + "_" + HEX[:10],
    "a Pinecone key": "pc" + "sk_" + MIXED[:6] + "_" + MIXED[:63],
    "a Tavily key": "tv" + "ly-" + MIXED[:32],
    "an AWS secret": "AWS_SECRET" + "_ACCESS_KEY = " + MIXED[:38] + "/+",
    "a Google client secret": "GOC" + "SPX-" + MIXED[:28],
    "a Google token": "ya" + "29." + MIXED[:80],
    "an Azure key": "DefaultEndpointsProtocol=https;Account" + "Key=" + MIXED[:84] + "/+==",
    "an Azure signature": "https://x.blob.core.windows.net/c?sv=2022-11-02&si" + "g=" + MIXED[:43] + "%3D",
    "a Databricks token": "da" + "pi" + HEX[:32],
    "a DigitalOcean token": "dop" + "_v1_" + HEX[:64],
    "a fine-grained GitHub token": "github" + "_pat_" + MIXED[:22] + "_" + MIXED[:59],
    "a Docker token": "dckr" + "_pat_" + MIXED[:27],
    "a Slack app token": "xa" + "pp-1-A012-1234567890-" + HEX[:64],
    "a Slack webhook": "https://hooks.slack" + ".com/services/T012ABC/B012ABC/" + MIXED[:24],
    "a Discord webhook": "https://discord" + ".com/api/webhooks/123456789012345678/" + MIXED[:68],
    "a Telegram token": "123456789" + ":AA" + MIXED[:33],
    "a Stripe webhook secret": "wh" + "sec_" + MIXED[:32],
    "a Twilio key": "S" + "K" + HEX[:32],
    "a SendGrid key": "S" + "G." + MIXED[:22] + "." + MIXED[:43],
    "a Shopify token": "sh" + "pat_" + HEX[:32],
    "a New Relic key": "NR" + "AK-" + UPPER[:27],
    "a Grafana token": "gl" + "sa_" + MIXED[:32] + "_" + HEX[:8],
    "a Notion token": "nt" + "n_" + MIXED[:46],
    "a Figma token": "fi" + "gd_" + MIXED[:40],
    "a PlanetScale token": "pscale" + "_tkn_" + MIXED[:43],
    "a Linear key": "lin" + "_api_" + MIXED[:40],
    "a Postman key": "PM" + "AK-" + HEX[:24] + "-" + HEX[:34],
    "an Airtable token": "pa" + "t" + MIXED[:14] + "." + HEX[:64],
    "a Supabase key": "sb" + "p_" + HEX[:40],
    "a Doppler token": "dp" + ".pt." + MIXED[:43],
    "a Vault token": "hv" + "s." + MIXED[:90],
    "a Terraform token": MIXED[:14] + ".atlas" + "v1." + MIXED[:67],
    "an age key": "AGE-" + "SECRET-KEY-1" + UPPER[:58],
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
    "<div class='sk-toggleable__content-of-a-very-long-estimator-name sk-hidden--visually'>",
    "hf_hub_download_with_progress_and_retry(npm_config_registry_of_the_whole_company, gsk_" + "word_" * 12 + ")",
    "DATABASE_URL=postgres://postgres:postgres@db:5432/app, mysql://root:password@localhost, redis://:$SECRET@cache",
    "f'postgresql://{user}:{password}@{host}/{name}' and mongodb+srv://<username>:<password>@cluster0.abc.mongodb.net",
    "token = 'xoxb-your-token-goes-here', OPENAI_API_KEY=sk-your-key-here-0123456789-0123456789",
    # jwt.io's
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0." + MIXED[:43],
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "SKU SK12345, at 10:AAA rated, sig=none, a path such as patterns.py, SG.py, hvs.md, dapi4 and 12345678:AAmsterdam",
]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_found_wherever_it_stands(name: str) -> None:
    for text in (f"one\ntwo {SECRETS[name]}", f'one\n{{"key": "{SECRETS[name]}"}}', f"one\nKEY={SECRETS[name]}\n"):
        assert list(secret_scan.scan(text)) == [(name, 2)]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert list(secret_scan.scan(text)) == []


def test_random_bytes_and_hashes_are_left_alone() -> None:
    chance = random.Random(5)
    image = base64.b64encode(chance.randbytes(2_000_000)).decode()
    hashes = "\n".join(chance.randbytes(size).hex() for size in (16, 20, 32, 64) for _ in range(5000))
    assert list(secret_scan.scan(f"data:image/png;base64,{image}\n{hashes}")) == []


@pytest.mark.parametrize(
    "piece", ["eyJ", "a", "sk-", "-eyJ", "a://", "-----BEGIN ", "x@", "é", "a:", "SK", "pat", "sk-a"]
)
def test_ten_megabytes_of_anything_are_scanned_in_linear_time(piece: str) -> None:
    # Quadratic time would take hours.
    assert list(secret_scan.scan(piece * (10_000_000 // len(piece)))) == []


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
