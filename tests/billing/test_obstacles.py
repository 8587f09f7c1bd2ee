"""What is not changed, and nothing sold: while something is owed, or something else is decided."""

import datetime as dt
from time import sleep

import pytest

from local.companies import Company
from local.stripe_double.service import StripeDouble
from tests.billing.test_operations import BEGIN, FAILS, HALF_A_MONTH, PAYS, card, keys, later, preview
from tests.billing.till import Object, Till
from tests.decisions.conftest import agree

AGREED = "The plan pro by the month is agreed on from 2026-04-01 on."
ENDS = "Your subscription ends on 2026-04-01. Resume it first: POST /v1/billing/resume."


@pytest.fixture
def subscriber(till: Till) -> Till:
    """On Scale with support, for half a month."""
    till.customer(at=BEGIN)
    till.subscribe(plan="scale", add_ons=["support"])
    later(till, HALF_A_MONTH)
    return till


@pytest.fixture
def debtor(subscriber: Till) -> Till:
    """Whose renewal was not paid."""
    card(subscriber, FAILS)
    later(subscriber, dt.timedelta(days=18))
    assert subscriber.billing["status"] == "past_due"
    return subscriber


def pay(till: Till) -> None:
    """What is open, with another card."""
    [customer] = till.customers()
    till.account.pay_with(customer["id"], PAYS)
    usual = till.account.client.v1.customers.retrieve(customer["id"]).to_dict()["invoice_settings"]
    for each in till.invoices():
        if each["status"] == "open":
            till.account.client.v1.invoices.pay(each["id"], {"payment_method": usual["default_payment_method"]})
    till.sync()


def untouched(till: Till) -> tuple[Object, object, object]:
    """What there is at Stripe, and what we show of it."""
    return keys(till), [each["id"] for each in till.invoices()], till.billing["pending_change"]


class TestWhoeverHasNotPaid:
    @pytest.mark.parametrize("wish", [{"interval": "year"}, {"plan": "pro"}, {"add_ons": []}, {"seats": 5}])
    def test_changes_nothing_and_is_credited_nothing(self, debtor: Till, wish: Object):
        before = untouched(debtor)
        job = debtor.do("change", **wish)
        assert job["state"] == "failed"
        assert job["reason"].startswith(
            "An invoice is open. Pay it first, and change your subscription afterwards: http"
        )
        assert debtor.billing["last_request"]["result"]["link"].startswith("http")
        assert untouched(debtor) == before

    def test_is_shown_no_price_but_where_to_pay(self, debtor: Till):
        answer = debtor.post("preview", plan="pro")
        assert (answer.status, answer.code) == (402, "payment_due")
        assert answer.json["link"].split("?")[0] == debtor.billing["problem"]["link"].split("?")[0]

    def test_changes_it_once_it_is_paid(self, debtor: Till):
        pay(debtor)
        assert debtor.billing["status"] == "active"
        assert debtor.do("change", add_ons=[])["result"]["outcome"] == "scheduled"

    def test_has_the_seats_of_its_members_once_it_is_paid(self, debtor: Till):
        debtor.company.member("member")
        debtor.sync()
        assert debtor.billing["seats"] == {"used": 2, "paid": 1}
        pay(debtor)
        debtor.sync()
        assert debtor.billing["seats"] == {"used": 2, "paid": 2}


class TestWhatIsOwedAfterTheEnd:
    @pytest.fixture
    def gone(self, debtor: Till) -> Till:
        """Who has cancelled in place of paying."""
        assert debtor.do("cancel", at_period_end=False)["state"] == "succeeded"
        assert (debtor.billing["status"], debtor.billing["plan"]["id"]) == ("canceled", "free")
        return debtor

    def test_is_paid_before_there_is_another_subscription(self, gone: Till):
        answer = gone.post("checkout", plan="pro")
        assert (answer.status, answer.code) == (402, "payment_due")
        assert answer.json["detail"].startswith(
            "An invoice is open. Pay it first, and subscribe again afterwards: http"
        )
        assert gone.sessions(status="open") == []
        pay(gone)
        assert gone.post("checkout", plan="pro").status == 200

    def test_is_shown_until_it_is_paid(self, gone: Till):
        problem = gone.billing["problem"]
        assert (problem["code"], problem["link"][:4]) == ("left_unpaid", "http")
        pay(gone)
        assert gone.billing["problem"] is None

    def test_is_not_what_somebody_wanted_more_of_and_never_had(self, subscriber: Till):
        card(subscriber, FAILS)
        subscriber.do("change", interval="year")
        assert (subscriber.invoices()[0]["status"], subscriber.billing["problem"]) == ("open", None)
        subscriber.do("cancel", at_period_end=False)
        assert subscriber.billing["problem"] is None
        assert subscriber.post("checkout", plan="pro").status == 200

    def test_is_not_a_subscription_that_never_began(self, till: Till):
        customer = till.customer(at=BEGIN, card=FAILS)
        prices = till.account.client.v1.prices.list({"lookup_keys": ["fh_pro_month_base"]}).data
        begun = {"customer": customer["id"], "items": [{"price": prices[0].id}]}
        till.account.client.v1.subscriptions.create({**begun, "payment_behavior": "allow_incomplete"})
        till.sync()
        assert till.invoices()[0]["status"] == "open"
        assert till.post("checkout", plan="pro").status == 200
        later(till, dt.timedelta(days=2))
        assert till.billing["problem"] is None
        assert till.post("checkout", plan="pro").status == 200


