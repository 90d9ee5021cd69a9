"""%edenchat config: the settings of this session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import settings, stand_in
from ..api import models
from ..errors import InvalidInput


def show_or_change(words: Iterable[str]) -> None:
    """Change what the words say as name=value, and print it; without words print all settings. Raises InvalidInput."""
    values: dict[str, Any] = {}
    for name, value in map(setting, _changes(words)):
        values[name] = {**values.get(name, {}), **value} if name == "alias" else value
    if values.get("model"):
        _check_model(values["model"])
    settings.configure(**values)
    for line in settings.describe(stand_in.current_settings()).splitlines():
        if not values or line.split()[0] in values:
            print(line)


def _changes(words: Iterable[str]) -> list[str]:
    """`name=value` each, also where it was typed as `name = value`."""
    changes: list[str] = []
    before = ""
    for word in words:
        if changes and (word.startswith("=") or before == "="):
            changes[-1] += word
        else:
            changes.append(word)
        before = word
    return changes


def setting(text: str) -> tuple[str, Any]:
    """`name=value` of `%edenchat config`. An empty value forgets the setting. Raises InvalidInput."""
    name, equals, value = text.partition("=")
    if name in ("api_key", "key"):
        raise InvalidInput("A key typed here would be saved in the notebook: run %edenchat login instead.")
    if not equals:
        raise InvalidInput("%edenchat config takes name=value, such as budget=0.50; nothing has changed.")
    if name.startswith("alias."):
        settings.check({"alias": (alias := {name.partition(".")[2]: value or None})})
        return "alias", alias
    settings.check({name: None})
    return name, settings.parse(name, value)


def _check_model(name: str) -> None:
    from ..api import kept_models  # not with %load_ext

    known = kept_models.kept(settings.resolve()).models
    if known and name == settings.model_called(name) and not name.startswith("@") and not models.find(name, known):
        near = ", ".join(models.nearest(name, known))
        raise InvalidInput(f"No model is called {name!r}; nothing has changed. Did you mean {near}?")
