"""The account's pace: so many requests in any second, and no waiting below that."""

import pytest

from edenai_nb.api import rate_limit


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(rate_limit.time, "monotonic", lambda: now[0])
    return now


def test_ten_start_at_once_and_the_eleventh_a_good_second_after_the_first(clock):
    ours = rate_limit.RateLimiter(10)
    assert [ours.reserve() for _ in range(10)] == [0] * 10
    clock[0] += 0.4
    assert [round(ours.reserve(), 6) for _ in range(11)] == [0.7] * 10 + [1.8]


def test_a_good_second_later_all_places_are_free_again(clock):
    ours = rate_limit.RateLimiter(10)
    for _ in range(10):
        ours.reserve()
    clock[0] += 1 + rate_limit.JITTER_S
    assert ours.reserve() == 0


def test_less_than_one_a_second_is_a_pace_too(clock):
    slow = rate_limit.RateLimiter(0.5)
    assert [round(slow.reserve(), 6) for _ in range(3)] == [0, 2.1, 4.2]


def test_an_account_is_an_address_with_a_key():
    assert rate_limit.limiter_for("a", "k", 10.0) is rate_limit.limiter_for("a", "k", 10.0)
    assert rate_limit.limiter_for("a", "k", 10.0) is not rate_limit.limiter_for("a", "other", 10.0)
