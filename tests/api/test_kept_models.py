"""The list of models is kept on disk for a day, and is never worse than asking."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from platformdirs import user_cache_path

import edenai_nb
from edenai_nb import Chat, Sandbox, errors, settings
from edenai_nb.api import kept_models

NewChat = Callable[..., Chat]


def lists(sandbox: Sandbox) -> int:
    return sum(request.path.endswith("/models") for request in sandbox.requests)


def file() -> Path:
    return next(user_cache_path("edenai-nb", appauthor=False).glob("models-*"))


def test_a_list_is_read_once_for_all_processes_without_the_key_in_its_file(sandbox: Sandbox) -> None:
    key = "sk-eden-0123456789"
    known = [model.id for model in edenai_nb.models(api_key=key, base_url=sandbox.base_url)]
    kept_models.forget()  # what another process has not read either
    assert [model.id for model in edenai_nb.models(api_key=key, base_url=sandbox.base_url)] == known
    assert lists(sandbox) == 1
    assert key not in file().read_text("utf-8")
    assert sandbox.base_url not in file().read_text("utf-8")


def test_offline_an_old_list_is_better_than_none(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    known = edenai_nb.models()
    kept_models.forget()
    monkeypatch.setattr(kept_models, "KEPT_LOCALLY_S", 0.0)
    sandbox.stop()
    assert edenai_nb.models() == known


@pytest.mark.parametrize(
    "text", ["", "{", '{"models": 1}', "[]", '{"models": [{"id": 1}]}', '{"format": 99, "models": []}']
)
def test_a_torn_or_foreign_file_is_read_as_none(sandbox: Sandbox, text: str) -> None:
    known = edenai_nb.models()
    file().write_text(text, "utf-8")
    kept_models.forget()
    assert edenai_nb.models() == known
    assert lists(sandbox) == 2


def test_a_folder_that_cannot_be_written_costs_only_the_next_process_a_request(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert edenai_nb.models() == edenai_nb.models()
    assert lists(sandbox) == 1


def test_an_unknown_model_has_the_list_read_again(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, chat: NewChat
) -> None:
    edenai_nb.models()
    monkeypatch.setattr("edenai_nb.api.catalogue.AGAIN_S", 0.0)
    with pytest.raises(errors.UnknownModel, match="Did you mean openai/gpt-5-mini"):
        chat(model="openai/gpt-5-minni").ask("Hello")
    assert lists(sandbox) == 2


def test_another_key_sees_its_own_prices() -> None:
    one, other = (settings.resolve(api_key=key).fingerprint for key in ("sk-eden-one-1234", "sk-eden-other-1234"))
    assert one != other
    assert "eden" not in one


def test_importing_asks_nobody(sandbox: Sandbox) -> None:
    surroundings = {**os.environ, "EDENAI_API_BASE": sandbox.base_url, "EDENAI_API_KEY": sandbox.key}
    subprocess.run([sys.executable, "-c", "import edenai_nb.views.models"], env=surroundings, check=True)
    assert sandbox.requests == []
