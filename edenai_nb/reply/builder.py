"""Builds a growing Reply from Deltas."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from . import thoughts
from .bill import spent
from .pieces import joined, joined_audio
from .tool_calls import ToolCalls
from .values import Delta, Reply


class ReplyBuilder:
    """Folds Deltas into Replies. Pure: times, errors and the like are passed in by the caller as facts."""

    def __init__(self) -> None:
        self._facts: dict[str, Any] = {}
        self._choices: defaultdict[int, _Choice] = defaultdict(_Choice)
        self._citations: dict[str, Any] = {}
        self._before: list[Mapping[str, Any]] = []  # usage and cost of answers that were asked for again

    def add(self, delta: Delta) -> None:
        """Add a Delta. Text after a finish_reason cancels that."""
        if delta.again:
            self._begin_again()
        self._choices[delta.choice].add(delta)
        for name in ("model", "usage", "cost", "provider", "metadata", "sandbox", "kept", "schema", "decoded"):
            if (value := getattr(delta, name)) is not None:
                self._facts[name] = value
        for citation in delta.citations:  # some servers repeat all citations in every chunk
            self._citations.setdefault(json.dumps(citation, sort_keys=True), citation)

    def reply(self, *, growing: bool = False, **facts: Any) -> Reply:
        """The Reply so far, with these facts. While it is `growing`, half a `<think>` tag at the end is left out.

        Its text is that of the choice with index 0, or if that one has none, of the first choice that has text.
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
        billed = spent([*self._before, self._facts]) if self._before else {}
        return Reply(text, **{"provider": self._provider(), **self._facts, **billed, **known, **facts})

    def answers_with(self, delta: Delta) -> bool:
        """Whether the text has begun with this Delta, the last one added; what is inside of `<think>` is no text."""
        said = self._choices[delta.choice].said
        return bool(delta.text) and not (said.lstrip()[:1] == "<" and (">" not in delta.text or thoughts.is_open(said)))

    def _begin_again(self) -> None:
        self._before.append({name: self._facts.pop(name, None) for name in ("usage", "cost")})
        self._choices.clear()
        self._citations.clear()

    def _provider(self) -> str | None:
        """The provider by Eden AI's routing report, as chunks of a stream need not name it."""
        tried = (self._facts.get("metadata") or {}).get("attempts")
        last = tried[-1] if isinstance(tried, list) and tried else None
        provider = last.get("provider") if isinstance(last, dict) else None
        return provider if isinstance(provider, str) else None

    def _arranged(self) -> tuple[_Choice, list[_Choice], list[dict[str, Any]]]:
        """(the choice that is the answer; that one and those that complete it; the other choices as parts)."""
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
    """What has arrived for one choice of an answer."""

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
            self.finish_reason = delta.finish_reason  # a "stop" does not replace a more specific reason
        for fragment in delta.tool_calls:
            self.tool_calls.add(fragment)
        if delta.parts:
            self._parts.extend(delta.parts)

    @property
    def said(self) -> str:
        """The text, or if there is none the transcript of the audio."""
        return joined(self._text) or "".join(part.get("transcript") or "" for part in self._parts)

    @property
    def thought(self) -> str:
        return joined(self._reasoning)

    def whole_parts(self) -> list[Mapping[str, Any]]:
        """The parts, with the fragments of an audio joined into one."""
        audio = [part for part in self._parts if part.get("type") == "audio"]
        others = [part for part in self._parts if part.get("type") != "audio"]
        return [*others, joined_audio(audio)] if audio else others

    def as_part(self, index: int) -> dict[str, Any]:
        known = {"text": self.said, "finish_reason": self.finish_reason, "tool_calls": self.tool_calls.whole()}
        return {"type": "choice", "index": index, **{name: value for name, value in known.items() if value}}
