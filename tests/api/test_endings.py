"""When an answer has ended, by what its Deltas say."""

from __future__ import annotations

import pytest

from edenai_nb.api.endings import Ending
from edenai_nb.reply import Delta

TEXT, THOUGHT, LAST, END = (
    Delta("a"),
    Delta(reasoning="hm"),
    Delta("b", finish_reason="stop"),
    Delta(finish_reason="stop"),
)
OTHER = Delta("c", choice=1)
CALL = Delta(tool_calls=({"id": "a"},))
PICTURE = Delta(parts=({"type": "image_url"},))


@pytest.mark.parametrize(
    ("deltas", "said", "certain"),
    [
        ([], False, False),
        ([TEXT], False, False),
        ([TEXT, END], True, True),
        ([CALL, END], True, True),
        ([PICTURE, END], True, True),
        ([TEXT, END, Delta(model="m")], True, True),
        ([TEXT, LAST], True, False),  # with the last words: only if the server ends the stream there
        ([LAST, LAST], False, False),  # on all words: it says nothing
        ([LAST, TEXT], False, False),
        ([TEXT, END, TEXT], False, False),
        ([TEXT, END, OTHER], False, False),
        ([LAST, LAST, END], True, True),
        ([END], True, False),  # nothing was said yet
        ([THOUGHT, END], True, False),
        ([Delta(reasoning="hm", finish_reason="stop"), TEXT], False, False),
        ([THOUGHT, END, TEXT, END], True, True),
    ],
)
def test_only_a_reason_of_its_own_after_words_is_certain(deltas: list[Delta], said: bool, certain: bool) -> None:
    ending = Ending()
    for delta in deltas:
        ending.take(delta)
    assert (ending.said, ending.certain) == (said, certain)
