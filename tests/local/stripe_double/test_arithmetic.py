"""Money to the unit: every figure here was worked out by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from local.stripe_double import discounting, periods, pricing, prorations
from local.stripe_double.prorations import Debit
from local.stripe_double.rounding import decimal_text, rounded, shared
from tests.local.stripe_double.shop import DAY, START

TIERS = [
    {"up_to": 1000, "unit_amount_decimal": "0", "flat_amount_decimal": None},
    {"up_to": 5000, "unit_amount_decimal": "0.5", "flat_amount_decimal": "200"},
    {"up_to": None, "unit_amount_decimal": "0.25", "flat_amount_decimal": None},
]


def price(**more):
    blank = {"billing_scheme": "per_unit", "unit_amount_decimal": None, "tiers_mode": None, "_tiers": None}
    return blank | {"transform_quantity": None} | more


class TestRounding:
    @pytest.mark.parametrize(
        ("exact", "whole"),
        [(Fraction(1, 2), 1), (Fraction(-1, 2), -1), (Fraction(149, 100), 1), (Fraction(-7, 4), -2), (Fraction(0), 0)],
    )
    def test_a_half_goes_up_in_size(self, exact, whole):
        assert rounded(exact) == whole

    def test_shares_add_up_and_the_largest_remainder_gets_what_is_left(self):
        assert shared(100, [1, 1, 1]) == [34, 33, 33]
        assert shared(10, [900, 50, 50]) == [9, 1, 0]

    def test_nothing_is_shared_among_nobody(self):
        assert shared(100, [0, 0]) == [0, 0]

    def test_decimals_have_no_exponent(self):
        assert [decimal_text(Decimal(each)) for each in ("1E+3", "0.10", "0", "100")] == ["1000", "0.1", "0", "100"]


class TestPrices:
    def test_part_of_a_cent_a_unit(self):
        assert pricing.cost(price(unit_amount_decimal="0.1"), Decimal(12345)) == 1235  # 1234.5

    def test_packages_are_filled_up(self):
        packs = price(unit_amount_decimal="250", transform_quantity={"divide_by": 1000, "round": "up"})
        assert pricing.cost(packs, Decimal(2001)) == 750

    @pytest.mark.parametrize(
        ("quantity", "cost"),
        [(0, 0), (1000, 0), (1001, 201), (5000, 2200), (5004, 2201), (9000, 3200)],
        # 1001: one at half a cent is 0.5, so 1, and 200 flat; 5004: 2000 + 200 + 1
    )
    def test_graduated_tiers_are_paid_one_after_the_other(self, quantity, cost):
        tiered = price(billing_scheme="tiered", tiers_mode="graduated", _tiers=TIERS)
        assert pricing.cost(tiered, Decimal(quantity)) == cost

    def test_volume_tiers_price_all_units_alike(self):
        tiered = price(billing_scheme="tiered", tiers_mode="volume", _tiers=TIERS)
        assert pricing.cost(tiered, Decimal(9000)) == 2250


class TestPeriods:
    def test_the_last_of_january_bills_on_the_last_of_february_and_again_on_the_31st(self):
        anchor = START + 30 * DAY
        assert periods.end_of(anchor, "month", 1, anchor) == START + 58 * DAY  # 28 February
        assert periods.end_of(anchor, "month", 1, START + 58 * DAY) == START + 89 * DAY  # 31 March

    def test_a_leap_day_bills_on_the_28th(self):
        leap = START + (365 * 2 + 59) * DAY  # 29 February 2028
        assert periods.step(leap, "year", 1, 1) == leap + 365 * DAY
        assert periods.step(leap, "year", 1, 4) == leap + (4 * 365 + 1) * DAY

    def test_a_moment_within_belongs_to_the_period_that_runs(self):
        assert periods.end_of(START, "month", 1, START + 5) == START + 31 * DAY

    def test_an_anchor_ahead_ends_the_first_period(self):
        assert periods.end_of(START + 9 * DAY, "month", 1, START) == START + 9 * DAY


class TestProrations:
    def test_to_the_second(self):
        end = START + 31 * DAY
        assert prorations.remaining(4900, start=START, end=end, at=START + 10 * DAY) == 3319  # 4900 x 21/31 = 3319.35
        assert prorations.remaining(4900, start=START, end=end, at=START + 10 * DAY + 300) == 3319  # 3318.81
        assert prorations.remaining(4900, start=START, end=end, at=START + 10 * DAY + 600) == 3318  # 3318.26

    def test_each_debit_is_given_back_by_itself(self):
        debits = [Debit(amount=3000, start=0, end=30), Debit(amount=1000, start=10, end=30)]
        assert [amount for amount, _ in prorations.credited(debits, 20)] == [-1000, -500]

    def test_what_was_given_back_is_not_given_back_again(self):
        debits = [Debit(amount=3000, start=0, end=30), Debit(amount=1000, start=10, end=30)]
        left = prorations.spent(debits, 20)
        assert [each.amount for each in left] == [2000, 500]
        assert prorations.credited(left, 20) == []


class TestDiscounts:
    def test_a_percentage_is_taken_of_the_whole_and_shared_by_line(self):
        off = discounting.taken([{"percent_off": 15.0, "amount_off": None}], [(999, "a"), (501, "b")])
        assert off == [[150, 75]]  # 15 % of 1500 is 225: 149.85 and 75.15

    def test_an_amount_never_takes_more_than_there_is(self):
        assert discounting.taken([{"percent_off": None, "amount_off": 5000}], [(700, "a"), (300, "b")]) == [[700, 300]]

    def test_a_later_coupon_sees_what_is_left(self):
        coupons = [{"percent_off": 50.0, "amount_off": None}, {"percent_off": None, "amount_off": 100}]
        assert discounting.taken(coupons, [(1000, "a")]) == [[500], [100]]

    def test_a_coupon_for_some_products_leaves_the_others_alone(self):
        coupon = {"percent_off": 10.0, "amount_off": None, "_applies_to": {"products": ["b"]}}
        assert discounting.taken([coupon], [(1000, "a"), (2000, "b")]) == [[0, 200]]
