"""The database's part: what a bucket gives at exact moments, and by which rule it is filled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.companies import Company
from tests.rates.conftest import Agree

BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
DRAW = (
    "select granted, remaining, full_in, wait"
    " from app.draw('test', %(asked)s, %(most)s, %(period)s, %(at)s::timestamptz)"
)
DRAIN = (
    "select coalesce(sum(granted), 0) from generate_series(1, 300) lease,"
    " lateral app.draw('test', 1000 + 0 * lease, %(most)s, %(period)s, %(at)s::timestamptz)"
)


def draw(company: Company, asked: int, after: float = 0.0, *, most: int = 60, period: int = 60) -> tuple[Any, ...]:
    at = BEGIN + timedelta(seconds=after)
    return company.execute(DRAW, asked=asked, most=most, period=period, at=at)[0]


def drain(company: Company, after: float = 0.0, *, most: int = 60, period: int = 60) -> int:
    """How many it gives, one lease after the other, until nothing is left."""
    at = BEGIN + timedelta(seconds=after)
    [[given]] = company.execute(DRAIN, most=most, period=period, at=at)
    return int(given)


class TestBucket:
    def test_a_full_one_gives_what_it_gains_in_its_period_and_no_more(self, acme: Company):
        assert drain(acme) == 60

    def test_the_next_is_there_to_the_moment(self, acme: Company):
        drain(acme)
        assert draw(acme, 1, 0.999)[0] is None
        assert draw(acme, 1, 0.999)[3] == pytest.approx(0.001)
        assert draw(acme, 1, 1.0)[0] == 1
        assert draw(acme, 1, 1.0)[0] is None

    def test_it_fills_with_time_and_never_beyond_its_brim(self, acme: Company):
        drain(acme)
        assert (drain(acme, 30.0), drain(acme, 1_000.0)) == (30, 60)

    def test_a_clock_that_goes_back_gives_nothing_twice(self, acme: Company):
        drain(acme, 30.0)
        assert (drain(acme, 0.0), drain(acme, 30.0)) == (0, 0)

    def test_a_lease_is_a_twentieth_of_what_is_there_and_one_at_least(self, acme: Company):
        assert draw(acme, 1_000)[:2] == (3, 57)
        assert draw(acme, 1)[:2] == (1, 56)
        while draw(acme, 1_000)[1] > 10:
            pass
        assert draw(acme, 1_000)[0] == 1

    def test_of_a_fast_one_a_lease_is_what_it_gains_in_a_twentieth_of_a_second(self, acme: Company):
        fast = {"most": 6_000, "period": 60}
        draw(acme, 1, **fast)
        acme.execute("update app.allowances set tokens = 0 where tenant_id = %(tenant_id)s")
        assert draw(acme, 1_000, 1.0, **fast)[:2] == (5, 95)

    def test_of_more_than_a_minute_it_holds_what_it_gains_in_one_or_ten(self, acme: Company, globex: Company):
        assert drain(acme, most=6_000, period=3_600) == 100
        assert drain(globex, most=60, period=3_600) == 10

    def test_it_says_when_it_is_full_again(self, acme: Company):
        assert draw(acme, 1)[2] == pytest.approx(1)
        drain(acme)
        assert draw(acme, 1)[2] == pytest.approx(60)

    def test_another_rate_counts_from_the_next_lease_on(self, acme: Company):
        drain(acme)
        assert drain(acme, 1.0, most=600, period=60) == 10


class TestRule:
    @staticmethod
    def rate(company: Company, rate_class: str = "read") -> tuple[Any, ...]:
        sql = "select most, period, share, rule from app.rate_of(%(rate_class)s)"
        return company.execute(sql, rate_class=rate_class)[0]

    def test_what_is_unlimited_has_no_rate(self, acme: Company):
        assert self.rate(acme)[0] is None
        assert self.rate(acme, "no_such_class")[0] is None

    def test_the_plan_says_it(self, acme: Company, agree: Agree):
        override = agree(acme, plan="scale")
        assert self.rate(acme) == (600, 60, 0.5, f"override:{override}/rate:read")

    def test_an_override_stands_in_its_place(self, acme: Company, agree: Agree):
        agree(acme, plan="scale")
        override = agree(acme, read=(7, 1))
        assert self.rate(acme) == (7, 1, 0.5, f"override:{override}/rate:read")

    def test_what_is_over_counts_no_more(self, acme: Company, agree: Agree):
        agree(acme, read=(7, 1))
        acme.execute("update app.overrides set until = now() - interval '1 second' where tenant_id = %(tenant_id)s")
        assert self.rate(acme)[0] is None

    def test_whoever_subscribed_early_keeps_what_there_was(self, acme: Company, agree: Agree):
        override = agree(acme, plan="pro")
        assert self.rate(acme) == (60, 60, 0.5, f"override:{override}/rate:read"), "they never have"
        acme.execute(
            "insert into app.subscriptions (id, stripe_id, status, currency, items, started_at)"
            " values (gen_random_uuid(), 'sub_early', 'active', 'usd', '[]', now())"
        )
        acme.execute(
            "insert into app.billing_accounts (plan, status, access, subscription_id)"
            " values ('pro', 'active', 'full', 'sub_early')"
        )
        assert self.rate(acme) == (120, 60, 0.5, "grandfathered:early/rate:read")
