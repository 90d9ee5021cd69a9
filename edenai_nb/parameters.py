"""The fields of a chat request and the values that they accept (contract, section 2)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from numbers import Integral, Real
from typing import Any

from .errors import InvalidInput

OURS = frozenset({"model", "messages", "stream"})  # set by a Chat, not by the user's parameters


@dataclass(frozen=True)
class Parameter:
    """One field: its name, the accepted values in words, and a test for a value."""

    name: str
    takes: str
    fits: Callable[[Any], bool]


def _number(low: float, high: float) -> tuple[str, Callable[[Any], bool]]:
    def fits(value: Any) -> bool:
        return (
            isinstance(value, Real) and not isinstance(value, bool) and isfinite(value) and low <= float(value) <= high
        )

    return f"a number from {low:g} to {high:g}", fits


def _whole(low: float = -inf, high: float = inf) -> tuple[str, Callable[[Any], bool]]:
    def fits(value: Any) -> bool:
        return isinstance(value, Integral) and not isinstance(value, bool) and low <= int(value) <= high

    limits = f" from {low:g}" * (low > -inf) + f" to {high:g}" * (high < inf)
    return f"a whole number{limits}", fits


is_count = _whole(1)[1]  # whether a value is a whole number from 1


def _word(*words: str) -> tuple[str, Callable[[Any], bool]]:
    return f"one of {', '.join(words)}", lambda value: isinstance(value, str) and value in words


def _text(most: float = inf) -> tuple[str, Callable[[Any], bool]]:
    limits = f" of at most {most:g} characters" * (most < inf)
    return f"text{limits}", lambda value: isinstance(value, str) and len(value) <= most


def _texts(what: str, most: float = inf, longest: float = inf) -> tuple[str, Callable[[Any], bool]]:
    def fits(value: Any) -> bool:
        is_list = isinstance(value, list | tuple) and len(value) <= most
        return is_list and all(isinstance(text, str) and len(text) <= longest for text in value)

    return f"a list of {f'at most {most:g} ' * (most < inf)}{what}", fits


def _dict(what: str = "a dict", fits: Callable[[Mapping[Any, Any]], bool] = lambda _: True) -> Any:
    return what, lambda value: isinstance(value, Mapping) and fits(value)


def _or(*kinds: tuple[str, Callable[[Any], bool]]) -> tuple[str, Callable[[Any], bool]]:
    return " or ".join(words for words, _ in kinds), lambda value: any(fits(value) for _, fits in kinds)


def _are_dicts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, Mapping) for item in value)


_DICTS = ("a list of dicts", _are_dicts)
_FLAG = ("True or False", lambda value: isinstance(value, bool))
_QUALITY_COST = _whole(0, 10)[1]
_ROUTING: Mapping[str, Callable[[Any], bool]] = {
    "sort": _word("cost", "speed", "latency", "exact")[1],
    "allowed_providers": _texts("names")[1],
    "allow_fallbacks": _FLAG[1],
    "sticky": _FLAG[1],
    "quality_cost": _QUALITY_COST,
}


def _is_routing(value: Mapping[Any, Any]) -> bool:
    return all(value[name] is None or fits(value[name]) for name, fits in _ROUTING.items() if name in value)


# `eden:` is reserved (contract, section 2).
_TAG = re.compile(r"(?!eden:)[\w.:/-]{1,64}", re.ASCII), re.compile(r"[\w.:/-]{1,128}", re.ASCII)


def _are_tags(value: Mapping[Any, Any]) -> bool:
    return len(value) <= 10 and all(
        isinstance(name, str) and isinstance(text, str) and _TAG[0].fullmatch(name) and _TAG[1].fullmatch(text)
        for name, text in value.items()
    )


def _is_thinking(value: Mapping[Any, Any]) -> bool:
    budget = value.get("budget_tokens")
    return value.get("type") in ("enabled", "disabled") and (budget is None or _whole(1024)[1](budget))


PARAMETERS: Mapping[str, Parameter] = {
    name: Parameter(name, *kind)
    for name, kind in {
        "temperature": _number(0, 2),
        "top_p": _number(0, 1),
        "max_tokens": _whole(1),
        "max_completion_tokens": _whole(1),
        "stop": _or(_text(), _texts("texts", 4)),
        "seed": _whole(),
        "n": _whole(1),
        "frequency_penalty": _number(-2, 2),
        "presence_penalty": _number(-2, 2),
        "logit_bias": _dict("a dict of numbers", lambda value: all(_number(-inf, inf)[1](v) for v in value.values())),
        "logprobs": _FLAG,
        "top_logprobs": _whole(0, 20),
        "tools": _DICTS,
        "tool_choice": _or(_word("auto", "required", "none"), _dict()),
        "parallel_tool_calls": _FLAG,
        "functions": _DICTS,
        "function_call": _or(_word("auto", "none"), _dict()),
        "response_format": _dict('a dict such as {"type": "json_object"}', lambda value: "type" in value),
        "reasoning_effort": _word("minimal", "low", "medium", "high", "max", "xhigh", "disable", "none"),
        "thinking": _dict('a dict such as {"type": "enabled", "budget_tokens": 1024}', _is_thinking),
        "verbosity": _word("low", "medium", "high"),
        "modalities": _texts("words"),
        "audio": _dict(),
        "prediction": _dict(),
        "web_search_options": _dict(),
        "service_tier": _word("auto", "default", "flex", "scale", "priority"),
        "user": _text(),
        "metadata": _dict(),
        "fallbacks": _texts("models", 3),
        "router_candidates": _texts("models of at most 128 characters", 64, 128),
        "routing": _dict(
            "a dict of sort (cost, speed, latency, exact), allowed_providers, allow_fallbacks, sticky, "
            "quality_cost (0 to 10)",
            _is_routing,
        ),
        "session_id": _text(256),
        "tags": _dict("a dict of at most 10 texts (to 64 and 128 of letters, digits, -_.:/)", _are_tags),
        "pre_hooks": _DICTS,
        "post_hooks": _DICTS,
        "prompt_cache_key": _text(),
        "prompt_cache_retention": _text(),
        "prompt_cache_options": _dict(),
        "extra_headers": _dict("a dict of texts", lambda value: all(isinstance(text, str) for text in value.values())),
        "image_config": _dict(),
        "stream_options": _dict('a dict such as {"include_usage": True}'),
    }.items()
}


def read(given: Mapping[str, Any], others: Collection[str] = ()) -> dict[str, Any]:
    """The fields as they are sent: without those that are None, with NumPy's and similar numbers as Python's.

    `extra_body`, a dict, is merged in unchecked; it may not hold known fields. `others` are further names to suggest
    for a misspelt one. Raises InvalidInput, whose message shows no value.
    """
    fields = {name: _plain(value) for name, value in given.items() if value is not None}
    extra = fields.pop("extra_body", {})
    if not isinstance(extra, Mapping):
        raise InvalidInput("extra_body takes a dict of fields; nothing was sent.")
    if fields.pop("stream", True) is not True:
        raise InvalidInput("Every answer is streamed: leave stream out. Nothing was sent.")
    for name in fields.keys() - PARAMETERS.keys():
        raise InvalidInput(_unknown(name, others))
    if taken := OURS & extra.keys():
        raise InvalidInput(f"extra_body cannot set {', '.join(sorted(taken))}; nothing was sent.")
    fields |= {name: _plain(value) for name, value in extra.items()}
    for name in PARAMETERS.keys() & fields.keys():
        if fields[name] is not None and not PARAMETERS[name].fits(fields[name]):
            raise InvalidInput(f"{name} takes {PARAMETERS[name].takes}; nothing was sent.")
    return fields


def _unknown(name: str, others: Collection[str]) -> str:
    near = difflib.get_close_matches(str(name), [*PARAMETERS, *others], 1, cutoff=0.6)
    meant = f": did you mean {near[0]}?" if near else "."
    return f"There is no parameter {name!r}{meant} Nothing was sent; extra_body={{…}} sends fields not known here."


def _plain(value: Any) -> Any:
    """NumPy's and similar numbers as Python's, which can be written as JSON."""
    if isinstance(value, bool | int | float) or not hasattr(value, "item") or getattr(value, "shape", None) != ():
        return value
    return value.item()