class TestWhoeverCancelsInPlaceOfPaying:
    """A year of Scale for 4990.00 from 2026-03-01 on; the next, of 366 days, is not paid, and ends after 61 of them."""

    @pytest.fixture
    def yearly(self, till: Till) -> Till:
        till.customer(at=BEGIN)
        till.subscribe(plan="scale", interval="year")
        return till

    @pytest.fixture
    def gone(self, yearly: Till) -> Till:
        card(yearly, FAILS)
        later(yearly, dt.timedelta(days=365 + 61))
        assert yearly.billing["status"] == "past_due"
        assert yearly.do("cancel", at_period_end=False)["state"] == "succeeded"
        return yearly

    def test_pays_in_the_end_for_each_day_once(self, gone: Till):
        assert gone.billing["credit"] == {"amount": 4_158_33, "currency": "usd"}, "305 of 366 days"
        assert gone.post("checkout", plan="scale", interval="year").code == "payment_due"
        pay(gone)
        gone.subscribe(plan="scale", interval="year")
        paid = [each["amount_paid"] for each in gone.invoices() if each["status"] == "paid"]
        assert sorted(filter(None, paid)) == [831_67, 4_990_00, 4_990_00]
        assert sum(paid) == 4_990_00 + 831_67 + 4_990_00, "a year, 61 days of the second, and a year"
        assert gone.billing["credit"] is None

    def test_and_has_paid_gets_nothing_back_as_ever(self, yearly: Till):
        later(yearly, dt.timedelta(days=61))
        yearly.do("cancel", at_period_end=False)
        assert yearly.billing["credit"] is None

    def test_has_no_credit_for_what_nobody_can_pay(self, subscriber: Till, breaking: StripeDouble):
        """Stripe keeps the invoices of an `unpaid` subscription as drafts, where the account's owner has set that."""
        before = breaking.engine.settings.after_retries
        breaking.engine.settings.after_retries = "unpaid"
        try:
            card(subscriber, FAILS)
            later(subscriber, dt.timedelta(days=75))
        finally:
            breaking.engine.settings.after_retries = before
        assert [each["status"] for each in subscriber.invoices()] == ["draft", "open", "paid"]
        subscriber.do("cancel", at_period_end=False)
        assert (subscriber.billing["status"], subscriber.billing["credit"]) == ("canceled", None)


class TestWhatIsAgreedOnForLater:
    @pytest.fixture
    def less(self, subscriber: Till) -> Till:
        assert subscriber.do("change", plan="pro")["result"]["outcome"] == "scheduled"
        return subscriber

    @pytest.mark.parametrize("wish", [{"interval": "year"}, {"plan": "scale"}, {"seats": 20}])
    def test_is_not_lost_by_a_change_that_begins_now(self, less: Till, wish: Object):
        before = untouched(less)
        job = less.do("change", **wish)
        assert job["state"] == "failed"
        assert job["reason"] == f"{AGREED} Take that back first (POST /v1/billing/resume), or wait until then."
        assert untouched(less) == before
        later(less, dt.timedelta(days=18))
        assert less.billing["plan"]["id"] == "pro"

    def test_is_said_instead_of_a_price(self, less: Till):
        answer = less.post("preview", interval="year")
        assert (answer.status, answer.code) == (409, "resume_first")
        assert AGREED in answer.json["detail"]

    def test_taken_back_it_is_in_nobodys_way(self, less: Till):
        less.do("resume")
        shown = preview(less, interval="year")
        assert less.do("change", preview=shown["id"])["state"] == "succeeded"

    def test_and_in_force_neither(self, less: Till):
        later(less, dt.timedelta(days=18))
        assert less.billing["plan"]["id"] == "pro"
        assert less.do("change", interval="year")["state"] == "succeeded"
        assert less.billing["interval"] == "year"


