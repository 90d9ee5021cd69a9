"""Which model a name means, whatever characters its id holds."""

from __future__ import annotations

import pytest

from edenai_nb.api import models

IDS = [
    "openai/gpt-5-mini",
    "amazon/amazon.nova-pro-v1:0",
    "amazon/anthropic.claude-opus-5@eu",
    "cloudflare/@cf/qwen/qwen3.8-27b",
    "fireworks_ai/accounts/fireworks/models/glm-5p3",
    "lilac/odd:cost",
    "lilac/odd",
    "microsoft/gpt-5-mini",
]
MODELS = models.parse(
    {"data": [*({"id": id} for id in IDS), {"id": "openai/gpt-latest", "alias_of": "openai/gpt-5-mini"}]}
)


def found(name: str) -> str | None:
    model = models.find(name, MODELS)
    return model and model.id


@pytest.mark.parametrize("id", IDS)
def test_every_id_of_the_list_is_found_as_it_is(id: str) -> None:
    assert found(id) == id


@pytest.mark.parametrize("objective", sorted(models.OBJECTIVES))
@pytest.mark.parametrize("id", ["openai/gpt-5-mini", "amazon/amazon.nova-pro-v1:0", "cloudflare/@cf/qwen/qwen3.8-27b"])
def test_how_to_choose_a_provider_is_no_part_of_the_id(id: str, objective: str) -> None:
    assert found(f"{id}:{objective}") == id
    assert found(f"{id.partition('/')[2]}:{objective}") == id


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gpt-5-mini", "openai/gpt-5-mini"),  # the first that sells it
        ("amazon.nova-pro-v1:0", "amazon/amazon.nova-pro-v1:0"),
        ("@cf/qwen/qwen3.8-27b", "cloudflare/@cf/qwen/qwen3.8-27b"),
        ("openai/gpt-latest", "openai/gpt-5-mini"),
        ("gpt-latest:latency", "openai/gpt-5-mini"),
        ("openai/gpt-5-mini:1", None),
        ("amazon/amazon.nova-pro-v1", None),
        ("openai/gpt-5-mini:Cost", None),
        ("@edenai", None),
        ("", None),
    ],
)
def test_a_name_means_the_model_that_would_answer(name: str, meant: str | None) -> None:
    assert found(name) == meant


def test_the_nearest_ids_are_looked_for_without_the_objective() -> None:
    assert models.nearest("amazon/amazon.nova-pro-v1:latency", MODELS, 1) == ["amazon/amazon.nova-pro-v1:0"]
