"""The options of a question, as they are read from a line."""

from __future__ import annotations

import argparse
import builtins
import difflib
import json
import keyword
import re
import shlex
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, NoReturn

from ..errors import InvalidInput
from ..parameters import PARAMETERS
from ..settings import NAMES
from .option_table import KEPT, OPTIONS, SPELLINGS, Option

IPYTHON_NAMES = frozenset({"In", "Out", "get_ipython", "exit", "quit", "_", "__", "___"})
_WORD = re.compile(r"""\s*((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+)""")
_OF_ROWS = ("rate", "max_concurrency", "rows_per_call")
Fill = Callable[[str, bool], str]

_JSON_PARAM = re.compile(r"(?:--param=)?\w+=([\[{].*)")


class Line(NamedTuple):
    """A line after %edenchat: its options, its text, and whether `--` says that the text is meant as it is."""

    options: str
    text: str
    literal: bool = False


class _Single(argparse.Action):
    """Keeps a value that is given once: of two, the last would win without a word."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        if self.dest in namespace.given:
            parser.error(f"{'/'.join(self.option_strings)} was given twice; one question takes one")
        namespace.given.add(self.dest)
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidInput(f"%%edenchat: {message}. Nothing was sent; %%edenchat? shows how it is used.")


def _parser() -> _Parser:
    parser = _Parser(prog="%%edenchat", add_help=False, allow_abbrev=False)
    parser.add_argument("target", nargs="?")
    for option in OPTIONS:
        if not option.value:
            parser.add_argument(*option.spellings, action="store_true")
        elif option.many:
            parser.add_argument(*option.spellings, action="append", default=[], type=option.read)
        else:
            parser.add_argument(*option.spellings, action=_Single, type=option.read)
    parser.set_defaults(chat="main")
    return parser


_PARSER = _parser()


def parse(line: str, fill: Fill = lambda word, _: word) -> argparse.Namespace:
    """The options of a cell, with POSIX quoting; `out` is the target's name or None. Raises InvalidInput.

    `fill(word, is_json)` fills in the expressions of a word; what it gives is never read as options again.
    """
    options, extra = _PARSER.parse_known_args(_words(line, fill), argparse.Namespace(given=set()))
    if extra:
        _PARSER.error(_unknown(extra[0]))
    if options.out and options.target:
        raise InvalidInput(f"Two names for one answer: {options.target} and {options.out}. Give one of them.")
    options.out = options.out or options.target
    if options.out is not None:
        _check_name(options.out)
    if not options.over and (odd := next((name for name in _OF_ROWS if getattr(options, name) is not None), None)):
        raise InvalidInput(f"--{odd.replace('_', '-')} goes with --over ROWS only. Nothing was sent.")
    return options


def split_line(line: str) -> Line:
    """A one-line prompt into the options at its start and the text, which is taken exactly as typed."""
    position, value_next = 0, False
    while match := _WORD.match(line, position):
        word = match[1]
        if word == "--":
            return Line(line[:position], line[match.end() :].strip(), literal=True)
        is_file = line[:position].endswith("--keep") and word.endswith(".jsonl")
        if not (value_next or is_file or find(word)):
            break
        value_next = not value_next and _takes_value(word)
        position = match.end()
    return Line(line[:position], line[position:].strip())


def find(word: str) -> Option | None:
    """The option that this word spells, also with a value behind `=` or with underscores."""
    return SPELLINGS.get(_normal(word).partition("=")[0])


def nearest(word: str) -> list[str]:
    """The spellings most like this unknown one."""
    word = _normal(word).partition("=")[0]
    shown = [spelling for spelling, option in SPELLINGS.items() if option.help and spelling.startswith("--")]
    begun = [spelling for spelling in shown if spelling.startswith(word) and len(word) > 3]
    return begun or difflib.get_close_matches(word, shown, 2, cutoff=0.7)


def request(options: argparse.Namespace) -> dict[str, Any]:
    """What the options say about the request: settings and fields, without those not given."""
    given = {option.field: getattr(options, option.name) for option in OPTIONS if option.field}
    given["model"] = options.model[0] if len(options.model) == 1 else None  # several: a comparison, which names each
    given["tags"] = dict(given["tags"]) or None
    known = {name: value for name, value in options.param if name in PARAMETERS or name in NAMES}
    given |= known | {"extra_body": {name: value for name, value in options.param if name not in known} or None}
    return {name: value for name, value in given.items() if value is not None and value is not False and value != []}


def _words(line: str, fill: Fill) -> list[str]:
    try:
        shlex.split(line)
    except ValueError as problem:
        raise InvalidInput(f"%%edenchat: {problem}: put values with spaces or quotes in quotes.") from None
    words = _WORD.findall(line)
    read: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        word = _word(word, before)
        if word == "--keep":
            word = f"--keep={KEPT}"
        elif before == "--keep" and word.endswith(".jsonl"):
            read[-1] = f"--keep={word}"
            continue
        filled = fill(word, _is_param(word, before))
        if filled.startswith("-") and filled != word and _takes_value(before):
            # argparse would take a value such as "- be brief" for an option.
            read[-1] = f"{SPELLINGS[read[-1]].spellings[-1]}={filled}"
        else:
            read.append(filled)
    return read


def _word(word: str, before: str) -> str:
    """A word without its quotes, but for those in the JSON of -p (-p stop=["END"]) and in the expression of --over."""
    if not _takes_value(before):
        word = _normal(word)
    match = _JSON_PARAM.fullmatch(word)
    if before == "--over" and word[0] not in "'\"":
        return word  # df["a name"]
    return word if _is_param(word, before) and match and _is_json(match[1]) else shlex.split(word)[0]


def _takes_value(word: str) -> bool:
    # A value that may be left out begins with "[": it takes no word that could be something else.
    return "=" not in word and getattr(find(word), "value", "")[:1] not in ("", "[")


def _is_param(word: str, before: str) -> bool:
    return find(before if _takes_value(before) else word) is SPELLINGS["-p"]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _normal(word: str) -> str:
    """The word with dashes for underscores in the name of an option: --max_tokens=5."""
    if not word.startswith("--"):
        return word
    name, equals, value = word.partition("=")
    return f"{name.replace('_', '-')}{equals}{value}"


def _unknown(word: str) -> str:
    if not word.startswith("-"):
        return f"{word!r} is one name too many: the prompt begins on the next line; on one line, ask with %edenchat"
    if _normal(word).startswith("--executor"):
        return "--executor is no option: eden.map takes executor=, in Python"
    return f"{word.partition('=')[0]} is no option{did_you_mean(nearest(word))}"


def did_you_mean(names: Iterable[str]) -> str:
    """`: did you mean --model?`; "" where nothing is near."""
    told = " or ".join(names)
    return f": did you mean {told}?" if told else ""


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise InvalidInput(f"{name!r} cannot be the name of a variable; nothing was sent.")
    if hasattr(builtins, name) or name in IPYTHON_NAMES:
        raise InvalidInput(f"{name!r} is a name of Python's own: take another, such as {name}_. Nothing was sent.")
