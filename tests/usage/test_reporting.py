"""What was recorded is what Stripe counts: to the unit, and once, whatever ends a reporter and however long."""

import os
import random
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from freehold.billing.gateway import StripeBusy, StripeRefused
from freehold.billing.plans_file import load
from freehold.usage import records
from freehold.usage.reporting import FOR_ONE, Reporter
from product.plans import PLANS
from tests.usage.sending import METER
from tests.usage.shop import Ended, Faults, Meters, Shop

HISTORIES = int(os.environ.get("USAGE_HISTORIES", "20"))
"""More of them: `USAGE_HISTORIES=1000 pytest tests/usage/test_reporting.py`."""
MOST_STEPS = 8


def finish(shop: Shop) -> None:
    """Stripe is there again, and reporters come to their ends."""
    for _ in range(3):
        shop.report()


class TestReport:
    def test_tells_an_hour_as_one_sum_in_that_hour(self, shop: Shop):
        shop.subscribe()
        shop.use(3, 4, hours_ago=2)
        shop.use(5, hours_ago=1)
        assert shop.report() == "nothing"
        assert shop.sums() == (12, 12, 12, 12)
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        assert dict(shop.meters.counted) == {now - timedelta(hours=2): 7, now - timedelta(hours=1): 5}

    def test_tells_what_comes_later_for_the_same_hour_as_another_part(self, shop: Shop):
        shop.subscribe()
        shop.use(3)
        shop.report()
        shop.use(4)
        shop.report()
        assert shop.states() == [("reported", 3), ("reported", 4)]
        assert shop.meters.total == 7

    def test_with_nothing_left_is_not_asked_for_again_until_something_is_used(self, shop: Shop):
        shop.subscribe()
        shop.use(1)
        assert shop.is_noted()
        shop.report()
        assert not shop.is_noted()
        shop.use(1)
        assert shop.is_noted()

    def test_is_asked_for_again_where_something_was_used_meanwhile(self, shop: Shop):
        shop.subscribe()
        shop.use(1)

        class Using(Faults):
            def step(self):
                if self.steps == 3:  # due hours were read
                    shop.use(10, hours_ago=5)
                return super().step()

        shop.report(Using())
        assert shop.is_noted()
        finish(shop)
        assert shop.sums() == (11, 11, 11, 11)

    def test_never_takes_another_batch_for_one_that_it_has_seen(self, shop: Shop):
        shop.subscribe()
        shop.use(1)
        look = shop.works.one(records.look(datetime.now(UTC)))
        shop.report()
        shop.use(1)
        shop.works.do(records.all_told(look.changes))  # of a reporter that was long away
        assert shop.is_noted()

    def test_of_more_than_stripe_takes_at_once_comes_in_parts(self, shop: Shop):
        shop.subscribe()
        shop.use(*[10**15 - 1] * 3)
        shop.report()
        assert [quantity for _, quantity in shop.states()] == [10**15 - 1] * 3
        assert len({*shop.sums()}) == 1

    def test_without_time_for_all_goes_on_later(self, shop: Shop):
        shop.subscribe()
        for hours in range(1, 4):
            shop.use(1, hours_ago=hours)
        assert shop.report(seconds_left=lambda: FOR_ONE - 1) == "more"
        assert shop.meters.total == 1
        finish(shop)
        assert shop.meters.total == 3


