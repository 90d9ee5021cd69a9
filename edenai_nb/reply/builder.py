"""Deltas into a growing Reply."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from . import thoughts
from .pieces import joined, joined_audio
from .tool_calls import ToolCalls
from .values import Delta, Reply


class ReplyBuilder:
    """Folds Deltas into Replies. It knows no clock: what only its caller can know comes as facts."""

    def __init__(self) -> None:
        self._facts: dict[str, Any] = {}
        self._choices: defaultdict[int, _Choice] = defaultdict(_Choice)
        self._citations: dict[str, Any] = {}

    def add(self, delta: Delta) -> None:
        """Take what has come. Text after a finish_reason takes that back: it was none."""
        self._choices[delta.choice].add(delta)
        for name in ("model", "usage", "cost", "provider", "metadata", "sandbox", "kept"):
            if (value := getattr(delta, name)) is not None:
                self._facts[name] = value
        for citation in delta.citations:  # some servers repeat all of them in every chunk
            self._citations.setdefault(json.dumps(citation, sort_keys=True), citation)

    def reply(self, *, growing: bool = False, **facts: Any) -> Reply:
        """The Reply so far, with these facts; while it is `growing`, half a `<think>` tag is held back.

        It is the choice with index 0; where that one never brings text, it is the first that does.
        """
        main, pieces, others = self._arranged()
        thought, text = thoughts.split(main.said, growing=growing)
        reasoning = next(filter(None, (choice.thought for choice in pieces)), "")
        known = {
            "reasoning": "\n\n".join(filter(None, (reasoning, thought))),
            "finish_reason": next((choice.finish_reason for choice in pieces if choice.finish_reason), None),
            "tool_calls": next((choice.tool_calls.whole() for choice in pieces if choice.tool_calls), ()),
            "parts": (*(part for choice in pieces for part in choice.whole_parts()), *others),
            "citations": tuple(self._citations.values()),
        }
        return Reply(text, **{"provider": self._provider(), **self._facts, **known, **facts})

    def _provider(self) -> str | None:
        """Who answered, by the routing report: chunks of a stream need not say it."""
        tried = (self._facts.get("metadata") or {}).get("attempts")
        last = tried[-1] if isinstance(tried, list) and tried else None
        provider = last.get("provider") if isinstance(last, dict) else None
        return provider if isinstance(provider, str) else None

    def _arranged(self) -> tuple[_Choice, list[_Choice], list[dict[str, Any]]]:
        """The choice that is the answer; it with those that bring what it lacks; the others as parts."""
        first, rest = self._choices[0], sorted(self._choices.items())
        if len(rest) == 1:
            return first, [first], []
        main = first if first.said else next((choice for _, choice in rest if choice.said), first)
        pieces, others = [main], []
        for index, choice in rest:
            if choice is main:
                continue
            if choice.said or (choice.tool_calls and main.tool_calls):
                others.append(choice.as_part(index))
            else:
                pieces.append(choice)
        return main, pieces, others


class _Choice:
    """What one choice of an answer has brought."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._parts: list[Mapping[str, Any]] = []
        self.finish_reason: str | None = None
        self.tool_calls = ToolCalls()

    def add(self, delta: Delta) -> None:
        if delta.text:
            self._text.append(delta.text)
            self.finish_reason = None
        if delta.reasoning:
            self._reasoning.append(delta.reasoning)
        if delta.finish_reason and not (delta.finish_reason == "stop" and self.finish_reason):
            self.finish_reason = delta.finish_reason  # a plain "stop" after a better reason tells less
        for fragment in delta.tool_calls:
            self.tool_calls.add(fragment)
        if delta.parts:
            self._parts.extend(delta.parts)

    @property
    def said(self) -> str:
        """The text, or where there is none what was spoken."""
        return joined(self._text) or "".join(part.get("transcript") or "" for part in self._parts)

    @property
    def thought(self) -> str:
        return joined(self._reasoning)

    def whole_parts(self) -> list[Mapping[str, Any]]:
        """The parts; the fragments of an audio are one."""
        audio = [part for part in self._parts if part.get("type") == "audio"]
        others = [part for part in self._parts if part.get("type") != "audio"]
        return [*others, joined_audio(audio)] if audio else others

    def as_part(self, index: int) -> dict[str, Any]:
        known = {"text": self.said, "finish_reason": self.finish_reason, "tool_calls": self.tool_calls.whole()}
        return {"type": "choice", "index": index, **{name: value for name, value in known.items() if value}}
