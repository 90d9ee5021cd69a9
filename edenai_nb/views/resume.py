"""The conversation with which the window of a cell goes on: this kernel's, or the one in the notebook's file."""

from __future__ import annotations

import json
import os
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..chat import journal
from ..chat.conversation import Chat
from ..chat.turn import Turn
from . import audience
from .cells import Places

_places = Places()
_chats: dict[Hashable, Chat] = {}  # of the cells that have opened a window, by cell and place


def chat_of_this_cell() -> Chat:
    """The conversation of the window that this cell has opened before, so that it goes on; else a new one."""
    place = _places.next()
    if place is None or audience.nobody_clicks():
        return Chat()
    if place not in _chats:
        _chats[place] = Chat()
        _chats[place].resume(_saved(*place))
    return _chats[place]


def _saved(cell_id: str, number: int) -> list[Turn]:
    """The turns that the notebook's file holds of the window at this place of this cell; [] where it cannot be found.

    Jupyter Server tells a kernel the path of the notebook that it was started for. A notebook that has been renamed
    since is not found.
    """
    with suppress(OSError, ValueError, TypeError, LookupError, AttributeError):
        notebook = json.loads(Path(os.environ["JPY_SESSION_NAME"]).read_bytes())
        return journal.from_records(_windows(notebook, cell_id)[number])
    return []


def _windows(notebook: dict[str, Any], cell_id: str) -> list[Any]:
    """The records of each window in the saved outputs of this cell."""
    outputs = [output for cell in notebook["cells"] if cell.get("id") == cell_id for output in cell["outputs"]]
    ours = [output.get("metadata", {}).get("edenai_nb", {}) for output in outputs]
    return [facts["chat"] for facts in ours if "chat" in facts]