class TestWhoeverHasCancelled:
    @pytest.mark.parametrize("wish", [{"plan": "pro"}, {"interval": "year"}, {"add_ons": []}])
    def test_changes_nothing_before_it_is_resumed(self, subscriber: Till, wish: Object):
        subscriber.do("cancel")
        before = untouched(subscriber)
        job = subscriber.do("change", **wish)
        assert (job["state"], job["reason"]) == ("failed", ENDS)
        assert untouched(subscriber) == before
        answer = subscriber.post("preview", **wish)
        assert (answer.status, answer.code, answer.json["detail"]) == (409, "resume_first", ENDS)

    def test_changes_it_afterwards(self, subscriber: Till):
        subscriber.do("cancel")
        subscriber.do("resume")
        assert subscriber.do("change", plan="pro")["result"]["outcome"] == "scheduled"


class TestWhatIsPaused:
    """A trial of Scale that ended without a card, where the plan's file says `pause`."""

    @pytest.fixture
    def paused(self, till: Till) -> Till:
        customer = till.customer(at=BEGIN, card=None)
        price = till.account.client.v1.prices.list({"lookup_keys": ["fh_scale_month_base"]}).data[0].id
        ends = {"end_behavior": {"missing_payment_method": "pause"}}
        trial = {"trial_period_days": 14, "trial_settings": ends}
        begun: Object = {"customer": customer["id"], "items": [{"price": price}], **trial}
        till.account.client.v1.subscriptions.create(begun)  # type: ignore[arg-type]
        later(till, HALF_A_MONTH)
        assert (till.billing["status"], till.billing["access"]) == ("paused", "restricted")
        return till

    def test_goes_on_once_there_is_a_card(self, paused: Till):
        job = paused.do("resume")
        assert (job["state"], "Add one (POST /v1/billing/portal)" in job["reason"]) == ("failed", True)
        [customer] = paused.customers()
        paused.account.pay_with(customer["id"], PAYS)
        assert paused.do("resume")["result"]["outcome"] == "goes_on"
        shown = paused.billing
        assert (shown["status"], shown["access"], shown["current_period_end"][:10]) == ("active", "full", "2026-04-16")
        assert [each["status"] for each in paused.invoices()].count("paid") == 2, "the trial's, and the one of now"

    def test_stays_so_where_the_card_is_declined_and_charges_once(self, paused: Till):
        [customer] = paused.customers()
        paused.account.pay_with(customer["id"], FAILS)
        job = paused.do("resume")
        assert "Your subscription stays paused. Pay it here to have it after all: http" in job["reason"]
        before = len(paused.invoices())
        job = paused.do("resume")
        assert job["reason"].startswith(
            "An invoice is open. Pay it first, and resume your subscription afterwards: http"
        )
        assert len(paused.invoices()) == before
        pay(paused)
        assert (paused.billing["status"], paused.do("resume")["result"]["outcome"]) == ("active", "goes_on")

    def test_ends_at_once_whoever_cancels_it(self, paused: Till):
        job = paused.do("cancel")
        assert job["result"] == {"outcome": "ended"}, job
        assert paused.billing["status"] == "canceled"

    def test_keeps_the_end_that_was_set_until_it_can_go_on(self, paused: Till):
        [made], [customer] = paused.subscriptions(), paused.customers()
        end = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
        paused.account.client.v1.subscriptions.update(made["id"], {"cancel_at": int(end.timestamp())})
        paused.sync()
        assert paused.billing["cancel_at"] == end.isoformat()
        for unable in (None, FAILS):
            if unable:
                paused.account.pay_with(customer["id"], unable)
            assert paused.do("resume")["state"] == "failed"
            assert (paused.billing["status"], paused.billing["cancel_at"]) == ("paused", end.isoformat())
        pay(paused)
        assert (paused.billing["status"], paused.do("resume")["result"]["outcome"]) == ("active", "goes_on")
        assert paused.billing["cancel_at"] is None

    def test_keeps_what_was_agreed_on_until_it_can_go_on(self, paused: Till, breaking: StripeDouble):
        [made], [customer] = paused.subscriptions(), paused.customers()
        paused.account.client.v1.subscription_schedules.create({"from_subscription": made["id"]})
        assert paused.do("resume")["state"] == "failed"
        assert paused.subscription(made["id"])["schedule"] is not None
        paused.account.pay_with(customer["id"], PAYS)
        breaking.faults.add("POST /v1/subscription_schedules/*/release", "503", times=3)
        answer = paused.post("resume")
        assert [paused.perform("billing.resume") for _ in range(2)] == [["again"], ["succeeded"]]
        assert paused.job(answer.json["id"])["result"]["outcome"] == "goes_on"
        assert paused.subscription(made["id"])["schedule"] is None
        assert [each["status"] for each in paused.invoices()].count("paid") == 2, "the trial's, and the one of now"

    def test_owes_nothing_when_it_ends_although_it_was_to_go_on(self, paused: Till, breaking: StripeDouble):
        [customer] = paused.customers()
        paused.account.pay_with(customer["id"], FAILS)
        paused.do("resume")
        assert paused.invoices()[0]["status"] == "open"
        breaking.faults.add("POST /v1/invoices/*/void", "connection_reset_after", times=3)
        answer = paused.post("cancel", at_period_end=False)
        assert [paused.perform("billing.cancel") for _ in range(2)] == [["again"], ["succeeded"]]
        assert paused.job(answer.json["id"])["result"]["outcome"] == "ended"
        assert "open" not in [each["status"] for each in paused.invoices()]
        shown = paused.billing
        assert (shown["status"], shown["problem"], shown["credit"]) == ("canceled", None, None)
        assert paused.post("checkout", plan="pro").status == 200

    def test_is_not_changed(self, paused: Till):
        answer = paused.post("preview", plan="pro")
        assert (answer.status, answer.code) == (409, "resume_first")

    def test_whose_answer_was_lost_is_paid_once(self, paused: Till, breaking: StripeDouble):
        [customer] = paused.customers()
        paused.account.pay_with(customer["id"], PAYS)
        breaking.faults.add("POST /v1/subscriptions/*/resume", "connection_reset_after", times=3)
        answer = paused.post("resume")
        assert [paused.perform("billing.resume") for _ in range(2)] == [["again"], ["succeeded"]]
        assert paused.job(answer.json["id"])["result"]["outcome"] == "goes_on"
        assert [each["status"] for each in paused.invoices()].count("paid") == 2


