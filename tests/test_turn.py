"""A Turn as others see it grow."""

from __future__ import annotations

import queue
import threading

from edenai_nb import Chat
from edenai_nb.sandbox import Gate, Opening, Sandbox, Script


def test_who_watches_a_turn_is_told_when_its_reply_has_grown() -> None:
    go, grown = threading.Event(), queue.Queue[str]()
    with Sandbox(tokens_per_s=0) as sandbox:
        sandbox.enqueue(Script.raw(Opening(), "one", Gate(go), " two", *Script.text("").steps[1:]))
        turn = Chat(base_url=sandbox.base_url, api_key=sandbox.key).send("hello")
        turn.on_news(lambda told: grown.put(str(told.reply)))
        go.set()
        turn.wait(10)
    assert "one two" in [grown.get(timeout=5) for _ in range(grown.qsize())]
