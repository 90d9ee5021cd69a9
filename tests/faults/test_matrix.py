"""Every cell of the fault matrix, and a recording that is cut at every byte."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from edenai_nb import Sandbox
from edenai_nb.api import stream
from edenai_nb.sandbox.script import Close, HangUp, Reset, Script, Stall, Step

from . import matrix


def chunk(finish_reason: str | None = None, **delta: str) -> bytes:
    choices = [{"delta": delta, **({"finish_reason": finish_reason} if finish_reason else {})}]
    return b"data: " + json.dumps({"choices": choices}, separators=(",", ":")).encode() + b"\n\n"


FIRST = chunk(role="assistant", content="")
TEXT = chunk(content="As: ") + b": ping\r\n\n" + chunk(content="\n```py\né = ") + chunk(content="1\n")
LAST = chunk("stop")
RECORDING = FIRST + TEXT + LAST + b"data: [DONE]\n\n"
MANNERS: dict[str, tuple[Step, ...]] = {
    "end of body": (Close(),),
    "hang-up": (HangUp(),),
    "reset": (Reset(),),
    "silence": (Stall(),),
}
WORKERS = 24
PATIENCE_S = (
    matrix.SILENT_S,
    20 * matrix.SILENT_S,
)  # where all workers share a busy machine, half a second may be no silence


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "AFTER_FINISH_S", matrix.SILENT_S)


@pytest.mark.parametrize(("stage", "fault"), matrix.CELLS)
def test_a_fault_ends_a_turn_as_the_table_says(stage: str, fault: str) -> None:
    assert matrix.run(stage, fault) == matrix.expected(stage, fault)


def whole(cut: int, manner: str) -> list[dict[str, Any]]:
    """The events that are whole: where the body ends, their JSON is enough; else they have their blank line, too."""
    *events, last = RECORDING[:cut].replace(b"\r\n", b"\n").split(b"\n\n")
    if manner == "end of body" and last.rstrip()[-3:] == b"}]}":
        events.append(last)
    return [json.loads(event[6:]) for event in events if event.startswith(b"data: {")]


def kept(cut: int, manner: str) -> str:
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in whole(cut, manner))


def stage(cut: int, manner: str) -> str:
    if any("finish_reason" in chunk["choices"][0] for chunk in whole(cut, manner)):
        return "after finish"
    return "mid-text" if kept(cut, manner) else "before the first token"


def _ending(cut: int, manner: str) -> str:
    return matrix.expected(stage(cut, manner), manner).ended


@pytest.mark.parametrize("manner", MANNERS)
def test_a_recording_cut_at_any_byte_ends_as_the_table_says(manner: str) -> None:
    def wrong(cuts: range) -> list[tuple[int, str, str]]:
        found = []
        with Sandbox(tokens_per_s=None) as sandbox:
            for cut in cuts:
                for silent_s in PATIENCE_S if manner == "silence" else PATIENCE_S[:1]:
                    sandbox.enqueue(Script.raw(RECORDING[:cut], *MANNERS[manner]))
                    outcome = matrix.watch(matrix.asked(sandbox.port, manner, silent_s), sandbox.port)
                    assert outcome.closed
                    if is_right := (outcome.ended, outcome.kept) == (_ending(cut, manner), kept(cut, manner)):
                        break
                if not is_right:
                    found.append((cut, outcome.ended, outcome.kept))
        return found

    with ThreadPoolExecutor(WORKERS) as pool:
        slices = [range(start, len(RECORDING) + 1, WORKERS) for start in range(WORKERS)]
        assert [miss for misses in pool.map(wrong, slices) for miss in misses] == []
