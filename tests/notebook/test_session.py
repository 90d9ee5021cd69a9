"""What a session remembers, and what it lets go."""

from __future__ import annotations

import gc
import weakref

from edenai_nb import Sandbox, Turn, settings
from edenai_nb.notebook.session import Session


def test_a_turn_of_a_cell_without_an_id_is_kept_while_it_runs_only() -> None:
    session = Session({})
    with Sandbox(tokens_per_s=None) as sandbox:
        settings.configure(base_url=sandbox.base_url, api_key=sandbox.key)
        try:
            ended = [_ended(session) for _ in range(5)]
            turn = session.send("Hello", cell=None, chat=None)
            turn._thread.join(20)
            gc.collect()
            assert [one() for one in ended] == [None] * 5
        finally:
            settings.configure(base_url=None, api_key=None)


def _ended(session: Session) -> weakref.ref[Turn]:
    turn = session.send("Hello", cell=None, chat=None)
    turn.wait(20)
    turn._thread.join(20)
    return weakref.ref(turn)
