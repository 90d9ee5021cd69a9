"""The account's pace: so many requests in any second, and no waiting below that."""

import itertools

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


def rows(ours, clock, seconds, limit, per_s=10.0, told=False):
    """When rows pass a server that allows so many in any second, and how many it refuses."""
    passed, refused, end = [], 0, clock[0] + seconds
    while clock[0] < end:
        if wait := ours.reserve_row(per_s, told=told):
            clock[0] += wait
        elif len(passed) >= limit and passed[-limit] > clock[0] - 1:
            refused += 1
            ours.refused()
        else:
            passed.append(clock[0])
    return passed, refused


def test_rows_start_evenly_and_all_pass_nearly_at_the_limit(clock):
    passed, refused = rows(rate_limit.RateLimiter(), clock, 40, limit=10, told=True)
    assert refused == 0
    assert len(passed) >= 0.97 * 400
    assert max(later - earlier for earlier, later in itertools.pairwise(passed)) < 0.11


def test_a_limit_that_is_not_told_is_found_out_with_hardly_a_refusal(clock):
    passed, refused = rows(rate_limit.RateLimiter(), clock, 400, limit=10)
    assert len(passed) >= 0.96 * 4000
    assert refused <= 0.01 * 4000


def test_a_limit_three_times_as_high_is_used_within_a_minute(clock):
    passed, _ = rows(rate_limit.RateLimiter(), clock, 60, limit=30)
    assert sum(at > passed[0] + 50 for at in passed) >= 0.75 * 30 * 10


def test_a_limit_that_is_lower_than_said_is_kept_to_and_used(clock):
    passed, refused = rows(rate_limit.RateLimiter(), clock, 200, limit=5)
    assert len(passed) >= 0.9 * 1000
    assert refused <= 0.08 * 1000


def test_a_limit_that_the_user_told_is_never_exceeded(clock):
    passed, _ = rows(rate_limit.RateLimiter(), clock, 200, limit=1000, told=True)
    assert len(passed) <= 2000


def test_time_in_which_nobody_asks_does_not_raise_the_pace(clock):
    ours = rate_limit.RateLimiter()
    for _ in range(100):
        assert ours.reserve_row(10) == 0
        clock[0] += 60
    passed, _ = rows(ours, clock, 5, limit=1000)
    assert len(passed) <= 55


def test_what_is_typed_starts_at_once_and_the_rows_make_room_for_it(clock):
    ours = rate_limit.RateLimiter()
    rows(ours, clock, 10, limit=10)
    assert ours.reserve(10) < 0.2
    passed, _ = rows(ours, clock, 5, limit=1000)
    assert len(passed) <= 49


def test_no_row_starts_while_typed_prompts_wait(clock):
    ours = rate_limit.RateLimiter()
    waits = [ours.reserve(10) for _ in range(15)]
    assert ours.reserve_row(10) > waits[-1]


def test_no_row_starts_for_as_long_as_the_server_says(clock):
    ours = rate_limit.RateLimiter()
    ours.refused(3.0)
    assert ours.reserve_row(10) == pytest.approx(3.0)
    assert ours.reserve(10) == 0  # a person may try
