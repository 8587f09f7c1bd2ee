"""A share of 100,000 tenants is the share that was asked for, keeps everybody when widened, and is the flag's own."""

import random
from uuid import UUID

import pytest

from freehold.flags.rollout import BUCKETS, Shares, bucket, leaving

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
    [end, _] = shares(on=share).ends
    return [number < end for number in buckets]


def shares(**percentages: float) -> Shares:
    """Of a flag with these variants; what is left is off."""
    left = round(100 - sum(percentages.values()), 3)
    return Shares.of(percentages | {"off": left}, percentages, "off")


def lost(before: Shares, after: Shares) -> float:
    """How many of a hundred have no longer the variant that they had."""
    return leaving(before, after, "off") * 100 / BUCKETS


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
        dealt_out = shares(**{name: share, "a": rest, "p": round(100 - share - rest, 3)})
        now = {tenant for tenant in some if dealt_out.variant("new-editor", tenant) == name}
        assert before <= now
        assert len(now) > len(before)
        before = now
    assert len(before) == len(some)


def test_the_control_narrowing_removes_some(tenants):
    wide, narrow = shares(on=50), shares(on=40)
    wider = {tenant for tenant in tenants[:2000] if wide.variant("new-editor", tenant) == "on"}
    narrower = {tenant for tenant in tenants[:2000] if narrow.variant("new-editor", tenant) == "on"}
    assert narrower < wider
    assert (lost(wide, narrow), lost(narrow, wide)) == (10, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"blue": 10, "green": 10}, {"blue": 25, "green": 25}, id="both-alike"),
        pytest.param({"blue": 10, "green": 10}, {"blue": 80, "green": 10}, id="one-of-two"),
        pytest.param({"blue": 10, "green": 10}, {"blue": 20, "green": 80}, id="two-to-the-brim"),
        pytest.param({"blue": 50, "green": 0}, {"blue": 50, "green": 50}, id="a-second-one-later"),
        pytest.param({"a": 10, "b": 10, "c": 10}, {"a": 10, "b": 30, "c": 10}, id="one-of-three-at-home"),
        pytest.param({"a": 10, "b": 10, "c": 10}, {"a": 30, "b": 15, "c": 33}, id="three-at-home"),
        pytest.param({"a": 20, "b": 10, "c": 0}, {"a": 60, "b": 30, "c": 0}, id="in-proportion"),
        pytest.param({"a": 1, "b": 30, "c": 2, "d": 7}, {"a": 2, "b": 60, "c": 4, "d": 14}, id="four-in-proportion"),
        pytest.param({"a": 10, "b": 0, "c": 10}, {"a": 10, "b": 0, "c": 20}, id="one-has-none"),
    ],
)
def test_variants_that_grow_out_of_off_keep_everybody(before, after):
    assert lost(shares(**before), shares(**after)) == 0
    assert lost(shares(**after), shares(**before)) > 0, "the control"


def test_holders_of_each_variant_keep_it_one_by_one(tenants):
    few, more = shares(blue=10, green=10), shares(blue=25, green=25)
    for name in ("blue", "green"):
        held = [each for each in tenants[:5000] if few.variant("new-editor", each) == name]
        assert len(held) > 400
        assert {more.variant("new-editor", each) for each in held} == {name}


def test_growing_one_variant_against_another_moves_no_more_than_it_has_to():
    assert lost(shares(old=50, new=50), shares(old=40, new=60)) == 10
    assert lost(shares(old=40, new=40), shares(old=30, new=50)) == 10
    assert lost(shares(a=60, b=10, c=10), shares(a=60, b=30, c=10)) > 0, "more than a third, so its rest makes room"


def test_random_shares_are_exact_and_grow_as_promised():
    dice = random.Random(9)  # noqa: S311 (shares, not secrets)
    for _ in range(500):
        widths = [dice.choice([0, dice.random(), dice.random() ** 3]) for _ in range(dice.randint(1, 6))]
        whole = sum(widths) or 1
        asked = {f"v{place}": int(49_000 * width / whole) / 1000 for place, width in enumerate(widths)}
        dealt_out, doubled = shares(**asked), shares(**{name: round(share * 2, 3) for name, share in asked.items()})
        assert of_each(dealt_out) == {name: round(share * 1000) for name, share in asked.items() if share}
        assert lost(dealt_out, doubled) == 0
        if len(asked) <= 2:
            left = (100 - sum(asked.values())) * dice.random()
            grown = {name: round(share + left / 3, 3) for name, share in asked.items()}
            assert lost(dealt_out, shares(**grown)) == 0


def of_each(dealt_out: Shares) -> dict[str, int]:
    """How many buckets every variant but off has."""
    found: dict[str, int] = {}
    for variant, begin, end in zip(dealt_out.variants, (0, *dealt_out.ends), dealt_out.ends, strict=False):
        found[variant] = found.get(variant, 0) + end - begin
    assert sum(found.values()) == BUCKETS
    return {name: count for name, count in found.items() if name != "off"}


def test_the_order_in_which_shares_are_written_changes_nothing():
    assert shares(a=20, b=30, c=50) == shares(c=50, b=30, a=20)


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