class TestMoreSeatsThanThePlanHas:
    SAID = "The plan pro has 100 seats at most, and this would be 101."

    def test_are_not_sold(self, till: Till):
        for what in ("checkout", "preview"):
            answer = till.post(what, plan="pro", seats=101)
            assert (answer.status, answer.json["detail"]) == (422, self.SAID)
            assert till.post(what, plan="pro", seats=100).status == 200

    def test_nor_by_a_change(self, till: Till):
        till.subscribe(plan="pro")
        assert till.post("preview", seats=101).json["detail"] == self.SAID
        assert till.do("change", seats=101)["reason"] == self.SAID
        assert till.do("change", seats=101, plan="scale")["state"] == "succeeded", "it has as many as one wants"
        assert till.do("change", plan="pro")["reason"] == self.SAID


class TestSeatsThatWereAgreed:
    def test_are_sold_and_no_more(self, till: Till):
        agree(till.company, limits={"seats": 150})
        for what in ("checkout", "preview"):
            assert till.post(what, plan="pro", seats=150).status == 200
            assert "150 seats at most" in till.post(what, plan="pro", seats=151).json["detail"]

    def test_are_sold_by_a_change(self, till: Till):
        till.subscribe(plan="pro")
        agree(till.company, limits={"seats": 150})
        assert till.do("change", seats=150)["state"] == "succeeded"
        assert "150 seats at most" in till.do("change", seats=151)["reason"]

    def test_count_no_more_when_that_is_over(self, till: Till):
        agree(till.company, limits={"seats": 150}, until=dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=100))
        sleep(0.15)
        assert "100 seats at most" in till.post("preview", plan="pro", seats=150).json["detail"]

    def test_are_not_the_neighbours(self, till: Till, globex: Company):
        agree(globex, limits={"seats": 150})
        assert till.post("preview", plan="pro", seats=150).status == 422
