"""Where a tenant stands: every status, on every day of the ladder, under every grant; and what holds for them all."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from freehold.billing import standing
from freehold.billing.claims import ENDED, GIVES, INCOMPLETE, Known, least_seats
from freehold.billing.dunning import ORDER, least
from freehold.billing.remote import Remote, Subscription
from freehold.billing.standing import Grant, Standing
from freehold.permissions import Access
from tests.billing.parts import CATALOG, DAY, NOW, remote, subscription, unpaid_invoice

FULL, RESTRICTED, SUSPENDED = Access.FULL, Access.RESTRICTED, Access.SUSPENDED
UNKNOWN = "hibernating"
STATUSES = (*GIVES, *ENDED, INCOMPLETE, UNKNOWN)
LADDER = {0: FULL, 1: FULL, 6: FULL, 7: RESTRICTED, 20: RESTRICTED, 21: SUSPENDED, 400: SUSPENDED}
"""Access by the day after the first payment that failed."""
KNOWN = Known(plan="scale", access=RESTRICTED, status="active", subscription_id="sub_0")
GRANTS = ((), (Grant(access=FULL, until=NOW + DAY),), (Grant(access=SUSPENDED, until=NOW + DAY),))


def of(seen: Remote, known: Known | None = None, grants: tuple[Grant, ...] = ()) -> Standing:
    return standing.of(seen, catalog=CATALOG, known=known, grants=grants)


def expected(status: str, day: int) -> tuple[str, Access]:
    """Plan and access, written out by hand."""
    return {
        "trialing": ("pro", FULL),
        "active": ("pro", FULL),
        "past_due": ("pro", LADDER[day]),
        "unpaid": ("pro", least(RESTRICTED, LADDER[day])),
        "paused": ("pro", RESTRICTED),
        "canceled": ("archive", FULL),
        "incomplete_expired": ("free", FULL),
        "incomplete": ("free", FULL),
        UNKNOWN: ("scale", RESTRICTED),
    }[status]


class TestEachStatus:
    @pytest.mark.parametrize(("status", "day", "grants"), list(product(STATUSES, LADDER, GRANTS)))
    def test_gives_what_the_table_says(self, status: str, day: int, grants: tuple[Grant, ...]):
        found = of(remote(subscription(status), invoices=(unpaid_invoice(NOW - day * DAY),)), KNOWN, grants)
        assert (found.plan, found.access) == expected(status, day)
        assert found.holds is (grants[0].access if grants else found.access)
        assert found.status == status

    def test_that_nobody_knows_is_said(self):
        found = of(remote(subscription(UNKNOWN)), KNOWN)
        assert found.problems == (f"unknown subscription status {UNKNOWN} of sub_1: what held goes on",)
        assert of(remote(subscription("active")), KNOWN).problems == ()

    def test_that_nobody_knows_gives_the_fallback_to_whoever_had_nothing(self):
        found = of(remote(subscription(UNKNOWN)))
        assert (found.plan, found.access) == ("free", FULL)

    def test_none_is_the_fallback(self):
        assert (of(remote()).plan, of(remote()).status) == ("free", "none")


class TestSeveralSubscriptions:
    def test_the_late_end_of_an_old_one_harms_no_newer_one(self):
        old = subscription("canceled", id="sub_0", plan="scale", created=NOW - 90 * DAY, ended_at=NOW)
        found = of(remote(subscription("active"), old))
        assert (found.plan, found.status, found.access) == ("pro", "active", FULL)
        assert found.problems == found.notices == ()

    def test_one_that_is_not_begun_takes_nothing_away(self):
        found = of(remote(subscription("active"), subscription("incomplete", id="sub_2", plan="scale", created=NOW)))
        assert (found.plan, found.status) == ("pro", "active")

    def test_the_best_counts_and_somebody_is_told(self):
        found = of(remote(subscription("active"), subscription("active", id="sub_2", plan="scale")))
        assert found.plan == "scale"
        assert found.problems == ("the customer has 2 subscriptions at once: sub_1, sub_2",)

    def test_a_cheaper_one_that_is_paid_counts_before_a_dearer_one_that_is_restricted(self):
        dear = subscription("past_due", id="sub_2", plan="scale")
        found = of(remote(subscription("active"), dear, invoices=(unpaid_invoice(NOW - 8 * DAY, "sub_2"),)))
        assert (found.plan, found.access, found.past_due_since) == ("pro", FULL, None)


class TestAnUpgrade:
    def test_that_waits_for_its_payment_keeps_the_old_plan(self):
        pending = {"expires_at": int((NOW + DAY).timestamp()), "subscription_items": []}
        found = of(remote(subscription("active", pending_update=pending)))
        assert (found.plan, found.access) == ("pro", FULL)


class TestAPaidInvoice:
    @pytest.mark.parametrize("status", ["incomplete", "canceled", "incomplete_expired"])
    def test_alone_gives_nothing(self, status: str):
        paid = unpaid_invoice(NOW - DAY, status="paid", amount_remaining=0, amount_paid=4900)
        assert of(remote(subscription(status), invoices=(paid,))).plan in ("free", "archive")

    def test_in_the_past_does_not_begin_the_ladder(self):
        paid = unpaid_invoice(NOW - 90 * DAY, status="paid", amount_remaining=0, amount_paid=4900)
        found = of(remote(subscription("past_due"), invoices=(paid, unpaid_invoice(NOW - DAY))))
        assert found.past_due_since == NOW - DAY


class TestWhatNamesNoPlan:
    stranger = subscription("active", items={"data": []})

    def test_keeps_what_it_gave_before(self):
        known = Known(plan="scale", access=FULL, status="active", subscription_id="sub_1")
        found = of(remote(self.stranger), known)
        assert (found.plan, found.access) == ("scale", FULL)

    def test_gives_nothing_to_whoever_had_nothing_by_it(self):
        found = of(remote(self.stranger), KNOWN)
        assert found.plan == "free"
        assert found.problems == ("the subscription sub_1 names no plan that we know",)


class TestTheReminderOfATrial:
    trial = subscription("trialing", trial_start=NOW, trial_end=NOW + 14 * DAY)

    @pytest.mark.parametrize(("day", "reminders"), [(0, 0), (10.99, 0), (11, 1), (13.99, 1), (14, 0)])
    def test_is_due_three_days_before_the_end(self, day: float, reminders: int):
        found = of(remote(self.trial, now=NOW + day * DAY))
        assert [notice.mail for notice in found.notices] == ["trial_ending"] * reminders

    def test_comes_by_time_alone(self):
        assert of(remote(self.trial)).review_at == NOW + 11 * DAY

    def test_is_one_whatever_happens_to_the_trial(self):
        longer = subscription("trialing", trial_start=NOW, trial_end=NOW + 28 * DAY)
        first, second = of(remote(self.trial, now=NOW + 12 * DAY)), of(remote(longer, now=NOW + 26 * DAY))
        assert first.notices == second.notices


class TestTheLadder:
    def at(self, day: float, status: str = "past_due") -> Standing:
        since = unpaid_invoice(NOW)
        return of(remote(subscription(status), now=NOW + day * DAY, invoices=(since,)))

    @pytest.mark.parametrize(("day", "next_day"), [(0, 7), (6.9, 7), (7, 20 + 2 / 24), (20.5, 21)])
    def test_says_when_it_goes_on(self, day: float, next_day: float):
        assert self.at(day).review_at == NOW + next_day * DAY

    def test_warns_once_at_its_first_step(self):
        [first], [later] = self.at(0).notices, self.at(5).notices
        assert first == later
        assert first.mail == "payment_failed"

    def test_lets_the_change_of_access_speak_for_itself(self):
        assert self.at(8).notices == ()
        assert self.at(8).because == "payment"

    def test_ends_with_the_payment_at_once(self):
        known = Known(plan="pro", access=SUSPENDED, status="past_due", subscription_id="sub_1", past_due_since=NOW)
        found = of(remote(subscription("active"), now=NOW + 30 * DAY), known)
        assert (found.access, found.past_due_since) == (FULL, None)
        assert [notice.mail for notice in found.notices] == ["payment_recovered"]


class TestTheEnd:
    def test_is_told_of_what_was_alive(self):
        known = Known(plan="pro", access=FULL, status="active", subscription_id="sub_1")
        found = of(remote(subscription("canceled")), known)
        assert [notice.mail for notice in found.notices] == ["subscription_ended"]

    @pytest.mark.parametrize("status", ["canceled", "incomplete", "none"])
    def test_is_quiet_of_what_was_not(self, status: str):
        known = Known(plan="archive", access=FULL, status=status, subscription_id="sub_1")
        assert of(remote(subscription("canceled")), known).notices == ()


class TestAGrant:
    def test_ends_at_its_time(self):
        grants = (Grant(access=SUSPENDED, until=NOW + DAY),)
        assert of(remote(subscription()), grants=grants).review_at == NOW + DAY
        assert of(remote(subscription(), now=NOW + DAY), grants=grants).holds is FULL

    def test_gives_way_to_a_newer_one(self):
        grants = (Grant(access=SUSPENDED, until=NOW + DAY), Grant(access=FULL, until=NOW + DAY))
        assert of(remote(), grants=grants).holds is FULL


class TestSeats:
    @pytest.mark.parametrize(
        ("said", "least"), [({}, 1), ({"freehold_seats": "7"}, 7), ({"freehold_seats": "many"}, 1)]
    )
    def test_are_at_least_what_somebody_has_said(self, said: dict[str, str], least: int):
        assert least_seats(subscription(metadata=said)) == least

    def test_are_the_quantity_of_their_item(self):
        assert of(remote(subscription())).seats == 3


statuses = some.sampled_from(STATUSES) | some.text(max_size=60)
moments = some.integers(-100, 100).map(lambda hours: NOW + timedelta(hours=8 * hours))


@some.composite
def subscriptions(draw: some.DrawFn, name: str = "sub_1") -> Subscription:
    return subscription(
        draw(statuses),
        id=name,
        plan=draw(some.sampled_from(["pro", "scale"])),
        created=draw(moments),
        trial_end=draw(some.none() | moments),
        cancel_at=draw(some.none() | moments),
        cancel_at_period_end=draw(some.booleans()),
    )


class TestWhateverHappens:
    @given(
        some.lists(some.sampled_from(range(5)), unique=True, max_size=4).flatmap(
            lambda names: some.tuples(*(subscriptions(f"sub_{name}") for name in names))
        ),
        some.lists(moments, max_size=2),
        some.none() | some.builds(Known, plan=some.text(), access=some.sampled_from(ORDER), status=statuses),
    )
    def test_there_is_an_answer(self, held, unpaid, known):
        found = of(remote(*held, invoices=tuple(map(unpaid_invoice, unpaid))), known)
        assert found.plan in CATALOG.plans
        assert found.review_at is None or found.review_at > NOW

    @given(subscriptions(), moments, some.integers(0, 2000), some.integers(0, 2000))
    def test_waiting_gives_nobody_more(self, held, unpaid, hours, more):
        known = Known(plan="pro", access=FULL, subscription_id="sub_1", past_due_since=NOW - 30 * DAY)
        soon, late = (
            of(remote(held, now=NOW + timedelta(hours=waited), invoices=(unpaid_invoice(unpaid),)), known)
            for waited in (hours, hours + more)
        )
        assert ORDER.index(late.access) <= ORDER.index(soon.access)

    @given(subscriptions("sub_1"), subscriptions("sub_2"), moments)
    def test_two_give_no_less_than_the_better_of_them(self, one, other, unpaid):
        invoices = (unpaid_invoice(unpaid, "sub_1"), unpaid_invoice(unpaid, "sub_2"))
        both = of(remote(one, other, invoices=invoices))
        alive = [each for each in (one, other) if each.status in GIVES]
        for each in alive:
            alone = of(remote(each, invoices=invoices))
            assert ORDER.index(both.access) >= ORDER.index(alone.access)
        assert of(remote(other, one, invoices=invoices)) == both, "the order in which they are listed matters"
