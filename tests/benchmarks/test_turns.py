"""Turns are fair: the sides are paired by round, in random order, and noise that meets both cancels out."""

import random

from benchmarks.harness.turns import median_of, one_by_one, take_turns


def test_a_machine_that_slows_down_slows_both_sides():
    speed = iter(range(1, 10_000))
    ratio = take_turns(
        {"twice": lambda: 2.0 * (1000 + next(speed)), "once": lambda: 1.0 * (1000 + next(speed))}, rounds=50
    ).ratio("twice", over="once")
    assert 1.95 < ratio.middle < 2.05
    assert ratio.rounds == 50


def test_each_round_has_every_side_once_and_in_changing_order():
    seen = []
    take_turns({name: lambda name=name: seen.append(name) or 1.0 for name in "ab"}, rounds=20)
    rounds = [tuple(seen[i : i + 2]) for i in range(0, len(seen), 2)]
    assert len(rounds) == 21
    assert set(rounds) == {("a", "b"), ("b", "a")}


def test_the_first_round_does_not_count():
    taken = iter([100.0, *[1.0] * 5])
    assert take_turns({"a": lambda: next(taken)}, rounds=5).blocks == {"a": [1.0] * 5}


def test_the_ranks_enclose_the_median_as_often_as_they_say():
    dice = random.Random(7)  # noqa: S311 (a sample, not a secret)
    inside = 0
    for _ in range(500):
        found = median_of(dice.lognormvariate(0, 1) for _ in range(41))
        inside += found.low <= 1.0 <= found.high
    assert inside / 500 > 0.93


def test_one_slow_execution_does_not_make_a_slow_block():
    times = iter([0, 1, 1, 2, 2, 99, 99, 100, 100, 101])
    assert one_by_one(lambda: None, times=5, clock=lambda: float(next(times)))() == 1.0
