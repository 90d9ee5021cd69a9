"""One format of money, everywhere."""

from __future__ import annotations

import pytest

from edenai_nb.money import dollars


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        *((0, "$0"), (1e-6, "<$0.0001"), (0.00019, "$0.0002"), (0.0009, "$0.0009"), (0.025, "$0.025"), (0.02, "$0.02")),
        *((0.1, "$0.10"), (1.2, "$1.20"), (1234.5, "$1,234.50")),
    ],
)
def test_an_amount_has_the_digits_that_say_something(amount: float, words: str) -> None:
    assert dollars(amount) == words
