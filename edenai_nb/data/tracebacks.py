"""Exceptions as a model needs them: what was raised, where, and the lines of the user's own code."""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from .described import Described

AROUND = 3  # lines of code before and behind the one that failed
MOST_FRAMES = 20
MOST_INNER = 5  # errors of a group
_LIBRARY = re.compile(r".*[\\/](?:site-packages|dist-packages|lib[\\/]python[\d.]+)[\\/]")
_RUNNERS = ("IPython", "ipykernel")  # what runs a cell is no part of what went wrong in it
_CELL = re.compile(r".*[\\/]ipykernel_\d+[\\/]\d+\.py|<ipython-input-(?P<number>\d+)-.*")


def describe(error: BaseException, name: str) -> Described:
    """The traceback with shortened paths: the lines around in code of the user's, one line a call in libraries."""
    told = "\n".join(["Traceback (most recent call last):", *_frames(error), *_last(error)])
    for before in _causes(error):
        told = "\n".join([*_last(before), "which led to:", told])
    for inner in _members(error):
        told += f"\nin it:\n{describe(inner, name).text}"
    about = f"traceback of {type(error).__name__}"
    return Described(told, about, (f"{name}: {about}",), is_block=True)


def _members(error: BaseException) -> Sequence[BaseException]:
    """The first errors in a group of them (Python 3.11)."""
    members = getattr(error, "exceptions", ())
    is_group = isinstance(members, (list, tuple)) and all(isinstance(one, BaseException) for one in members)
    return members[:MOST_INNER] if is_group else ()


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    while following := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        if id(following) in seen:
            return
        seen.add(id(following))
        yield following
        error = following


def _frames(error: BaseException) -> Iterator[str]:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _runs_cells(frame.filename)]
    for place, frame in enumerate(frames):
        if len(frames) > MOST_FRAMES and MOST_FRAMES // 2 <= place < len(frames) - MOST_FRAMES // 2:
            if place == MOST_FRAMES // 2:
                yield f"  … {len(frames) - MOST_FRAMES:,} calls left out"
            continue
        yield f"  {short_path(frame.filename)}, line {frame.lineno}, in {frame.name}"
        if not _LIBRARY.match(frame.filename):
            yield from _code(frame.filename, frame.lineno or 0)


def _code(filename: str, number: int) -> Iterator[str]:
    lines = linecache.getlines(filename)
    for at in range(max(1, number - AROUND), min(len(lines), number + AROUND) + 1):
        yield f"    {'->' if at == number else '  '} {at:>4} {lines[at - 1].rstrip()}"


def _last(error: BaseException) -> list[str]:
    lines = "".join(traceback.format_exception_only(type(error), error)).splitlines()
    return [re.sub(r'^  File "(.*)", line', lambda match: f"  {short_path(match[1])}, line", line) for line in lines]


def short_path(path: str) -> str:
    """A path without what is before the package, the working directory or the home folder; a cell's is "cell"."""
    if _CELL.match(path):
        return "cell"
    if library := _LIBRARY.match(path):
        return path[library.end() :]
    for folder, instead in ((Path.cwd(), ""), (Path.home(), "~/")):
        if Path(path).is_relative_to(folder):
            return f"{instead}{Path(path).relative_to(folder)}"
    return path


def _runs_cells(path: str) -> bool:
    library = _LIBRARY.match(path)
    return library is not None and path[library.end() :].startswith(_RUNNERS)
