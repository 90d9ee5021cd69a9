"""The `{{expressions}}` of an options line, kept whole while it is split into words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from . import braces, placing
from .prompt import Interpolation

_MARK = re.compile("\ue000(\\d+)\ue001")  # of Unicode's private use: no word of a language, no quote, no space
_WHOLE_PARAM = re.compile(f"((?:--param=)?\\w+=)({_MARK.pattern})")


class Slots:
    """An options line with a mark in the place of each expression: `.line`."""

    def __init__(self, typed: str) -> None:
        self._expressions: list[str] = []
        pieces, done = [], 0
        for expression in braces.find(typed):
            pieces += [typed[done : expression.start], f"\ue000{len(self._expressions)}\ue001"]
            self._expressions.append(typed[expression.start : expression.end])
            done = expression.end
        self.line = "".join([*pieces, typed[done:]])

    def typed(self, text: str) -> str:
        """A part of the line as it was typed."""
        known = range(len(self._expressions))
        return _MARK.sub(lambda mark: self._expressions[int(mark[1])] if int(mark[1]) in known else mark[0], text)

    def filler(self, filling: Interpolation | None) -> Callable[[str, bool], str]:
        """The function with which `options.parse` fills in a word; without `filling`, the word as typed."""

        def fill(word: str, is_param: bool) -> str:
            if filling is None:
                return self.typed(word)
            if is_param and (whole := _WHOLE_PARAM.fullmatch(word)) and (value := _json(filling, self.typed(whole[2]))):
                return whole[1] + value
            return filling.fill(self.typed(word), placing.in_option)

        return fill


def _json(filling: Interpolation, typed: str) -> str | None:
    """The value of `-p name={{expression}}` as the JSON that is sent; None if it has none."""
    expression = next(braces.find(typed))
    if expression.conversion or expression.spec:
        return None
    try:
        return json.dumps(filling.value(expression))
    except Exception:  # whatever the user's own code raises, or a value that JSON does not have
        return None