class TestPeriods:
    def test_what_is_late_is_billed_in_the_current_one(self, shop: Shop):
        shop.subscribe(started=timedelta(days=40), period=timedelta(hours=2))
        shop.use(7, hours_ago=30)
        shop.report()
        [(hour, quantity)] = shop.meters.counted.items()
        start = datetime.now(UTC) - timedelta(hours=2)
        assert (quantity, hour) == (7, start.replace(minute=0, second=0, microsecond=0))

    def test_what_was_under_way_when_one_ended_is_billed_in_the_next(self, shop: Shop):
        shop.subscribe(period=timedelta(days=5))
        shop.use(7, hours_ago=30)
        shop.report(Faults(at=4, error=StripeBusy("away")))  # before its effect
        shop.subscribe(period=timedelta(hours=2))
        finish(shop)
        [hour] = shop.meters.counted
        assert hour > datetime.now(UTC) - timedelta(hours=4)
        assert shop.sums() == (7, 7, 7, 7)

    @pytest.mark.parametrize("hours", [0, 25])
    def test_what_had_arrived_in_the_one_before_is_billed_once(self, shop: Shop, hours):
        shop.subscribe(period=timedelta(days=5))
        shop.use(7, hours_ago=30)
        shop.report(Faults(at=4, after=True, error=StripeBusy("its answer was lost")))
        shop.subscribe(period=timedelta(hours=2))
        shop.pass_hours(hours)
        finish(shop)
        assert shop.sums() == (7, 7, 7, 7)

    def test_nothing_is_told_by_a_copy_whose_period_is_over_until_it_is_looked_at(self, shop: Shop):
        shop.subscribe(started=timedelta(days=60), period=timedelta(days=30, hours=2))
        shop.use(7, hours_ago=3)
        assert shop.report() == "behind"
        assert shop.meters.calls == 0
        assert shop.is_noted()
        assert shop.company.execute(
            "select 1 from app.jobs where tenant_id = %(tenant_id)s and kind = 'billing.sync' and state <> 'succeeded'"
        )
        shop.subscribe(started=timedelta(days=60), period=timedelta(hours=2))
        finish(shop)
        assert shop.sums() == (7, 7, 7, 7)

    def test_a_copy_that_stays_behind_keeps_no_other_subscription_back(self, shop: Shop):
        shop.subscribe("of a customer that was deleted", started=timedelta(days=60), period=timedelta(days=30, hours=2))
        shop.subscribe(started=timedelta(days=1), period=timedelta(days=1))
        shop.use(100, hours_ago=30)
        shop.use(7, hours_ago=3)
        assert shop.report() == "behind"
        assert (shop.meters.total, shop.is_noted()) == (7, True)

    @pytest.mark.parametrize(("hours", "said"), [(2, False), (10, True)])
    def test_a_copy_that_stays_behind_for_hours_is_said_aloud(
        self, shop: Shop, hours, said, caplog: pytest.LogCaptureFixture
    ):
        shop.subscribe(started=timedelta(days=60), period=timedelta(days=30, hours=hours))
        shop.use(7, hours_ago=3)
        assert shop.report() == "behind"
        assert ("usage in doubt" in caplog.messages) == said

    def test_what_was_under_way_as_a_copy_fell_behind_waits_until_sums_show_it(self, shop: Shop):
        shop.subscribe(started=timedelta(days=60))
        shop.use(7, hours_ago=3)
        shop.report(Faults(at=4, after=True, error=StripeBusy("its answer was lost")))
        shop.subscribe(period=timedelta(days=30, hours=2))
        assert (shop.report(), shop.states()) == ("behind", [("sending", 7)])
        shop.pass_hours(2)
        assert (shop.report(), shop.states()) == ("behind", [("reported", 7)])
        assert shop.sums() == (7, 7, 7, 7)

    def test_of_one_that_is_paused_nothing_is_told_until_it_goes_on(self, shop: Shop):
        shop.subscribe(started=timedelta(days=60), period=timedelta(days=30, hours=2))
        shop.company.execute("update app.subscriptions set status = 'paused' where tenant_id = %(tenant_id)s")
        shop.use(7, hours_ago=3)
        assert shop.report() == "unbilled"
        shop.company.execute("update app.subscriptions set status = 'active' where tenant_id = %(tenant_id)s")
        shop.subscribe(period=timedelta(hours=1))
        finish(shop)
        assert shop.sums() == (7, 7, 7, 7)

    def test_what_was_used_before_the_subscription_is_free(self, shop: Shop):
        shop.use(100, hours_ago=50)
        shop.subscribe(started=timedelta(hours=20), period=timedelta(hours=20))
        shop.use(9, hours_ago=10)
        finish(shop)
        assert shop.meters.total == 9

    def test_so_it_is_within_the_hour_in_which_it_began(self, shop: Shop):
        began = datetime.now(UTC) - timedelta(hours=3)
        shop.subscribe(started=timedelta(hours=3), period=timedelta(hours=3))
        inside = began.replace(minute=0, second=0, microsecond=0)
        shop.company.execute("update app.subscriptions set started_at = %(at)s", at=inside + timedelta(minutes=30))
        for minute, quantity in ((10, 100), (29, 100), (30, 5), (50, 6)):
            hours_ago = (datetime.now(UTC) - inside - timedelta(minutes=minute)) / timedelta(hours=1)
            shop.use(quantity, hours_ago=hours_ago - 1e-6)
        finish(shop)
        assert shop.meters.total == 11
        assert not shop.is_noted()

    def test_a_tenant_without_a_price_for_it_keeps_its_sums_and_is_looked_at_no_more(self, shop: Shop):
        shop.use(5)
        assert shop.report() == "unbilled"
        assert not shop.is_noted()
        assert shop.sums() == (5, 5, 0, 0)

    def test_is_looked_at_again_once_a_subscription_has_a_price_for_it(self, shop: Shop):
        shop.use(100, hours_ago=20)
        shop.use(5, hours_ago=1)
        shop.report()
        shop.subscribe(started=timedelta(hours=9), period=timedelta(hours=9))
        assert shop.is_noted()
        assert shop.report() == "nothing"
        assert (shop.meters.total, shop.is_noted()) == (5, False)

    def test_is_looked_at_again_though_the_subscription_comes_while_it_is_looked_at(self, shop: Shop):
        shop.use(5)

        class Subscribing(Faults):
            def step(self):
                if self.steps == 1:  # it was seen to pay for nothing
                    shop.subscribe()
                return super().step()

        assert shop.report(Subscribing()) == "unbilled"
        assert shop.is_noted()

    def test_a_subscription_of_who_has_used_nothing_notes_nothing(self, shop: Shop):
        shop.subscribe()
        assert not shop.is_noted()

    def test_a_price_that_our_catalog_does_not_know_is_looked_at_later(self, shop: Shop):
        shop.subscribe()
        shop.company.execute(
            "update app.subscriptions set items = replace(items::text, 'api_calls', 'calls')::jsonb"
            " where tenant_id = %(tenant_id)s"
        )
        shop.use(5)
        assert shop.report() == "unbilled"
        [(later,)] = shop.company.execute(
            "select due_at > now() + interval '59 minutes' from app.usage_unreported where tenant_id = %(tenant_id)s"
        )
        assert later
        assert shop.sums() == (5, 5, 0, 0)


