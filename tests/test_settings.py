"""Where settings come from: the nearest source wins, and each setting says which one it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import edenai_nb as eden
from edenai_nb import Sandbox, errors, settings

KEY = "sk-eden-0123456789abcdef"


@pytest.fixture(autouse=True)
def unconfigured() -> Iterator[None]:
    yield
    eden.configure(**dict.fromkeys(settings.NAMES))


def test_an_argument_comes_before_configure_and_that_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [settings.resolve()]
    monkeypatch.setenv("EDENAI_MODEL", "a/environment")
    found.append(settings.resolve())
    eden.configure(model="a/configured")
    found.append(settings.resolve())
    found.append(settings.resolve(model="a/argument"))
    eden.configure(model=None)
    found.append(settings.resolve())

    names = ["a/environment", "a/configured", "a/argument", "a/environment"]
    assert [one.model for one in found] == [settings.Settings().model, *names]
    origins = [None, "EDENAI_MODEL", "configure()", "argument", "EDENAI_MODEL"]
    assert [one.origins.get("model") for one in found] == origins


def test_an_open_sandbox_brings_address_and_key_together_unless_an_address_is_given() -> None:
    eden.configure(api_key=KEY)
    with Sandbox() as sandbox:
        inside = settings.resolve()
        elsewhere = settings.resolve(base_url="https://elsewhere.invalid/v3")
        assert (inside.base_url, inside.api_key) == (sandbox.base_url, sandbox.key)
    assert (elsewhere.base_url, elsewhere.api_key) == ("https://elsewhere.invalid/v3", KEY)
    assert settings.resolve().api_key == KEY


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"modle": "x"}, "did you mean model?"),
        ({"connect_s": "5"}, "connect_s"),
        ({"connect_s": float("inf")}, "connect_s must be a finite number"),
        ({"model": ["a/b"]}, "model must be text"),
        ({"keep": True}, "keep must be text"),
        ({"connect_s": True}, "connect_s must be a number above 0"),
        ({"connect_s": 0}, "connect_s must be a number above 0"),
        ({"base_url": "api.edenai.run"}, "base_url must be a full address"),
        ({"alias": {"a/b": "c/d"}}, "alias takes a dict of names"),
    ],
)
def test_what_is_no_setting_or_no_value_of_it_is_refused_and_changes_nothing(values: Any, said: str) -> None:
    with pytest.raises(errors.InvalidInput, match=r"^[^\n]*\Z") as caught:
        eden.configure(**values)
    assert said in str(caught.value)
    assert settings.resolve() == settings.Settings()


def test_the_list_of_settings_says_where_each_is_from_and_not_the_key() -> None:
    eden.configure(model="a/b", api_key=KEY)
    lines = {line.split()[0]: line for line in settings.describe(settings.resolve()).splitlines()}
    assert lines.keys() >= settings.NAMES
    assert "a/b  (configure())" in lines["model"]
    assert lines["connect_s"].endswith("(default)")
    assert KEY not in "".join(lines.values()) + repr(settings.resolve())


def test_redacting_takes_out_the_key_and_what_looks_like_one() -> None:
    text = f"Bearer my-own-key-of-a-gateway, {KEY}"
    assert settings.Settings(api_key="my-own-key-of-a-gateway").redact(text) == "Bearer [key], [key]"
