"""The words after %%edenchat."""

from __future__ import annotations

import argparse
import json
import keyword
import re
import shlex
from typing import Any, NoReturn

from .. import settings
from ..errors import InvalidInput
from ..settings import NAMES

RESERVED = frozenset({"key", "base_url", "messages", "model", "stream"})  # not to be set with -p
_WORD = re.compile(r"""\s*((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+)""")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidInput(f"%%edenchat: {message}. %%edenchat? shows how it is used.")


def _parser() -> _Parser:
    parser = _Parser(prog="%%edenchat", add_help=False, allow_abbrev=False)
    parser.add_argument("name", nargs="?")
    parser.add_argument("-o", "--out")
    parser.add_argument("-m", "--model")
    parser.add_argument("-s", "--system")
    parser.add_argument("-c", "--chat", default="main")
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("-t", "--temperature", type=float)
    parser.add_argument("--max-tokens", type=int)
    parser.add_argument("-p", "--param", action="append", default=[], type=_param)
    parser.add_argument("--max-cost", type=float)
    parser.add_argument("--allow-secrets", action="store_true")
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("-q", "--quiet", action="store_true")
    parser.add_argument("--raw", action="store_true")
    return parser


def _param(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier() or name in RESERVED:
        raise argparse.ArgumentTypeError(f"{name!r} cannot be set like this; write -p name=value")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value  # a bare word, such as -p reasoning_effort=low


_PARSER = _parser()
_TAKES_VALUE = {
    string: action.nargs != 0 for action in _PARSER._actions for string in action.option_strings
}  # -m takes one, --once none


def parse(line: str) -> argparse.Namespace:
    """The options of a cell, with POSIX quoting; `out` is the target's name or None. Raises InvalidInput."""
    try:
        words = shlex.split(line)
    except ValueError as problem:
        raise InvalidInput(f"%%edenchat: {problem}: put values with spaces or quotes in quotes.") from None
    options = _PARSER.parse_args(words)
    if options.out and options.name:
        raise InvalidInput(f"Two names for one answer: {options.name} and {options.out}. Give one of them.")
    options.out = options.out or options.name
    if options.out is not None:
        _check_name(options.out)
    return options


def split_line(line: str) -> tuple[str, str]:
    """A one-line prompt into the options at its start and the text, which is taken exactly as typed."""
    position, value_next = 0, False
    while match := _WORD.match(line, position):
        word = match[1]
        if word == "--":
            return line[:position], line[match.end() :].strip()
        if not value_next and not _is_option(word):
            break
        value_next = not value_next and "=" not in word and _TAKES_VALUE.get(word, False)
        position = match.end()
    return line[:position], line[position:].strip()


def request(options: argparse.Namespace) -> dict[str, Any]:
    """What the options say about the request: settings and fields, without those not given."""
    given = {
        "system": options.system,
        "model": options.model,
        "temperature": options.temperature,
        "max_tokens": options.max_tokens,
        "max_cost": options.max_cost,
        "allow_secrets": options.allow_secrets or None,
    }
    return {name: value for name, value in {**given, **dict(options.param)}.items() if value is not None}


def setting(text: str) -> tuple[str, Any]:
    """`name=value` of `%edenchat config`. An empty value forgets the setting. Raises InvalidInput."""
    name, equals, value = text.partition("=")
    if not equals or name not in NAMES:
        raise InvalidInput(f"%edenchat config takes name=value, where name is one of {', '.join(sorted(NAMES))}.")
    if name == "key":
        raise InvalidInput("A key typed here would be saved in the notebook: run %edenchat login instead.")
    return name, settings.parse(name, value)


def _is_option(word: str) -> bool:
    return word.partition("=")[0] in _TAKES_VALUE


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise InvalidInput(f"{name!r} cannot be the name of a variable; nothing was sent.")