class TestEndOfASubscription:
    def test_what_was_used_before_it_is_told_while_its_last_invoice_is_a_draft(self, shop: Shop):
        shop.subscribe()
        shop.end(ago=timedelta(minutes=40))
        shop.use(7, hours_ago=3)
        assert shop.report() == "nothing"
        assert shop.sums() == (7, 7, 7, 7)

    def test_counts_what_was_used_in_its_last_hour_and_nothing_after_it(self, shop: Shop):
        shop.subscribe()
        shop.end(ago=timedelta(minutes=30))
        shop.use(7, hours_ago=31 / 60)
        shop.use(100, hours_ago=29 / 60)
        shop.report()
        ended = datetime.now(UTC) - timedelta(minutes=30)
        [(counted_at, quantity)] = shop.meters.moments
        assert quantity == 7
        assert counted_at < ended

    def test_that_has_gone_out_takes_nothing_more(self, shop: Shop):
        shop.subscribe()
        shop.end(ago=timedelta(minutes=70))
        shop.use(7, hours_ago=3)
        assert shop.report() == "unbilled"
        assert shop.meters.total == 0

    def test_at_once_takes_nothing_more_as_its_last_invoice_is_final(self, shop: Shop):
        shop.subscribe()
        shop.use(7, hours_ago=3)
        shop.end(ago=timedelta(minutes=10), at_once=True)
        assert shop.report() == "unbilled"
        assert shop.sums() == (7, 7, 0, 0)

    @pytest.mark.parametrize("after", [False, True], ids=["lost", "arrived"])
    def test_at_once_while_a_report_is_under_way_tells_nothing_and_asks_for_sums_once_they_show_it(
        self, shop: Shop, after
    ):
        shop.subscribe()
        shop.use(7, hours_ago=3)
        shop.report(Faults(at=4, after=after, error=StripeBusy("away")))
        shop.end(ago=timedelta(), at_once=True)
        assert shop.report() == "behind"
        shop.pass_hours(2)
        assert shop.report() == "unbilled"
        assert shop.sums() == (7, 7, 7 * after, 7 * after)
        assert shop.meters.calls == 1

    def test_is_followed_by_another_that_pays_for_its_own(self, shop: Shop):
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
        shop.subscribe()
        for minute, quantity in ((10, 100), (30, 20), (50, 3)):
            shop.use_at(hour + timedelta(minutes=minute), quantity)
            if minute == 10:
                shop.report()
        shop.company.execute("update app.subscriptions set started_at = %(at)s", at=hour + timedelta(minutes=40))
        shop.report()
        shop.use_at(hour + timedelta(minutes=55), 4)
        finish(shop)
        assert shop.meters.total == 107


class TestEnded:
    """At each step, before it and after it, in each way; then time passes, and another reporter comes."""

    @pytest.mark.parametrize("hours", [0, 22, 25])
    @pytest.mark.parametrize("error", [Ended(), StripeBusy("away")], ids=["process", "stripe"])
    @pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
    def test_anywhere_counts_each_unit_once(self, shop: Shop, after, error, hours):
        shop.subscribe()
        for at in range(MOST_STEPS):
            shop.use(1 + at, hours_ago=1 + at % 3)
            shop.report(Faults(at=at, after=after, error=error))
            shop.pass_hours(hours)
        finish(shop)
        assert shop.sums() == (36, 36, 36, 36)
        assert {state for state, _ in shop.states()} <= {"reported", "void"}

    def test_the_control_sending_again_under_another_identifier_counts_twice(self, shop: Shop):
        shop.subscribe()
        shop.use(5)
        shop.report(Faults(at=4, after=True, error=StripeBusy("its answer was lost")))
        shop.company.execute("update app.usage_reports set state = 'void', finished_at = now()")
        shop.company.execute("update app.usage_hours set claimed = 0 where tenant_id = %(tenant_id)s")
        finish(shop)
        assert shop.meters.total == 10

    def test_the_control_sending_again_a_day_later_without_asking_counts_twice(self, shop: Shop):
        shop.subscribe()
        shop.use(5)
        shop.report(Faults(at=4, after=True, error=StripeBusy("its answer was lost")))
        shop.meters.known.clear()  # and nobody has noticed how late it is
        finish(shop)
        assert shop.meters.total == 10


