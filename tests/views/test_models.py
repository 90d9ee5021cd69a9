"""The models are a list that can be narrowed down, and that shows as a table."""

from __future__ import annotations

import pytest

import edenai_nb
from edenai_nb import Sandbox, errors, settings
from edenai_nb.api.models import Model
from edenai_nb.views.models import Job, Models, read_job


def test_what_is_asked_for_narrows_the_list(sandbox: Sandbox) -> None:
    every = edenai_nb.models()
    assert [model.id for model in every] == sorted(model.id for model in every)
    assert {model.provider for model in edenai_nb.models("claude", provider="anthropic")} == {"anthropic"}
    cheap = edenai_nb.models(max_price=0.5)
    assert cheap
    assert all(max(m.input_price or 0, m.output_price or 0) <= 0.5e-6 for m in cheap)
    assert "openai/gpt-image-2" not in {model.id for model in cheap}  # its price is not known
    assert all({"vision", "tools"} <= set(model.abilities) for model in edenai_nb.models(supports="vision,tools"))
    assert {"azure/gpt-5.6-sol", "mistral/mistral-large-latest"} <= {model.id for model in edenai_nb.models(eu=True)}
    assert "openai/gpt-5-mini" not in {model.id for model in edenai_nb.models(eu=True)}
    assert len(edenai_nb.models("nosuchthing")) == 0
    with pytest.raises(errors.InvalidInput, match="did you mean vision"):
        edenai_nb.models(supports="vison")


@pytest.mark.parametrize(
    ("text", "job"),
    [("1000 x 300", Job(1000, 300, 300)), ("1,000 rows of 300 tokens", Job(1000, 300, 300)), ("5x7x2", Job(5, 7, 2))],
)
def test_a_job_is_read_in_words(text: str, job: Job) -> None:
    assert read_job(text) == job


def test_a_job_that_is_none_is_one_line() -> None:
    with pytest.raises(errors.InvalidInput, match="1000 x 300"):
        read_job("many")


def test_the_table_says_what_a_job_would_cost_and_what_is_not_known() -> None:
    known, unknown = Model("a/b", "a", 1000, 1e-6, 2e-6), Model("a/<c>", "a")
    shown = Models([known, unknown], Job(1000, 300, 100))
    assert repr(shown).splitlines()[1].split() == ["a/b", "a", "1,000", "1.00", "2.00", "~$0.50"]
    assert repr(shown).splitlines()[2].split() == ["a/<c>", "a", "?", "?", "?", "?"]
    assert "a/&lt;c&gt;" in shown._repr_html_()
    assert list(shown.frame()["job_usd"].round(9))[:1] == [0.5]


def test_an_alias_is_a_name_for_a_model(sandbox: Sandbox) -> None:
    settings.configure(alias={"fast": "openai/gpt-4o-mini"})
    try:
        assert settings.resolve(model="fast").model == "openai/gpt-4o-mini"
        edenai_nb.ask("Hello", model="fast", fallbacks=["fast"])
        assert sandbox.requests[-1].json["model"] == "openai/gpt-4o-mini"
        assert sandbox.requests[-1].json["fallbacks"] == ["openai/gpt-4o-mini"]
        with pytest.raises(errors.InvalidInput, match="alias takes"):
            settings.configure(alias={"openai/x": "y"})
    finally:
        settings.configure(alias=None)
