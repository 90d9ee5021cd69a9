"""What a one-line question was meant to be, where its words look like a command or an option."""

from __future__ import annotations

import difflib
import re

from .. import settings
from ..errors import InvalidInput
from . import commands, options
from .options import Line

_OPTION = re.compile(r"[-–—]{1,3}[^\W\d]")  # also as editors that mend punctuation write it
_AROUND = " /:?!.,;\\'\"`()[]<>-–—"
_VALUE = re.compile(r"[-=/.\d]")  # what values hold and plain words do not
_ELSEWHERE = {
    "ask",
    "batch",
    "compare",
    "edit",
    "export",
    "fork",
    "load",
    "map",
    "redo",
    "retry",
    "save",
    "send",
}
_ALIKE = 0.74  # of two letters swapped in a word of four
_ALIKE_SHORT = 0.66  # of one letter changed in a word of three


def check(line: Line) -> None:
    """Refuse a line that was hardly meant as a question; `--` before it sends it. Raises InvalidInput."""
    if line.literal or not line.text:
        return
    _check_dashes(line.text)
    _check_command(line.text)


def check_cell(line: str, cell: str) -> None:
    """Refuse a command that was typed as a cell (`%%edenchat chats` with nothing below). Raises InvalidInput."""
    word = line.split(maxsplit=1)[:1]
    if not cell.strip() and word and commands.find(word[0]):
        raise _refusal("The prompt is empty", [f"%edenchat {line.strip()}"])


def _check_dashes(text: str) -> None:
    first, *others = text.split()
    if _OPTION.match(first):
        word = "-" * min(2, len(first) - len(first.lstrip("-–—"))) + first.lstrip("-–—")
        near = options.nearest(word) if not options.find(word) else [word]
        command = commands.find(first.strip(_AROUND).lower())
        raise _refusal(f"{first} is no option", [f"%edenchat {command.name}"] if command else near)
    for word in others:
        if word.startswith("-") and (options.find(word) or (word.startswith("--") and options.nearest(word))):
            raise InvalidInput(
                f"{word} stands after the text, where it would be sent as text: put options first. Nothing was sent; "
                "to send it as it is, write `%edenchat --` before the text, or use %%edenchat."
            )


def _check_command(text: str) -> None:
    words = text.split()
    if len(words) == 1 and words[0].strip(_AROUND).lower() in _ELSEWHERE:
        raise _refusal(f"There is no command {words[0]!r}", [])
    names = [word.partition("=")[0] for word in words if "=" in word]
    if len(words) <= 2 and (near := _commands_like(words, is_question=text.endswith("?"))):
        raise _refusal("That looks like a command", [f"%edenchat {name}" for name in near])
    if names and (near := difflib.get_close_matches(names[0], settings.NAMES, 1, cutoff=0.8)):
        raise _refusal("That looks like a setting", [f"%edenchat config {near[0]}=…"])


def _commands_like(words: list[str], *, is_question: bool) -> list[str]:
    """The commands that these words may have meant: by name, by a near name, or by a word that people try instead."""
    bare = [word.strip(_AROUND).lower() for word in words]
    named = {name: command.name for name, command in commands.NAMES.items()}
    meant = {word: command.name for command in commands.COMMANDS for word in command.meant}
    known = dict.fromkeys(settings.NAMES, "config") | meant | named
    # "price elasticity" is a question, "price gpt-5" and "show history" are none.
    is_bare = len(words) == 1 or all(word in known or _VALUE.search(word) for word in words)
    for word in ("".join(bare), *bare):
        if word in (known if is_bare else named):
            return [known[word]]
    alike = 0.85 if is_question else _ALIKE_SHORT if len(words) == 1 and len(bare[0]) == 3 else _ALIKE
    near = difflib.get_close_matches(bare[0], known if is_bare else named, 3, cutoff=alike)
    return list(dict.fromkeys(known[word] for word in near))


def _refusal(why: str, near: list[str]) -> InvalidInput:
    told = f" Did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""
    return InvalidInput(f"{why}; nothing was sent.{told} To ask it, use %%edenchat; %edenchat help lists everything.")
