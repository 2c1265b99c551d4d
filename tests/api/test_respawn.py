"""When workers that died are started again. Times are arguments."""

from __future__ import annotations

import signal

from frontrow.api.respawn import FIRST_WAIT, LONGEST_WAIT, STEADY_SECONDS, TRIES, Respawn

FAILED = 1


def test_the_first_death_is_mended_at_once_and_further_ones_wait_twice_as_long():
    policy = Respawn(1)
    now, waits = 100.0, []
    for _ in range(12):
        waits.append(policy.died(0, 0.1, FAILED, now))
        assert policy.due(now + waits[-1]) == [0]
    assert waits[:4] == [0, FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert waits[-1] == LONGEST_WAIT


def test_a_worker_that_lived_long_enough_is_mended_at_once_again():
    policy = Respawn(1)
    for _ in range(4):
        policy.died(0, 0.1, FAILED, 0)
    assert policy.died(0, STEADY_SECONDS, FAILED, 0) == 0


def test_nothing_is_due_before_its_time_and_then_once():
    policy = Respawn(3)
    policy.died(1, 0.1, FAILED, 0)
    policy.due(0)
    wait = policy.died(1, 0.1, FAILED, 10)
    assert policy.wait(10) == wait
    assert policy.due(10) == []
    assert policy.due(10 + wait) == [1]
    assert policy.due(10 + wait) == []
    assert policy.wait(10) is None


def test_it_is_hopeless_when_all_places_failed_their_tries_and_none_lives():
    policy = Respawn(2)
    for number in range(TRIES):
        policy.due(1e9)
        policy.died(0, 0.1, FAILED, number)
        policy.died(1, 0.1, FAILED, number)
        assert policy.hopeless == (number == TRIES - 1)
    policy.due(1e9)  # they are being tried once more
    assert not policy.hopeless


def test_one_that_lives_keeps_the_server_up():
    policy = Respawn(2)
    for number in range(5 * TRIES):
        policy.due(1e9)
        policy.died(0, 0.1, FAILED, number)
    assert not policy.hopeless


def test_kills_from_outside_are_no_failed_starts_and_lengthen_no_wait():
    policy = Respawn(1)
    for number in range(5 * TRIES):
        policy.due(1e9)
        assert policy.died(0, 0.1, -signal.SIGKILL, number) == (FIRST_WAIT if number else 0)
    assert not policy.hopeless


def test_a_worker_that_was_told_to_end_is_not_replaced_in_the_same_moment():
    assert Respawn(1).died(0, 100, 0, 0) == FIRST_WAIT
