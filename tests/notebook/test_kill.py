"""A kernel that is killed in mid-answer loses nothing that was on the screen."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from edenai_nb import Chat, Sandbox
from edenai_nb.render.page import Patch
from edenai_nb.sandbox import Script

from ..kernel import Kernel

SETUP = """%load_ext edenai_nb
import os, edenai_nb as eden
eden.configure(base_url={base_url!r}, api_key="sandbox", journal={path!r})
os.getpid()"""


def shown(kernel: Kernel) -> int:
    """The last number that the live view has been sent."""
    page: tuple[str, ...] = ()
    for message in kernel.comms:
        content = message.data.get("content", {})
        if content.get("kind") == "frame":
            page = Patch(*content["patch"]).apply(page)
    return max(map(int, re.findall(r"(\d+) ", " ".join(page))), default=0)


def test_the_journal_of_a_killed_kernel_holds_all_that_was_shown(kernel: Kernel, tmp_path: Path) -> None:
    # Given a kernel that counts, and writes a journal
    path = str(tmp_path / "journal.jsonl")
    with Sandbox() as sandbox:
        sandbox.enqueue(Script.text(" ".join(map(str, range(10_000))), tokens_per_s=50))
        pid = kernel.run(SETUP.format(base_url=sandbox.base_url, path=path)).value
        kernel.run("%%edenchat count\nCount!")
        kernel.wait(lambda: shown(kernel) > 20)
        # When it is killed
        os.kill(int(pid or 0), signal.SIGKILL)
        last = shown(kernel)
        # Then what was shown is in the journal
        (turn,) = Chat.load(path).turns
    assert last <= int(turn.reply.split()[-2]) < 10_000
    assert turn.reply.startswith("0 1 2 3 ")
    assert turn.state == "failed"
    assert "kernel ended" in str(turn.reply.error)
