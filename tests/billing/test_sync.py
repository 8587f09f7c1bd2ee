"""Looks at Stripe: what is written, what is announced, who wins where two overlap, and what a failure leaves."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from freehold import clock
from freehold.billing.drift import differences
from freehold.billing.gateway import StripeBusy
from freehold.billing.remote import Customer, Remote
from freehold.billing.remote_invoices import Charge
from freehold.billing.sync import Gateway
from freehold.errors import PaymentsNotSetUp
from tests.billing.desk import Desk, Kept
from tests.billing.parts import DAY, NOW, items_of, remote, subscription, unpaid_invoice


@pytest.fixture
def stripe() -> Kept:
    return Kept({"cus_1": remote(subscription(), now=NOW)})


@pytest.fixture
def desk(make_desk: Callable[[Gateway], Desk], stripe: Kept) -> Desk:
    return make_desk(stripe)


def names(desk: Desk, tenant) -> list[str]:
    return [name.removeprefix("billing.") for name, _ in desk.events(tenant)]


class TestALook:
    def test_makes_our_copy_what_stripe_holds(self, desk: Desk, stripe: Kept):
        stripe.held["cus_1"] = remote(subscription(), invoices=(unpaid_invoice(NOW, status="draft"),))
        tenant = desk.tenant("cus_1")
        assert desk.run() == ["succeeded", "succeeded"], "the second is for who joined before seats followed"
        copy = desk.copy(tenant)
        assert copy.account is not None
        assert (copy.account.plan, copy.account.status, copy.account.interval) == ("pro", "active", "month")
        assert [each.stripe_id for each in copy.subscriptions] == ["sub_1"]
        assert [each.amount_remaining for each in copy.invoices] == [4900]
        assert names(desk, tenant) == ["subscription_changed"]

    def test_of_what_has_not_changed_writes_nothing_and_says_nothing(self, desk: Desk):
        tenant = desk.tenant("cus_1")
        desk.run()
        before = desk.written(tenant), desk.events(tenant), desk.audited(tenant)
        desk.want(tenant)
        assert desk.run() == ["succeeded"]
        assert (desk.written(tenant), desk.events(tenant), desk.audited(tenant)) == before

    def test_control_a_change_is_written_and_said(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        before = desk.written(tenant), desk.events(tenant), desk.audited(tenant)
        stripe.held["cus_1"] = remote(subscription(plan="scale"))
        desk.want(tenant)
        desk.run()
        after = desk.written(tenant), desk.events(tenant), desk.audited(tenant)
        assert all(one != other for one, other in zip(before, after, strict=True))

    def test_ends_what_stripe_lists_no_more(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        old = stripe.held["cus_1"]
        stripe.held["cus_1"] = remote(subscription(id="sub_2"))
        assert [each.field for each in differences(desk.copy(tenant), desk.look(tenant).mirror)][-2:] == [
            "subscription sub_2",
            "subscription sub_1 status",
        ]
        desk.want(tenant)
        desk.run()
        assert {each.stripe_id: (each.status, each.ended_at is None) for each in desk.copy(tenant).subscriptions} == {
            "sub_1": ("canceled", False),
            "sub_2": ("active", True),
        }
        before = desk.written(tenant)
        desk.want(tenant)
        desk.run()
        assert desk.written(tenant) == before
        assert differences(desk.copy(tenant), desk.look(tenant).mirror) == []
        stripe.held["cus_1"] = old
        desk.want(tenant)
        desk.run()
        assert {each.stripe_id: each.status for each in desk.copy(tenant).subscriptions}["sub_1"] == "active"

    def test_is_one_however_many_ask_for_it(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        stripe.fetched = 0
        for _ in range(20):
            desk.want(tenant)
        desk.run()
        assert stripe.fetched == 1

    def test_is_followed_by_another_where_somebody_asks_meanwhile(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        desk.want(tenant)
        [handed] = desk.hand()

        def something_happens() -> None:
            stripe.before_answering = lambda: None
            stripe.held["cus_1"] = remote(subscription("canceled", ended_at=NOW))
            desk.elsewhere.want(tenant)

        stripe.before_answering = something_happens
        assert desk.perform(handed) == "succeeded"
        assert desk.copy(tenant).account.status == "active"
        desk.run()
        assert desk.copy(tenant).account.status == "canceled"

    def test_that_began_earlier_and_ends_later_changes_nothing(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        desk.want(tenant)
        [handed] = desk.hand()
        other = desk.elsewhere

        def another_looks() -> None:
            stripe.before_answering = lambda: None
            stripe.held["cus_1"] = remote(subscription("canceled", ended_at=NOW))
            other.works(tenant).do(*other.look(tenant).effects)

        stripe.before_answering = another_looks
        desk.perform(handed)
        assert desk.copy(tenant).account.status == "canceled"
        assert len(desk.jobs(tenant)) <= 1, "a look beside the job has begun a second row of jobs"

    def test_control_without_the_fence_the_older_one_would_hold(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        old = desk.look(tenant)
        stripe.held["cus_1"] = remote(subscription("canceled", ended_at=NOW))
        desk.works(tenant).do(*desk.look(tenant).effects)
        desk.execute(tenant, "update app.billing_syncs set synced_from = null where tenant_id = %(tenant_id)s")
        desk.works(tenant).do(*old.effects)
        assert desk.copy(tenant).account.status == "active"

    def test_waits_for_the_moment_at_which_time_changes_something(self, desk: Desk, stripe: Kept):
        now = clock.now().replace(microsecond=0)
        items = {"data": items_of("scale", at=now)}
        trial = subscription("trialing", items=items, trial_start=now, trial_end=now + 14 * DAY)
        stripe.held["cus_1"] = remote(trial, now=now)
        tenant = desk.tenant("cus_1")
        desk.run()
        assert desk.jobs(tenant) == [("scheduled", now + 11 * DAY)]
        stripe.held["cus_1"] = remote(trial, now=now + 11 * DAY)
        desk.want(tenant)
        desk.run()
        assert names(desk, tenant) == ["subscription_changed", "trial_ending"]
        desk.want(tenant)
        desk.run()
        assert names(desk, tenant).count("trial_ending") == 1
        assert len(desk.jobs(tenant)) == 1

    def test_of_a_tenant_that_was_never_at_stripe_is_not_made(self, desk: Desk):
        tenant = desk.tenant()
        desk.want(tenant)
        assert desk.run() == []

    def test_of_a_deleted_customer_takes_what_it_gave(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        gone = Customer(id="cus_1", deleted=True)
        stripe.held["cus_1"] = Remote(customer=gone, subscriptions=(subscription("canceled", ended_at=NOW),), now=NOW)
        desk.want(tenant)
        desk.run()
        assert desk.copy(tenant).account.plan == "archive"
        assert names(desk, tenant)[-2:] == ["subscription_changed", "subscription_ended"]


class TestTheLadder:
    def at(self, desk: Desk, stripe: Kept, day: int, status: str = "past_due"):
        paid = {"status": "paid", "amount_remaining": 0} if status == "active" else {}
        stripe.held["cus_1"] = remote(
            subscription(status), now=NOW + day * DAY, invoices=(unpaid_invoice(NOW, **paid),)
        )

    def test_goes_down_by_its_days_and_up_with_the_payment(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        seen = []
        for day in (0, 3, 7, 8, 21, 22):
            self.at(desk, stripe, day)
            desk.want(tenant)
            desk.run()
            seen.append(desk.copy(tenant).access.value)
        self.at(desk, stripe, 30, "active")
        desk.want(tenant)
        desk.run()
        seen.append(desk.copy(tenant).access.value)
        assert seen == ["full", "full", "restricted", "restricted", "suspended", "suspended", "full"]
        assert names(desk, tenant)[1:] == [
            *("subscription_changed", "payment_failed", "access_changed", "access_changed"),
            *("subscription_changed", "invoice_paid", "access_changed", "payment_recovered"),
        ]

    def test_gives_way_to_what_an_operator_gives(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        self.at(desk, stripe, 30)
        desk.grant(tenant, "full", NOW + 60 * DAY)
        desk.run()
        copy = desk.copy(tenant)
        assert (copy.access.value, copy.account.access.value) == ("full", "suspended")


class TestAFailure:
    def test_of_stripe_leaves_everything_and_is_tried_again(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        before = desk.written(tenant)

        def fail() -> None:
            raise StripeBusy("too many requests")

        stripe.before_answering = fail
        desk.want(tenant)
        [handed] = desk.hand()
        assert desk.perform(handed) == "again"
        assert desk.written(tenant) == before
        stripe.before_answering = lambda: None
        desk.make_due(tenant)
        assert desk.run() == ["succeeded"]

    def test_to_the_end_does_not_keep_later_looks_from_being_made(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")

        def fail() -> None:
            raise StripeBusy("too many requests")

        stripe.before_answering = fail
        ended = []
        while "failed" not in ended:
            ended += desk.run()
            desk.make_due(tenant)
        stripe.before_answering = lambda: None
        desk.want(tenant)
        desk.run()
        assert desk.copy(tenant).account.plan == "pro"


class TestAGrant:
    @pytest.fixture
    def silent(self, desk: Desk, stripe: Kept):
        """A tenant that has been looked at, and Stripe, which says nothing any more."""
        tenant = desk.tenant("cus_1")
        stripe.held["cus_1"] = remote(subscription(), now=clock.now())
        desk.run()

        def fail() -> None:
            raise StripeBusy("nobody is there")

        stripe.before_answering = fail
        return tenant

    def test_begins_and_ends_though_stripe_says_nothing(self, desk: Desk, silent):
        desk.grant(silent, "restricted", clock.now() + DAY)
        assert desk.run() == ["again"]
        assert desk.copy(silent).access.value == "restricted"
        desk.make_due(silent)
        with clock.moved(clock.now() + 2 * DAY):
            assert desk.run() == ["again"]
        assert desk.copy(silent).access.value == "full"

    def test_does_not_wait_for_the_next_attempt(self, desk: Desk, silent):
        desk.want(silent)
        assert desk.run() == ["again"]
        desk.want(silent)
        assert desk.run() == [], "control: others do"
        desk.grant(silent, "restricted", clock.now() + DAY)
        assert desk.run() == ["again"]
        assert desk.copy(silent).access.value == "restricted"

    def test_holds_where_no_stripe_is_connected(self, desk: Desk):
        def not_set_up() -> Kept:
            raise PaymentsNotSetUp

        at_stripe, elsewhere = desk.tenant("cus_1"), desk.tenant()
        desk.connect = not_set_up
        for tenant in (at_stripe, elsewhere):
            desk.grant(tenant, "restricted", clock.now() + DAY)
        assert sorted(desk.run()) == ["again", "succeeded"]
        assert [desk.copy(each).access.value for each in (at_stripe, elsewhere)] == ["restricted", "restricted"]

    def test_that_fails_late_takes_nothing_from_a_look_that_holds(self, desk: Desk, stripe: Kept, silent):
        desk.want(silent)
        [handed] = desk.hand()
        other = desk.elsewhere

        def another_looks() -> None:
            stripe.before_answering = lambda: None
            gone = subscription("unpaid", items={"data": items_of("pro")})
            stripe.held["cus_1"] = remote(gone, now=clock.now())
            other.works(silent).do(*other.look(silent).effects)
            raise StripeBusy("nobody is there")

        stripe.before_answering = another_looks
        assert desk.perform(handed) == "again"
        assert desk.copy(silent).access.value == "restricted"


class TestRefunds:
    def test_are_seen_at_their_invoice(self, desk: Desk, stripe: Kept):
        paid = {"data": [{"payment": {"payment_intent": "pi_1"}}]}
        invoice = unpaid_invoice(NOW, status="paid", amount_remaining=0, amount_paid=4900, payments=paid)
        charge = Charge(id="ch_1", payment_intent="pi_1", amount_refunded=900, disputed=True)
        stripe.held["cus_1"] = remote(subscription(), invoices=(invoice,)).model_copy(update={"charges": (charge,)})
        tenant = desk.tenant("cus_1")
        desk.run()
        [seen] = desk.copy(tenant).invoices
        assert (seen.amount_refunded, seen.disputed) == (900, True)


class TestSeats:
    def test_follow_the_members(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        for _ in range(3):
            desk.member(tenant)
        desk.run()
        assert stripe.told == []
        desk.member(tenant)
        desk.run()
        [(told, seats, key)] = stripe.told
        assert (told, seats) == ("sub_1", 4)
        assert key.startswith(f"fh-{tenant}-")

    def test_are_at_least_as_many_as_somebody_wants(self, desk: Desk, stripe: Kept):
        wanted = subscription(metadata={"freehold_seats": "5"}, items={"data": items_of("pro", seats=5)})
        stripe.held["cus_1"] = remote(wanted)
        tenant = desk.tenant("cus_1")
        desk.member(tenant)
        desk.run()
        assert stripe.told == []

    def test_that_stripe_has_by_now_are_not_asked_for_again(self, desk: Desk, stripe: Kept):
        """The answer to the change was lost; the next attempt sees that it has happened."""
        tenant = desk.tenant("cus_1")
        for _ in range(4):
            desk.member(tenant)

        def lost(*args: object, **_: object) -> None:
            Kept.set_quantity(stripe, *args, key="")
            raise StripeBusy("the connection broke")

        stripe.set_quantity = lost
        assert desk.run() == ["again"]
        desk.make_due(tenant)
        desk.run()
        assert len(stripe.told) == 1
        assert desk.copy(tenant).account.seats == 4


class TestATry:
    def test_has_a_key_of_its_own(self, desk: Desk, stripe: Kept):
        """Stripe goes on answering 500 to one that it has answered so."""
        card = {"fingerprint": "had", "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2040}
        method = {"id": "pm_1", "type": "card", "card": card}
        trial = subscription("trialing", plan="scale", trial_end=clock.now() + 14 * DAY, default_payment_method=method)
        stripe.held |= {name: remote(trial, now=clock.now()) for name in ("cus_1", "cus_2")}
        desk.tenant("cus_1")
        desk.run()
        late = desk.tenant("cus_2")
        keys = []

        def broken(_: str, *, key: str) -> None:
            keys.append(key)
            raise StripeBusy("an error of Stripe's own")

        stripe.end_trial = broken
        assert desk.run() == ["again"]
        desk.make_due(late)
        assert desk.run() == ["again"]
        assert len(set(keys)) == 2

    def test_whose_worker_died_is_closed_by_a_later_look(self, desk: Desk):
        tenant = desk.tenant("cus_1")
        desk.execute(
            tenant,
            "insert into app.billing_operations (kind, key, created_at) values"
            " ('seats', 'old', now() - interval '1 hour'), ('seats', 'new', now())",
        )
        desk.run()
        noted = desk.execute(
            tenant,
            "select key, state from app.billing_operations where tenant_id = %(tenant_id)s and key in ('old', 'new')",
        )
        assert dict(noted) == {"old": "failed", "new": "begun"}


class TestAnEcho:
    def event(self, desk: Desk, tenant, operation: str) -> str:
        [(state,)] = desk.receive("cus_1", key=f"fh-{tenant}-{operation}")
        return state

    def operation(self, desk: Desk, tenant) -> str:
        [(made,)] = desk.execute(
            tenant,
            "insert into app.billing_operations (kind, key, state, finished_at)"
            " values ('change', 'a key', 'done', clock_timestamp()) returning id",
        )
        return str(made)

    def test_of_what_was_looked_at_since_asks_for_nothing(self, desk: Desk, stripe: Kept):
        tenant = desk.tenant("cus_1")
        desk.run()
        operation = self.operation(desk, tenant)
        desk.works(tenant).do(*desk.look(tenant).effects)
        stripe.fetched = 0
        assert self.event(desk, tenant, operation) == "taken"
        assert desk.run() == []

    def test_control_of_what_was_not_asks_for_a_look(self, desk: Desk):
        tenant = desk.tenant("cus_1")
        desk.run()
        self.event(desk, tenant, self.operation(desk, tenant))
        assert desk.run() == ["succeeded"]

    def test_with_a_key_of_somebody_else_asks_for_a_look(self, desk: Desk):
        tenant, other = desk.tenant("cus_1"), desk.tenant()
        desk.run()
        operation = self.operation(desk, tenant)
        desk.works(tenant).do(*desk.look(tenant).effects)
        self.event(desk, other, operation)
        assert desk.run() == ["succeeded"]


class TestTheClock:
    def test_is_moved_for_a_while(self):
        later = NOW + timedelta(days=4000)
        with clock.moved(later):
            assert later <= clock.now() < later + timedelta(minutes=1)
            with clock.moved(NOW):
                assert clock.now() < later
            assert clock.now() >= later
        assert clock.now() < later
