"""What Tab offers after %edenchat, without asking anybody: commands, options, models, conversations, settings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from .. import settings
from . import commands, option_table, options
from .option_values import FORMS
from .session import Session

MATCHER = "edenai_nb"
_LINE = re.compile(r"[^#]*?(?P<magic>%%?)edenchat\s(?P<words>.*)")


def matcher(session: Session) -> Any:
    """IPython's matcher for lines of this session's magic, where other matchers are switched off."""
    candidates = _Candidates(session)

    def match(context: CompletionContext) -> SimpleMatcherResult:
        found = candidates.at(context.text_until_cursor, context.token)
        return {"completions": [SimpleCompletion(name) for name in found], "suppress": bool(found)}

    return context_matcher(identifier=MATCHER)(match)


class _Candidates:
    """What can stand at the cursor."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def at(self, text: str, token: str) -> list[str]:
        """What may follow this text. Each replaces `token`, as IPython cuts it: it begins behind "=", ":" and "@"."""
        line = _LINE.fullmatch(text)
        if line is None:
            return []
        *before, word = re.split(r"\s+", line["words"].lstrip())
        typed = word.removesuffix(token)
        found = self._candidates(before, word, on_one_line=line["magic"] == "%")
        return [name.removeprefix(typed) for name in found if name.startswith(word)]

    def _candidates(self, before: list[str], word: str, *, on_one_line: bool) -> Iterable[str]:
        option = options.find(before[-1]) if before and "=" not in before[-1] else None
        if option and option.value:
            return self._values(option.values)
        name, equals, _ = word.partition("=")
        if equals and (option := options.find(name)):
            return [f"{name}={value}" for value in self._values(option.values)]
        command = commands.find(before[0]) if before and on_one_line else None
        if command and before[-1] == "--provider":
            return self._values("provider")
        if command:
            return [f"{name}={value}" for value in self._models()] if word.startswith("model=") else self._of(command)
        names = commands.NAMES if on_one_line and not before else ()
        return [*names, *(spelling for spelling, option in option_table.SPELLINGS.items() if option.help)]

    def _of(self, command: commands.Command) -> list[str]:
        return [value for kind in command.values.split() for value in self._values(kind)]

    def _values(self, kind: str) -> list[str]:
        if kind == "model":
            return self._models()
        if kind == "provider":
            return sorted({model.provider for model in _kept()})
        if kind == "chat":
            return sorted(self._session.chats)
        if kind == "variable":
            return self._session.variables.bound()
        if kind == "picture":
            return ["last-figure", *self._session.variables.bound()]
        if kind == "type":
            return self._session.variables.types()
        if kind == "form":
            return list(FORMS)
        if kind == "pending":
            return sorted(self._session.variables.pending())
        if kind == "setting":
            return [f"{name}=" for name in sorted(settings.NAMES - {"api_key", "alias"})] + ["alias."]
        return [kind] if kind else []

    def _models(self) -> list[str]:
        now = settings.resolve()
        kept = {model.id for model in _kept() if model.is_chat}
        return sorted({now.model, *filter(None, self._session.used.copy()), *now.alias, *kept})


def _kept() -> Iterable[Any]:
    from ..api import kept_models  # not with %load_ext

    return kept_models.kept(settings.resolve()).models
