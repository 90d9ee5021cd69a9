"""How the values of options are read. argparse shows the user what an ArgumentTypeError says."""

from __future__ import annotations

import argparse
import difflib
import json
import typing
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput

FORMS = ("markdown", "text", "code", "json")  # see views/shown
RESERVED = frozenset({"api_key", "key", "base_url", "messages", "model", "stream"})  # not to be set with -p


def model(text: str) -> str:
    """One model."""
    if "," in text:
        raise argparse.ArgumentTypeError("one question goes to one model; --candidates lets @edenai choose")
    return text


def param(text: str) -> tuple[str, Any]:
    """`name=value`, its value as JSON or as a bare word."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier() or name in RESERVED:
        raise argparse.ArgumentTypeError(f"{name!r} cannot be set like this; write -p name=value")
    try:
        return name, json.loads(value)
    except ValueError:
        if value.startswith(("[", "{", '"')):
            raise argparse.ArgumentTypeError(
                f'the value of {name} is no JSON; quote the whole, as in -p \'{name}=["a", "b"]\''
            ) from None
        return name, value  # a bare word, such as -p reasoning_effort=low


def form(text: str) -> str:
    """How an answer is shown."""
    if text not in FORMS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(FORMS)}")
    return text


def schema(text: str, namespace: Mapping[str, Any]) -> Any:
    """The type or the dict that an expression such as `list[Label]` names. Raises InvalidInput."""
    takes = 'a type, such as Label, list[Label] or \'Literal["yes", "no"]\''
    known = {**vars(typing), **namespace}  # who writes Literal["a", "b"] need not import it
    return _evaluated(text, known, namespace, "--schema", takes, missing="; define it in a cell first.")


def rows(text: str, namespace: Mapping[str, Any]) -> Any:
    """The value of the expression behind `--over`. Raises InvalidInput."""
    return _evaluated(text, namespace, namespace, "--over", "rows, such as df, df['text'] or a list", missing=".")


def _evaluated(
    text: str, known: Mapping[str, Any], own: Mapping[str, Any], option: str, takes: str, *, missing: str
) -> Any:
    """The value of an option's expression. Raises InvalidInput, which offers one of the user's `own` names."""
    try:
        return eval(text, dict(known))
    except NameError as error:
        near = difflib.get_close_matches(str(error.name), own, 1)
        hint = f": did you mean {near[0]}?" if near else missing
        raise InvalidInput(f"There is no {error.name} for {option}{hint} Nothing was sent.") from None
    except Exception as error:  # a SyntaxError, or whatever the user's own code raises
        raise InvalidInput(f"{option} takes {takes} ({type(error).__name__}). Nothing was sent.") from None


def tag(text: str) -> tuple[str, str]:
    """`name=text`."""
    name, equals, value = text.partition("=")
    if not (equals and name and value):
        raise argparse.ArgumentTypeError(f"{name!r} is no tag; write --tag name=text")
    return name, value
