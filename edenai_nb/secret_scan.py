"""Finds what looks like a key, a token or a password in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MIN_VARIETY = 8  # different characters; with fewer it is a placeholder such as sk-xxxxxxxx

# The formats that the issuers document: a fixed prefix and a length, so that prose, hashes and code do not match.
# Each with its prefixes, which are searched first: trying the expressions everywhere takes a second per megabyte.
_FORMS = {
    "an Eden AI key": (("sk-eden-", "mgmt-eden-"), r"[\w-]{16,}"),
    "an Anthropic key": (("sk-ant-",), r"[\w-]{24,}"),
    "an OpenRouter key": (("sk-or-v1-",), r"[\w-]{40,}"),
    "an OpenAI key": (("sk-",), r"sk-(?!ant-|eden-|or-v1-)(?=[\w-]{0,99}[A-Z\d])[\w-]{32,}"),
    "an xAI key": (("xai-",), r"[\w-]{60,}"),
    "a Groq key": (("gsk_",), r"gsk_[A-Za-z0-9]{50}"),
    "a Perplexity key": (("pplx-",), r"pplx-[A-Za-z0-9]{40}"),
    "a Cerebras key": (("csk-",), r"csk-[a-z0-9]{40}"),
    "a Replicate token": (("r8_",), r"r8_[A-Za-z0-9]{37}"),
    "an NVIDIA key": (("nvapi-",), r"[\w-]{60,}"),
    "a LangSmith key": (("lsv2_pt_", "lsv2_sk_"), r"\w{40,}"),
    "a Pinecone key": (("pcsk_",), r"\w{50,}"),
    "a Tavily key": (("tvly-",), r"[\w-]{30,}"),
    "a Hugging Face token": (("hf_",), r"hf_[A-Za-z0-9]{30}"),
    "an AWS key": (("AKIA", "ASIA"), r"[A-Z0-9]{20}(?!\w)"),
    "an AWS secret": (
        ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
        r"\w{21}[\"']?\s{0,3}[:=]\s{0,3}[\"']?[\w/+]{40}(?![\w/+=])",
    ),
    "a Google key": (("AIza",), r"[\w-]{39}"),
    "a Google client secret": (("GOCSPX-",), r"[\w-]{35}"),
    "a Google token": (("ya29.",), r"ya29\.[\w-]{30}"),
    "an Azure key": (("AccountKey=", "SharedAccessKey="), r"\w+=[\w+/]{43,86}="),
    "an Azure signature": (("sig=",), r"sig=[\w%+/-]{43,}(?:%3D|=)"),
    "a Databricks token": (("dapi",), r"dapi[0-9a-f]{32}(?!\w)"),
    "a DigitalOcean token": (("dop_v1_", "doo_v1_", "dor_v1_"), r"\w{71}"),
    "a GitHub token": (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh._[A-Za-z0-9]{36}"),
    "a fine-grained GitHub token": (("github_pat_",), r"\w{40,}"),
    "a GitLab token": (("glpat-", "gldt-", "glrt-", "glptt-"), r"gl[a-z]+-[\w-]{20}"),
    "a Docker token": (("dckr_pat_",), r"[\w-]{36}"),
    "a PyPI token": (("pypi-AgEI",), r"[\w-]{59}"),
    "an npm token": (("npm_",), r"npm_[A-Za-z0-9]{36}"),
    "a Slack token": (("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"), r"[\w-]{15,}"),
    "a Slack app token": (("xapp-",), r"xapp-\d-[\w-]{20}"),
    "a Slack webhook": (("hooks.slack.com/services/",), r"hooks\.slack\.com/services/T\w+/B\w+/\w{20}"),
    "a Discord webhook": (
        ("discord.com/api/webhooks/", "discordapp.com/api/webhooks/"),
        r"\w+\.com/api/webhooks/\d{17,20}/[\w-]{60}",
    ),
    "a Telegram token": ((":AA",), r"(?<=\d{8}):AA[\w-]{33}(?![\w-])"),
    "a Stripe key": (("sk_live_", "rk_live_"), r".k_live_[A-Za-z0-9]{20}"),
    "a Stripe webhook secret": (("whsec_",), r"whsec_[A-Za-z0-9+/]{32}"),
    "a Twilio key": (("SK",), r"SK[0-9a-f]{32}(?!\w)"),
    "a SendGrid key": (("SG.",), r"SG\.[\w-]{22}\.[\w-]{43}"),
    "a Shopify token": (("shpat_", "shpca_", "shppa_", "shpss_"), r"shp.._[0-9a-fA-F]{32}"),
    "a New Relic key": (("NRAK-",), r"NRAK-[A-Z0-9]{27}"),
    "a Grafana token": (("glsa_",), r"glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}"),
    "a Notion token": (("ntn_",), r"ntn_[A-Za-z0-9]{40}"),
    "a Figma token": (("figd_",), r"figd_[\w-]{36}"),
    "a PlanetScale token": (("pscale_tkn_", "pscale_pw_"), r"pscale_[a-z]+_[\w-]{30}"),
    "a Linear key": (("lin_api_",), r"lin_api_[A-Za-z0-9]{40}"),
    "a Postman key": (("PMAK-",), r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    "an Airtable token": (("pat",), r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    "a Supabase key": (("sbp_",), r"sbp_[0-9a-f]{40}"),
    "a Doppler token": (("dp.pt.",), r"dp\.pt\.[A-Za-z0-9]{40}"),
    "a Vault token": (("hvs.", "hvb."), r"hv.\.[\w-]{24}"),
    "a Terraform token": ((".atlasv1.",), r"(?<=\w{14})\.atlasv1\.[\w-]{60}"),
    "a JSON web token": (("eyJ",), r"[\w-]{11,2000}\.eyJ[\w-]{8,4000}\.[\w-]{16}"),
    "a private key": (
        ("-----BEGIN ",),
        r"-{5}BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-{5}(?:\s|\\n){0,9}[\w+/=:, -]{16}",
    ),
    "an age key": (("AGE-SECRET-KEY-1",), r"[A-Z0-9-]{74}"),
    "a password in an address": (
        ("://",),
        r"://([^\s:/@]{0,64}):(?!\1@|(?i:pass|password|passwd|pwd|secret)@|[$<{*%\[])[^\s:/@]{6,128}@\w",
    ),
}
# No match within a longer word, unless its prefix begins with a character that is not part of words.
_PATTERNS = [
    (name, beginning, re.compile(rf"(?<![\w-]){form}" if beginning[0].isalnum() or beginning[0] == "-" else form))
    for name, (beginnings, form) in _FORMS.items()
    for beginning in beginnings
]
# Placeholders, the keys in AWS's documentation, the token of jwt.io.
_EXAMPLE = re.compile("example|placeholder|your|dummy|redacted|xxxx|eyJzdWIiOiIxMjM0NTY3ODkw", re.IGNORECASE)


class Match(NamedTuple):
    """The kind of secret, and its line, counted from 1. Never the secret itself."""

    name: str
    line: int


def scan(text: str) -> Iterator[Match]:
    """Everything in the text that looks like a secret."""
    for name, beginning, form in _PATTERNS:
        place = text.find(beginning)
        while place >= 0:
            match = form.match(text, place)
            if match and len(set(match[0])) >= MIN_VARIETY and not _EXAMPLE.search(match[0]):
                yield Match(name, text.count("\n", 0, place) + 1)
            place = text.find(beginning, match.end() if match else place + len(beginning))
