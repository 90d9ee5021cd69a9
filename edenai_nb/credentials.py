"""What looks like a key, a token or a password in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MIN_VARIETY = 8  # different characters: what has fewer is a placeholder such as sk-xxxxxxxx

# The issuers' own documented forms: a fixed beginning and a length, so that prose, hashes and code are left alone.
# Each with the beginnings to look for: to try the expressions at every character takes a second a megabyte.
_FORMS = {
    "an Eden AI key": (("sk-eden-", "mgmt-eden-"), r"[\w-]{16,}"),
    "an Anthropic key": (("sk-ant-",), r"[\w-]{24,}"),
    "an OpenAI key": (("sk-",), r"sk-(?!ant-|eden-)[\w-]{32,}"),
    "an AWS key": (("AKIA", "ASIA"), r"[A-Z0-9]{20}(?!\w)"),
    "a Google key": (("AIza",), r"[\w-]{39}"),
    "a GitHub token": (("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"), r"\w{40,}"),
    "a GitLab token": (("glpat-",), r"[\w-]{26}"),
    "a Hugging Face token": (("hf_",), r"\w{33}"),
    "a PyPI token": (("pypi-AgEI",), r"[\w-]{59}"),
    "an npm token": (("npm_",), r"\w{40}"),
    "a Slack token": (("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"), r"[\w-]{15,}"),
    "a Stripe key": (("sk_live_", "rk_live_"), r"\w{28,}"),
    "a JSON web token": (("eyJ",), r"[\w-]{11,2000}\.eyJ[\w-]{8,4000}\.[\w-]{16}"),
    "a private key": (("-----BEGIN ",), r"-{5}BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-{5}(?:\s|\\n){0,9}[\w+/=:, -]{16}"),
    "a password in an address": (("://",), r"://[^\s:/@]{1,64}:[^\s:/@]{6,128}@\w"),
}
_LOOKS = [
    (name, beginning, re.compile(form if beginning == "://" else rf"(?<![\w-]){form}"))
    for name, (beginnings, form) in _FORMS.items()
    for beginning in beginnings
]


class Find(NamedTuple):
    """What it looks like, and the line it is in, counted from 1. Never the thing itself."""

    name: str
    line: int


def scan(text: str) -> Iterator[Find]:
    """Everything in the text that looks like a secret."""
    for name, beginning, form in _LOOKS:
        place = text.find(beginning)
        while place >= 0:
            match = form.match(text, place)
            if match and len(set(match[0])) >= MIN_VARIETY and "EXAMPLE" not in match[0]:
                yield Find(name, text.count("\n", 0, place) + 1)
            place = text.find(beginning, match.end() if match else place + len(beginning))
