"""A window goes on with the conversation that the notebook's file holds of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from edenai_nb import Chat, EdenError
from edenai_nb.sandbox import Sandbox, Script
from edenai_nb.views import export

from ..kernel import Kernel

SAID = "window = eden.ChatWidget(); [message['content'] for message in window.value]"


def write_notebook(path: Path, *chats: Chat) -> None:
    """A notebook whose cell `talk` holds windows with these conversations."""
    outputs = [
        {"metadata": {"edenai_nb": {"chat": [export.turn_forms(turn)["record"] for turn in chat.turns]}}}
        for chat in chats
    ]
    path.write_text(json.dumps({"cells": [{"id": "text"}, {"id": "talk", "outputs": outputs}]}))


def test_a_new_kernel_goes_on_with_what_the_file_holds(
    notebook: Kernel, sandbox: Sandbox, chat: Callable[..., Chat], tmp_path: Path
) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,SECRETPIXELS"}}
    first, second = chat(), chat()
    sandbox.enqueue("It is <b>four</b>.", Script.error(400, {"error": {"message": "no"}}), "A cat.")
    first.ask("2+2?")
    with suppress(EdenError):
        first.ask("What fails?")
    first.ask([{"type": "text", "text": "And this?"}, picture])
    sandbox.enqueue("Second.")
    second.ask("other window")
    write_notebook(tmp_path / "a.ipynb", first, second)
    assert "SECRETPIXELS" not in (tmp_path / "a.ipynb").read_text()  # attached files would make the notebook large

    notebook.run(f"import os; os.environ['JPY_SESSION_NAME'] = {str(tmp_path / 'a.ipynb')!r}")
    nowhere = notebook.run(SAID, cell_id="elsewhere")
    assert nowhere.value == "[]", nowhere.traceback
    said = ["2+2?", "It is <b>four</b>.", "And this?\n\n(attached: image)", "A cat."]
    assert notebook.run(SAID, cell_id="talk").value == str(said)
    both = "[eden.ChatWidget().value[0]['content'] for _ in range(2)]"
    assert notebook.run(both, cell_id="talk").value == "['2+2?', 'other window']"
    sandbox.enqueue("Eight.")
    notebook.run("window.chat.ask('And twice that?')")
    assert [message["content"] for message in sandbox.requests[-1].json["messages"]] == [*said, "And twice that?"]