class TestDoubt:
    def test_where_stripe_counts_what_nobody_told_it_is_never_guessed(self, shop: Shop):
        shop.subscribe()
        shop.use(5)
        shop.report(Faults(at=4, error=StripeBusy("away")))
        shop.pass_hours(25)
        [hour] = [datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)]
        shop.meters.counted[hour] = 3
        finish(shop)
        assert shop.states() == [("doubtful", 5)]
        assert shop.meters.total == 3

    def test_of_one_keeps_no_other_hour_back(self, shop: Shop):
        self.test_where_stripe_counts_what_nobody_told_it_is_never_guessed(shop)
        shop.use(8, hours_ago=4)
        finish(shop)
        assert shop.states() == [("doubtful", 5), ("reported", 8)]


class TestRefused:
    NO_METER = StripeRefused("no_meter", "event_name", "No active meter found.")

    def test_is_told_anew_once_that_is_mended(self, shop: Shop):
        shop.subscribe()
        shop.use(5)
        shop.use(6, hours_ago=4)
        shop.meters.refusal = self.NO_METER
        assert shop.report() == "refused"
        assert (shop.states(), shop.meters.calls, shop.is_noted()) == ([("refused", 6)], 1, True)
        shop.meters.refusal = None
        finish(shop)
        assert shop.sums() == (11, 11, 11, 11)

    def test_of_one_meter_keeps_no_other_back(self, shop: Shop):
        shop.subscribe()
        shop.company.execute(
            "update app.subscriptions set items = items || replace(items::text, 'api_calls', 'exports')::jsonb"
        )
        shop.company.execute(
            "insert into app.usage_hours (meter, hour, quantity) values"
            " ('api_calls', now() - interval '3 hours', 5), ('exports', now() - interval '2 hours', 6)"
        )
        shop.company.execute("insert into app.usage_unreported default values")

        class OfOne(Meters):
            def report_usage(self, *, event_name: str, **told):
                if event_name == PLANS.meters[METER].event_name:
                    raise TestRefused.NO_METER

        text = (files("product") / "plans.toml").read_text()
        text += '[meters.exports]\nname = "Exports"\nunit = "export"\naggregation = "sum"\n'
        for included in ("100_000", "1_200_000"):
            line = f"included = {included} }}"
            text = text.replace(line, f'{line}\nusage.exports = {{ amount_decimal = "1" }}')
        reporter = Reporter(meters=OfOne(), catalog=load(text), works=shop.works)
        assert reporter.run() == "refused"
        assert shop.states() == [("refused", 5), ("reported", 6)]

    def test_of_one_whose_end_nobody_knows_says_nothing_of_its_first_attempt(self, shop: Shop):
        shop.subscribe()
        shop.use(5)
        shop.report(Faults(at=4, after=True, error=StripeBusy("its answer was lost")))
        shop.meters.refusal = self.NO_METER
        assert shop.report() is None
        assert shop.states() == [("sending", 5)]
        shop.pass_hours(2)  # and Stripe's sums have it
        shop.report()
        assert shop.states() == [("reported", 5)]
        assert shop.meters.total == 5


class TestHistories:
    @pytest.mark.parametrize("seed", range(HISTORIES))
    def test_end_with_what_was_recorded(self, shop: Shop, seed: int):
        dice = random.Random(seed)  # noqa: S311 (a history, not a secret)
        shop.subscribe(started=timedelta(days=34))
        for _ in range(12):
            match dice.randrange(6):
                case 0 | 1:
                    hours_ago = dice.choice([0.1, 1, 3, 30, 200])
                    shop.use(*[dice.randrange(50) for _ in range(3)], hours_ago=hours_ago)
                case 2:
                    shop.pass_hours(dice.choice([1, 12, 22, 25, 60]))
                case 3:
                    shop.subscribe(started=timedelta(days=34), period=timedelta(hours=dice.randrange(1, 300)))
                case _:
                    error = dice.choice([Ended(), StripeBusy("away")])
                    shop.report(Faults(at=dice.randrange(MOST_STEPS * 2), after=dice.random() < 0.5, error=error))
        finish(shop)
        assert len(set(shop.sums())) == 1, (shop.sums(), shop.states())
