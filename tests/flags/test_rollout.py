"""A share of 100,000 tenants is the share that was asked for, keeps everybody when widened, and is the flag's own."""

import random
from uuid import UUID

import pytest

from freehold.flags.rollout import BUCKETS, Shares, bucket

TENANTS = 100_000
WITHIN = 0.01
SHARES = [0.1, 1, 5, 10, 33.333, 50, 90, 99.9]


@pytest.fixture(scope="module")
def tenants() -> list[str]:
    dice = random.Random(8)  # noqa: S311 (tenants, not secrets)
    return [str(UUID(int=dice.getrandbits(128), version=4)) for _ in range(TENANTS)]


@pytest.fixture(scope="module")
def buckets(tenants) -> list[int]:
    return [bucket("new-editor", tenant) for tenant in tenants]


@pytest.fixture(scope="module")
def of_another_flag(tenants) -> list[int]:
    return [bucket("new-reports", tenant) for tenant in tenants]


def dealt(share: float, buckets: list[int]) -> list[bool]:
    """Whether each bucket is among the first of a split, as `Shares` deals it."""
    [end, _] = Shares.of({"on": share, "out": 100 - share}).ends
    return [number < end for number in buckets]


def correlation(ones: list[bool], others: list[bool]) -> float:
    """Of two flags over the same tenants, from -1 to 1."""
    count, one, other = len(ones), sum(ones), sum(others)
    both = sum(a and b for a, b in zip(ones, others, strict=True))
    return (count * both - one * other) / (one * (count - one) * other * (count - other)) ** 0.5


@pytest.mark.parametrize("share", SHARES)
def test_the_share_is_the_one_that_was_asked_for(buckets, share):
    served = sum(dealt(share, buckets)) / TENANTS
    assert abs(served - share / 100) <= WITHIN * 0.5


def test_the_control_the_bound_tells_shares_apart(buckets):
    assert abs(sum(dealt(10, buckets)) / TENANTS - 0.11) > WITHIN * 0.5


def test_every_part_of_the_range_is_met_alike(buckets):
    tenths = [0] * 100
    for number in buckets:
        tenths[number * 100 // BUCKETS] += 1
    expected = TENANTS / 100
    chi_square = sum((found - expected) ** 2 / expected for found in tenths)
    assert chi_square < 160  # of 99 degrees of freedom: one even rollout in ten thousand is beyond


@pytest.mark.parametrize("name", ["on", "middle", "z"])
def test_widening_removes_nobody_wherever_the_variant_lies(tenants, name):
    some = tenants[:5_000]
    before: set[str] = set()
    for share in (1, 5, 10, 30, 60, 100):
        rest = round((100 - share) / 2, 3)
        shares = Shares.of({name: share, "a": rest, "p": 100 - share - rest})
        now = {tenant for tenant in some if shares.variant("new-editor", tenant) == name}
        assert before <= now
        assert len(now) > len(before)
        before = now
    assert len(before) == len(some)


def test_the_control_narrowing_removes_some(tenants):
    wide, narrow = Shares.of({"on": 50, "off": 50}), Shares.of({"on": 40, "off": 60})
    wider = {tenant for tenant in tenants[:2000] if wide.variant("new-editor", tenant) == "on"}
    narrower = {tenant for tenant in tenants[:2000] if narrow.variant("new-editor", tenant) == "on"}
    assert narrower < wider


def test_the_order_in_which_shares_are_written_changes_nothing(tenants):
    one, other = Shares.of({"a": 20, "b": 30, "c": 50}), Shares.of({"c": 50, "b": 30, "a": 20})
    assert [one.variant("k", each) for each in tenants[:500]] == [other.variant("k", each) for each in tenants[:500]]


@pytest.mark.parametrize("share", [10, 50])
def test_two_flags_know_nothing_of_one_another(buckets, of_another_flag, share):
    ones, others = dealt(share, buckets), dealt(share, of_another_flag)
    bound = 4 / TENANTS**0.5  # four standard deviations of independent ones
    assert abs(correlation(ones, others)) < bound
    shared = dealt(share + 1, buckets)  # the control: another flag that is salted alike
    assert correlation(ones, shared) > 0.9 > bound


def test_a_flags_name_and_a_unit_are_not_read_together():
    assert bucket("a", "bc") != bucket("ab", "c")


def test_a_bucket_is_the_same_for_ever():
    assert [bucket("new-editor", str(UUID(int=number))) for number in (7, 8)] == [95_179, 61_403]
