"""The sandbox's catalogue is what the published document says a catalogue is."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from edenai_nb.sandbox import catalogue

from .strict_server import DOCUMENT, Models

MODELS = Models(DOCUMENT)
# The document wants an object; the live service sends null for some models (contract, section 1.6), so one here does.
NULL_CAPABILITIES = "cloudflare/@cf/qwen/qwen3.8-27b"


@pytest.mark.parametrize("id", [entry["id"] for entry in catalogue.MODELS])
def test_an_entry_is_valid_and_the_one_exception_is_the_one_that_is_seen_live(id):
    entry = next(entry for entry in catalogue.MODELS if entry["id"] == id)
    wrong = []
    try:
        MODELS["ModelObject"].model_validate(entry, strict=True)
    except ValidationError as error:
        wrong = [problem["loc"] for problem in error.errors()]

    assert wrong == ([("capabilities",)] if id == NULL_CAPABILITIES else [])


def _without_the_exception(entries):
    for entry in entries:
        if entry["id"] != NULL_CAPABILITIES:
            yield {**entry, "endpoints": list(_without_the_exception(entry.get("endpoints", ())))}


@pytest.mark.parametrize(
    ("view", "shape"), [("endpoints", "ListModelsResponse"), ("models", "ListModelsWithEndpointsResponse")]
)
def test_both_views_are_valid_but_for_that_exception(view, shape):
    listing = catalogue.listing(view)
    listing["data"] = list(_without_the_exception(listing["data"]))

    assert len(MODELS[shape].model_validate(listing, strict=True).data) >= 20
