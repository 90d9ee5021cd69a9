"""The account's pace: so many requests in any second, and no waiting below that."""

import pytest

from edenai_nb.api import rate_limit


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(rate_limit.time, "monotonic", lambda: now[0])
    return now


def test_ten_start_at_once_and_the_eleventh_a_good_second_after_the_first(clock):
    ours = rate_limit.RateLimiter()
    assert [ours.reserve(10) for _ in range(10)] == [0] * 10
    clock[0] += 0.4
    assert [round(ours.reserve(10), 6) for _ in range(11)] == [0.7] * 10 + [1.8]


def test_a_good_second_later_all_places_are_free_again(clock):
    ours = rate_limit.RateLimiter()
    for _ in range(10):
        ours.reserve(10)
    clock[0] += 1 + rate_limit.JITTER_S
    assert ours.reserve(10) == 0


def test_less_than_one_a_second_is_a_pace_too(clock):
    slow = rate_limit.RateLimiter()
    assert [round(slow.reserve(0.5), 6) for _ in range(3)] == [0, 2.1, 4.2]


def test_who_allows_less_waits_longer_and_holds_nobody_else_up(clock):
    ours = rate_limit.RateLimiter()
    assert [ours.reserve(10) for _ in range(5)] == [0] * 5
    assert ours.reserve(2) > 0
    assert ours.reserve(10) == 0
