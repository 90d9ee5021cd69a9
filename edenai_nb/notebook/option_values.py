"""How the values of options are read. argparse shows the user what an ArgumentTypeError says."""

from __future__ import annotations

import argparse
import json
from typing import Any

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


def tag(text: str) -> tuple[str, str]:
    """`name=text`."""
    name, equals, value = text.partition("=")
    if not (equals and name and value):
        raise argparse.ArgumentTypeError(f"{name!r} is no tag; write --tag name=text")
    return name, value
