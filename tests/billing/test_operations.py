"""Changes, cancellations and resumptions: asked for through the front door, done by their jobs, true at Stripe."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from local.companies import Company
from local.stripe_double.service import StripeDouble
from tests.billing.account import StripeAccount
from tests.billing.test_checkout import LOSSES
from tests.billing.till import Object, Till

BEGIN = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HALF_A_MONTH = dt.timedelta(days=15)
FAILS, ASKS, PAYS = "pm_card_chargeCustomerFail", "pm_card_authenticationRequired", "pm_card_visa"


def keys(till: Till) -> dict[str, int | None]:
    """What the tenant's subscription is made of."""
    [made] = [each for each in till.subscriptions() if each["status"] != "canceled"]
    return {item["price"]["lookup_key"]: item.get("quantity") for item in made["items"]["data"]}


def preview(till: Till, **wish: Any) -> Object:
    answer = till.post("preview", **wish)
    assert answer.status == 200, answer
    shown: Object = answer.json
    return shown


@pytest.fixture
def subscriber(till: Till) -> Till:
    """On Scale, which has no trial, for half a month."""
    till.customer(at=BEGIN)
    till.subscribe(plan="scale")
    later(till, HALF_A_MONTH)
    return till


@pytest.fixture
def small(till: Till) -> Till:
    """On Pro, after the trial."""
    customer = till.customer(at=BEGIN)
    prices = {each.lookup_key: each.id for each in till.account.client.v1.prices.list({"limit": 100}).data}
    items = [{"price": prices["fh_pro_month_base"]}, {"price": prices["fh_pro_month_seat"], "quantity": 1}]
    items.append({"price": prices["fh_pro_month_usage_api_calls"]})
    metadata = {"freehold_tenant": str(till.company.id)}
    till.account.client.v1.subscriptions.create({"customer": customer["id"], "items": items, "metadata": metadata})
    later(till, HALF_A_MONTH)
    return till


def later(till: Till, time: dt.timedelta) -> None:
    [customer] = till.customers()
    till.account.advance(customer["id"], time)
    till.sync()


def almost_over(till: Till, *, left: int = 1) -> None:
    """As many attempts are left of what it waits for."""
    till.company.execute(
        "update app.jobs set attempt = attempts - %(left)s where tenant_id = %(tenant_id)s and state = 'scheduled'",
        left=left,
    )


def card(till: Till, which: str) -> None:
    """From now on this one is charged."""
    [customer], [made] = till.customers(), till.subscriptions()
    till.account.pay_with(customer["id"], which)
    method = till.account.client.v1.customers.retrieve(customer["id"]).to_dict()
    usual = method["invoice_settings"]["default_payment_method"]
    till.account.client.v1.subscriptions.update(made["id"], {"default_payment_method": usual})


class TestUpgrade:
    def test_holds_at_once_and_is_charged_now(self, small: Till):
        job = small.do("change", plan="scale")
        assert (job["state"], job["result"]["outcome"]) == ("succeeded", "applied"), job
        assert small.billing["plan"]["id"] == "scale"
        assert small.invoices()[0]["status"] == "paid"

    def test_costs_what_the_preview_said(self, small: Till):
        shown = preview(small, plan="scale")
        small.do("change", preview=shown["id"])
        charged = small.invoices()[0]
        assert shown["effective"] == "now"
        assert charged["amount_paid"] == shown["due_now"]["amount_due"] > 0
        told = [(line["description"], line["amount"]) for line in shown["due_now"]["lines"]]
        assert told == [(line["description"], line["amount"]) for line in charged["lines"]["data"]]

    def test_costs_what_the_preview_said_when_time_went_by_since(self, small: Till):
        shown = preview(small, plan="scale")
        later(small, dt.timedelta(days=3))
        small.do("change", preview=shown["id"])
        assert small.invoices()[0]["amount_paid"] == shown["due_now"]["amount_due"] > 0

    def test_that_would_cost_something_else_by_now_does_not_happen(self, small: Till):
        shown = preview(small, plan="scale")
        [customer] = small.customers()
        small.account.client.v1.customers.update(customer["id"], {"balance": -5_00})
        job = small.do("change", preview=shown["id"])
        assert job["state"] == "failed"
        assert "It was shown to cost" in job["reason"]
        assert small.billing["plan"]["id"] == "pro"

    def test_is_the_one_that_was_shown(self, small: Till):
        shown = preview(small, add_ons=["support"])
        job = small.do("change", preview=shown["id"], plan="scale")
        assert (job["state"], small.billing["plan"]["id"]) == ("failed", "pro")
        assert small.do("change", preview=shown["id"], add_ons=["support"])["state"] == "succeeded"

    def test_that_cannot_be_paid_leaves_the_old_plan(self, small: Till):
        card(small, FAILS)
        before = keys(small)
        job = small.do("change", plan="scale")
        assert job["state"] == "failed"
        assert "Your plan is as it was. Pay it here to have it after all: http" in job["reason"]
        assert keys(small) == before
        shown = small.billing
        assert (shown["plan"]["id"], shown["access"], shown["status"]) == ("pro", "full", "active")
        assert shown["pending_change"]["plan"] == "scale"

    def test_that_cannot_be_paid_holds_once_it_is_paid(self, small: Till):
        card(small, FAILS)
        small.do("change", plan="scale")
        card(small, PAYS)
        small.account.client.v1.invoices.pay(small.invoices()[0]["id"])
        small.sync()
        assert (small.billing["plan"]["id"], small.billing["pending_change"]) == ("scale", None)

    def test_that_a_person_has_to_confirm_says_where(self, small: Till):
        card(small, ASKS)
        job = small.do("change", plan="scale")
        assert (job["state"], job["result"]["outcome"]) == ("succeeded", "action_required")
        assert job["result"]["link"].startswith("http")
        assert small.billing["plan"]["id"] == "pro"

    def test_is_announced_without_where_to_pay(self, small: Till):
        endpoint = {"url": "https://example.com/hook", "events": ["job.failed"]}
        assert small.company.call("POST", "/v1/webhook-endpoints", body=endpoint).status == 201
        card(small, FAILS)
        job = small.do("change", plan="scale")
        [(told,)] = small.company.execute(
            "select data from app.outbox where tenant_id = %(tenant_id)s and type = 'job.failed'"
        )
        assert (told["id"], told["state"]) == (job["id"], "failed")
        assert "http" in job["reason"]
        assert "http" not in str(told)

    def test_asked_for_again_after_a_failure_charges_the_new_card(self, small: Till):
        card(small, FAILS)
        job = small.do("change", plan="scale")
        card(small, PAYS)
        assert small.company.call("POST", f"/v1/jobs/{job['id']}/retry").status == 200
        small.perform("billing.change")
        assert small.job(job["id"])["state"] == "succeeded"
        assert small.billing["plan"]["id"] == "scale"
        assert [each["status"] for each in small.invoices()[:2]].count("paid") == 1

    def test_asked_for_again_days_later_is_charged_as_of_then(self, small: Till, breaking: StripeDouble):
        breaking.faults.add("POST /v1/subscriptions/*", "429", times=99)
        answer = small.post("change", plan="scale")
        small.perform("billing.change")
        breaking.faults.clear()
        later(small, dt.timedelta(days=5))
        shown = preview(small, plan="scale")
        small.perform("billing.change")
        assert small.job(answer.json["id"])["state"] == "succeeded"
        assert small.invoices()[0]["amount_paid"] == shown["due_now"]["amount_due"] > 0

    def test_by_a_preview_without_a_subscription_is_refused(self, till: Till):
        shown = preview(till, plan="scale")
        till.subscribe(plan="scale")
        job = till.do("change", preview=shown["id"])
        assert (job["state"], "you had no subscription" in job["reason"]) == ("failed", True)

    def test_to_what_one_has_changes_nothing(self, subscriber: Till):
        before = len(subscriber.invoices())
        job = subscriber.do("change", plan="scale")
        assert job["result"]["outcome"] == "applied"
        assert len(subscriber.invoices()) == before

    def test_in_the_trial_costs_nothing(self, till: Till):
        till.subscribe(plan="pro")
        shown = preview(till, plan="scale")
        assert (shown["due_now"]["amount_due"], shown["effective"]) == (0, "now")
        till.do("change", preview=shown["id"])
        assert (till.billing["plan"]["id"], till.billing["status"]) == ("scale", "trialing")


class TestDowngrade:
    def test_begins_when_what_is_paid_for_is_over(self, subscriber: Till):
        job = subscriber.do("change", plan="pro")
        assert (job["result"]["outcome"], job["result"]["effective"]) == ("scheduled", "period_end"), job
        shown = subscriber.billing
        assert (shown["plan"]["id"], shown["pending_change"]["plan"]) == ("scale", "pro")
        assert len(subscriber.invoices()) == 1
        later(subscriber, dt.timedelta(days=18))
        assert (subscriber.billing["plan"]["id"], subscriber.billing["pending_change"]) == ("pro", None)

    def test_costs_nothing_now_and_what_the_preview_said_then(self, subscriber: Till):
        shown = preview(subscriber, plan="pro")
        assert (shown["effective"], shown["due_now"]["amount_due"]) == ("period_end", 0)
        assert shown["effective_at"][:10] == shown["renews_at"][:10] == "2026-04-01"
        subscriber.do("change", preview=shown["id"])
        later(subscriber, dt.timedelta(days=18))
        assert subscriber.invoices()[0]["total"] == shown["at_renewal"]["total"] == 49_00

    def test_is_taken_back_by_resuming(self, subscriber: Till):
        subscriber.do("change", plan="pro")
        subscriber.do("resume")
        assert subscriber.billing["pending_change"] is None
        later(subscriber, dt.timedelta(days=18))
        assert subscriber.billing["plan"]["id"] == "scale"

    def test_gives_way_to_another_that_is_less(self, till: Till):
        till.customer(at=BEGIN)
        till.subscribe(plan="scale", add_ons=["support"])
        till.do("change", plan="pro")
        job = till.do("change", add_ons=[])
        assert (job["state"], till.billing["pending_change"]["plan"]) == ("succeeded", "scale"), job

    def test_gives_way_to_a_cancellation(self, subscriber: Till):
        subscriber.do("change", plan="pro")
        job = subscriber.do("cancel")
        assert job["state"] == "succeeded", job
        assert subscriber.billing["cancel_at"]

    def test_can_be_followed_by_another_in_its_first_period(self, till: Till, plans: None):
        till.customer(at=BEGIN)
        till.subscribe(plan="scale", add_ons=["support"])
        till.do("change", plan="pro")
        later(till, dt.timedelta(days=33))
        assert till.billing["plan"]["id"] == "pro"
        job = till.do("change", add_ons=[])
        assert (job["state"], (job["result"] or {}).get("outcome")) == ("succeeded", "scheduled"), job
        assert "priority_support" in till.billing["features"]
        later(till, dt.timedelta(days=31))
        assert (till.billing["plan"]["id"], till.billing["pending_change"]) == ("pro", None)
        assert "priority_support" not in till.billing["features"]

    @pytest.mark.parametrize("coupon", [{"duration": "forever"}, {"duration": "repeating", "duration_in_months": 3}])
    def test_keeps_a_discount_and_does_not_begin_it_anew(self, subscriber: Till, coupon: Any):
        [made], client = subscriber.subscriptions(), subscriber.account.client.v1
        given = client.coupons.create({"percent_off": 50, **coupon})
        client.subscriptions.update(made["id"], {"discounts": [{"coupon": given.id}]})
        [before] = subscriber.subscription(made["id"])["discounts"]
        subscriber.do("change", plan="pro")
        assert subscriber.subscription(made["id"])["discounts"] == [before]
        later(subscriber, dt.timedelta(days=18))
        assert subscriber.billing["plan"]["id"] == "pro"
        assert subscriber.subscription(made["id"])["discounts"] == [before]
        assert subscriber.invoices()[0]["total"] == 24_50

    def test_asked_for_twice_is_agreed_on_once(self, subscriber: Till):
        for _ in range(2):
            assert subscriber.do("change", plan="pro")["result"]["outcome"] == "scheduled"
        [customer] = subscriber.customers()
        schedules = subscriber.account.client.v1.subscription_schedules.list({"customer": customer["id"]}).data
        assert [each.status for each in schedules] == ["active"]


class TestInterval:
    def test_by_the_year_is_charged_now_less_what_is_left_of_the_month(self, subscriber: Till):
        shown = preview(subscriber, interval="year")
        assert (shown["effective_at"][:10], shown["renews_at"][:10]) == ("2026-03-16", "2027-03-16")
        subscriber.do("change", preview=shown["id"])
        assert subscriber.billing["current_period_end"][:10] == "2027-03-16"
        charged = subscriber.invoices()[0]
        assert charged["amount_paid"] == shown["due_now"]["amount_due"]
        assert 0 < charged["amount_paid"] < 4_990_00
        assert subscriber.billing["interval"] == "year"

    def test_by_the_month_gives_credit_for_what_is_left_of_the_year(self, subscriber: Till):
        subscriber.do("change", interval="year")
        shown = preview(subscriber, interval="month")
        subscriber.do("change", preview=shown["id"])
        assert shown["due_now"]["amount_due"] == 0 > shown["due_now"]["total"]
        credit = subscriber.billing["credit"]
        assert credit == {"amount": -subscriber.invoices()[0]["total"], "currency": "usd"}


class TestSeatsAndAddOns:
    def test_more_seats_cost_what_the_preview_said(self, small: Till):
        shown = preview(small, seats=10)
        small.do("change", preview=shown["id"])
        assert small.invoices()[0]["amount_paid"] == shown["due_now"]["amount_due"] > 0
        small.sync()
        assert small.billing["seats"] == {"used": 1, "paid": 10}

    def test_more_seats_are_told_with_how_many_there_are_at_least(self, small: Till):
        small.do("change", seats=10)
        told = small.account.client.v1.events.list({"type": "customer.subscription.updated", "limit": 100}).data
        [made] = small.subscriptions()
        states = [each.to_dict()["data"]["object"] for each in told]
        states = [each for each in states if each["id"] == made["id"]]
        with_ten = [each for each in states if 10 in [item.get("quantity") for item in each["items"]["data"]]]
        assert with_ten
        assert {each["metadata"].get("freehold_seats") for each in with_ten} == {"10"}

    def test_seats_that_come_with_a_lesser_plan_stay_when_it_begins(self, subscriber: Till):
        job = subscriber.do("change", plan="pro", seats=5)
        assert job["result"]["outcome"] == "scheduled", job
        later(subscriber, dt.timedelta(days=18))
        subscriber.sync()
        assert (subscriber.billing["plan"]["id"], subscriber.billing["seats"]["paid"]) == ("pro", 5)

    def test_there_are_never_fewer_seats_than_members(self, small: Till):
        small.company.member("member")
        small.sync()
        small.do("change", seats=1)
        assert small.billing["seats"] == {"used": 2, "paid": 2}

    def test_an_add_on_comes_now_and_goes_with_the_period(self, small: Till, plans: None):
        small.do("change", add_ons=["support"])
        assert "priority_support" in small.billing["features"]
        job = small.do("change", add_ons=[])
        assert job["result"]["outcome"] == "scheduled"
        assert "priority_support" in small.billing["features"]
        later(small, dt.timedelta(days=18))
        assert "priority_support" not in small.billing["features"]

    def test_what_is_not_changed_keeps_its_price(self, small: Till):
        client = small.account.client.v1
        [old] = client.prices.list({"lookup_keys": ["fh_pro_month_base"]}).data
        dearer = {"currency": "usd", "unit_amount": 99_00, "recurring": {"interval": "month"}, "product": old.product}
        client.prices.create({**dearer, "lookup_key": "fh_pro_month_base", "transfer_lookup_key": True})
        small.do("change", add_ons=["support"])
        client.prices.update(old.id, {"lookup_key": "fh_pro_month_base", "transfer_lookup_key": True})
        [made] = small.subscriptions()
        assert old.id in {item["price"]["id"] for item in made["items"]["data"]}


class TestDiscount:
    @pytest.fixture
    def code(self, till: Till) -> str:
        return till.code(percent_off=50, duration="forever")

    def test_is_taken_from_the_next_invoice_on(self, small: Till, code: str):
        assert preview(small, promotion_code=code)["at_renewal"]["total"] == 24_50
        job = small.do("change", promotion_code=code)
        assert job["result"]["outcome"] == "applied", job
        assert small.billing["discount"]["coupon_percent_off"] == 50
        later(small, dt.timedelta(days=18))
        assert small.invoices()[0]["total"] == 24_50

    def test_that_is_over_by_then_is_not_shown_at_the_renewal(self, small: Till):
        small.do("change", promotion_code=small.code(percent_off=25, duration="repeating", duration_in_months=3))
        assert preview(small, add_ons=["support"])["at_renewal"]["discount"] > 0, (
            "control: it is still there in two weeks"
        )
        shown = preview(small, interval="year")
        assert (shown["renews_at"][:10], shown["at_renewal"]["total"]) == ("2027-03-16", 490_00)
        small.do("change", preview=shown["id"])
        later(small, dt.timedelta(days=366))
        assert [each["total"] for each in small.invoices()[:1]] == [490_00]

    def test_that_holds_once_is_shown_where_it_is_taken(self, small: Till):
        code = small.code(percent_off=50, duration="once")
        upgrade, later_on = preview(small, plan="scale", promotion_code=code), preview(small, promotion_code=code)
        assert upgrade["due_now"]["total"] < preview(small, plan="scale")["due_now"]["total"]
        assert upgrade["at_renewal"]["total"] == 499_00
        assert later_on["at_renewal"]["total"] == 24_50

    def test_is_taken_from_an_upgrade(self, small: Till, code: str):
        whole, shown = preview(small, plan="scale"), preview(small, plan="scale", promotion_code=code)
        small.do("change", preview=shown["id"])
        assert small.invoices()[0]["amount_paid"] == shown["due_now"]["amount_due"] < whole["due_now"]["amount_due"]

    def test_goes(self, small: Till, code: str):
        small.do("change", promotion_code=code)
        small.do("change", remove_discount=True)
        assert small.billing["discount"] is None

    def test_by_a_code_that_there_is_not_changes_nothing(self, small: Till):
        job = small.do("change", plan="scale", promotion_code="NOTHING")
        assert (job["state"], small.billing["plan"]["id"]) == ("failed", "pro")
        assert job["reason"].startswith("This promotion code is unknown")


class TestWhoeverMaySeeNoJobs:
    def test_reads_what_came_of_it(self, subscriber: Till):
        person = subscriber.company.member("billing")
        asked = subscriber.company.call_as(person, "POST", "/v1/billing/change", body={"plan": "pro"})
        assert subscriber.company.call_as(person, "GET", f"/v1/jobs/{asked.json['id']}").status == 403
        subscriber.perform("billing.change")
        read = subscriber.company.call_as(person, "GET", f"/v1/billing/requests/{asked.json['id']}").json
        assert (read["state"], read["result"]["outcome"]) == ("succeeded", "scheduled")
        shown = subscriber.company.call_as(person, "GET", "/v1/billing").json["last_request"]
        assert (shown["what"], shown["state"], shown["result"]["outcome"]) == ("change", "done", "scheduled")


class TestCancel:
    def test_ends_when_what_is_paid_for_is_over(self, subscriber: Till):
        job = subscriber.do("cancel", reason="too_expensive", comment="It is.")
        assert job["result"]["outcome"] == "ends"
        shown = subscriber.billing
        assert (shown["plan"]["id"], shown["access"], shown["cancel_at"][:10]) == ("scale", "full", "2026-04-01")
        assert shown["next_invoice_at"] is None
        [made] = subscriber.subscriptions()
        assert made["cancellation_details"]["feedback"] == "too_expensive"
        later(subscriber, dt.timedelta(days=18))
        assert (subscriber.billing["plan"]["id"], subscriber.billing["status"]) == ("free", "canceled")

    def test_needs_no_body(self, subscriber: Till):
        assert subscriber.company.call("POST", "/v1/billing/cancel").status == 202
        subscriber.perform("billing.cancel")
        assert subscriber.billing["cancel_at"]

    def test_now_ends_now(self, subscriber: Till):
        job = subscriber.do("cancel", at_period_end=False)
        assert job["result"]["outcome"] == "ended"
        assert subscriber.billing["plan"]["id"] == "free"

    def test_is_taken_back_while_it_has_not_ended(self, subscriber: Till):
        subscriber.do("cancel")
        job = subscriber.do("resume")
        assert (job["result"]["outcome"], subscriber.billing["cancel_at"]) == ("goes_on", None)
        later(subscriber, dt.timedelta(days=18))
        assert subscriber.billing["status"] == "active"

    def test_that_has_ended_is_not_taken_back_but_begun_anew_without_a_trial(self, subscriber: Till):
        subscriber.do("cancel", at_period_end=False)
        job = subscriber.do("resume")
        assert (job["state"], "POST /v1/billing/checkout begins one" in job["reason"]) == ("failed", True)
        assert subscriber.checkout(plan="pro")["trial_days"] == 0

    def test_twice_is_once(self, subscriber: Till):
        assert [subscriber.do("cancel")["state"] for _ in range(2)] == ["succeeded"] * 2
        assert [subscriber.do("cancel", at_period_end=False)["state"] for _ in range(2)] == ["succeeded"] * 2


class TestLostAnswers:
    @pytest.mark.parametrize(
        "request_",
        ["GET /v1/subscriptions", "GET /v1/prices", "POST /v1/subscriptions/*", "GET /v1/customers/*"],
    )
    @pytest.mark.parametrize("fault", LOSSES)
    def test_an_upgrade_is_charged_once(self, small: Till, breaking: StripeDouble, request_: str, fault: Any):
        before = len(small.invoices())
        breaking.faults.add(request_, fault, times=3 if fault == "connection_reset_after" else 1)
        answer = small.post("change", plan="scale")
        tried = [small.perform("billing.change") for _ in range(4)]
        assert tried[0] == ["again"]
        assert small.job(answer.json["id"])["state"] == "succeeded"
        assert breaking.faults.waiting() == []
        assert len(small.invoices()) == before + 1
        assert small.billing["plan"]["id"] == "scale"

    @pytest.mark.parametrize(
        "request_",
        ["POST /v1/subscription_schedules", "POST /v1/subscription_schedules/*", "GET /v1/subscription_schedules/*"],
    )
    @pytest.mark.parametrize("fault", LOSSES)
    def test_a_downgrade_is_agreed_on_once(self, subscriber: Till, breaking: StripeDouble, request_: str, fault: Any):
        breaking.faults.add(request_, fault, times=3 if fault == "connection_reset_after" else 1)
        answer = subscriber.post("change", plan="pro")
        for _ in range(4):
            subscriber.perform("billing.change")
        assert subscriber.job(answer.json["id"])["result"]["outcome"] == "scheduled"
        [customer] = subscriber.customers()
        schedules = subscriber.account.client.v1.subscription_schedules.list({"customer": customer["id"]}).data
        assert len(schedules) == 1
        later(subscriber, dt.timedelta(days=18))
        assert subscriber.billing["plan"]["id"] == "pro"

    def test_a_failure_that_stripe_remembers_takes_another_key(self, small: Till, breaking: StripeDouble):
        before = len(small.invoices())
        breaking.faults.add("POST /v1/subscriptions/*", "500")
        answer = small.post("change", plan="scale")
        for _ in range(4):
            small.perform("billing.change")
        assert small.job(answer.json["id"])["state"] == "succeeded"
        assert len(small.invoices()) == before + 1

    @pytest.mark.parametrize("when", ["now", "period_end"])
    def test_a_cancellation_happens(self, subscriber: Till, breaking: StripeDouble, when: str):
        now = when == "now"
        breaking.faults.add("POST /v1/subscriptions/*", "500_after", times=3)
        breaking.faults.add("DELETE /v1/subscriptions/*", "connection_reset_after", times=3)
        answer = subscriber.post("cancel", at_period_end=not now)
        for _ in range(3):
            subscriber.perform("billing.cancel")
        assert subscriber.job(answer.json["id"])["state"] == "succeeded"
        [made] = subscriber.subscriptions()
        assert (made["status"] == "canceled") is now
        assert bool(made["cancel_at"]) or now


class TestTheLastRequest:
    @pytest.fixture
    def without(self, stocked: StripeAccount) -> Iterator[str]:
        """What is deployed has a price that Stripe is not told of yet; its key."""
        key, prices = "fh_scale_month_base", stocked.client.v1.prices
        price = prices.list({"lookup_keys": [key]}).data[0].id
        prices.update(price, {"active": False})
        yield key
        prices.update(price, {"active": True})

    def test_that_asked_for_nothing_has_failed(self, subscriber: Till):
        subscriber.do("change", preview=str(uuid4()))
        last = subscriber.billing["last_request"]
        assert (last["state"], last["result"]["reason"][:23]) == ("failed", "This preview is unknown")

    def test_that_stripe_never_answered_has_failed_and_can_be_run_again(self, subscriber: Till, breaking: StripeDouble):
        breaking.faults.add("GET /v1/subscriptions", "503", times=99)
        answer = subscriber.post("cancel")
        assert (subscriber.perform("billing.cancel"), subscriber.billing["last_request"]["state"]) == (
            ["again"],
            "begun",
        )
        almost_over(subscriber)
        assert (subscriber.perform("billing.cancel"), subscriber.billing["last_request"]["state"]) == (
            ["failed"],
            "failed",
        )
        breaking.faults.clear()
        assert subscriber.company.call("POST", f"/v1/jobs/{answer.json['id']}/retry").status == 200
        subscriber.perform("billing.cancel")
        assert subscriber.billing["last_request"]["state"] == "done"

    def test_that_needs_a_price_that_is_not_pushed_has_failed_with_its_job(self, small: Till, without: str):
        answer = small.post("change", plan="scale")
        assert (small.perform("billing.change"), small.billing["last_request"]["state"]) == (["again"], "begun")
        almost_over(small)
        small.perform("billing.change")
        last = small.billing["last_request"]
        assert (last["state"], last["result"]["reason"]) == ("failed", small.job(answer.json["id"])["reason"])
        assert last["result"]["reason"].startswith(f"The price {without} is not known")

    def test_whose_last_worker_was_lost_has_failed_with_its_job(self, subscriber: Till, breaking: StripeDouble):
        breaking.faults.add("GET /v1/subscriptions", "503", times=3)
        answer = subscriber.post("cancel")
        subscriber.perform("billing.cancel")
        almost_over(subscriber, left=0)
        assert subscriber.perform("billing.cancel") == ["failed"]
        last = subscriber.billing["last_request"]
        assert (last["state"], last["result"]["reason"]) == ("failed", "The worker that ran it was lost.")
        assert subscriber.company.call("POST", f"/v1/jobs/{answer.json['id']}/retry").status == 200
        subscriber.perform("billing.cancel")
        assert subscriber.billing["last_request"]["state"] == "done"

    def test_whose_job_was_canceled_is_closed_by_a_look(self, subscriber: Till, breaking: StripeDouble):
        breaking.faults.add("GET /v1/subscriptions", "503", times=3)
        answer = subscriber.post("cancel")
        subscriber.perform("billing.cancel")
        subscriber.sync()
        assert subscriber.billing["last_request"]["state"] == "begun", "it is to be tried again"
        assert subscriber.company.call("POST", f"/v1/jobs/{answer.json['id']}/cancel").status == 200
        subscriber.sync()
        last = subscriber.billing["last_request"]
        assert (last["state"], last["result"]["reason"]) == ("failed", "It was canceled before it was done.")

    def test_by_a_preview_that_is_over_since_it_was_begun_holds(self, small: Till, breaking: StripeDouble):
        shown = preview(small, plan="scale")
        breaking.faults.add("POST /v1/subscriptions/*", "connection_reset_after", times=3)
        answer = small.post("change", preview=shown["id"])
        small.perform("billing.change")
        old = "update app.billing_operations set created_at = now() - interval '2 hours' where kind = 'preview'"
        small.company.execute(f"{old} and tenant_id = %(tenant_id)s")
        small.perform("billing.change")
        assert small.job(answer.json["id"])["state"] == "succeeded"
        assert small.do("change", preview=shown["id"])["reason"][:23] == "This preview is unknown"


class TestWhoMay:
    @pytest.mark.parametrize("what", ["change", "cancel", "resume"])
    def test_nobody_changes_the_neighbours(self, subscriber: Till, globex: Company, what: str):
        body = {"plan": "pro"} if what == "change" else {}
        named = {"Freehold-Tenant": str(subscriber.company.id)}
        answer = globex.owner.call("POST", f"/v1/billing/{what}", body=body, headers=named)
        assert (answer.status, answer.code) == (403, "not_a_member")

    def test_the_neighbours_preview_is_as_unknown_as_none(self, subscriber: Till, globex: Company):
        other = Till(globex, subscriber.account)
        theirs = preview(other, plan="scale")["id"]
        for name in (theirs, str(uuid4())):
            job = subscriber.do("change", preview=name)
            assert (job["state"], job["reason"][:23]) == ("failed", "This preview is unknown")

    @pytest.mark.parametrize("what", ["change", "cancel", "resume"])
    def test_without_a_subscription_there_is_nothing_to_change(self, till: Till, what: str):
        answer = till.post(what, **({"plan": "pro"} if what == "change" else {}))
        assert (answer.status, answer.code) == (409, "not_subscribed")

    def test_who_lost_the_permission_since_changes_nothing(self, subscriber: Till):
        person = subscriber.company.member("billing")
        answer = subscriber.company.call_as(person, "POST", "/v1/billing/cancel", body={})
        assert answer.status == 202
        subscriber.company.execute(
            "update app.members set role = 'viewer' where subject = %(subject)s", subject=person.subject
        )
        subscriber.perform("billing.cancel")
        assert subscriber.job(answer.json["id"])["state"] == "failed"
        assert subscriber.billing["cancel_at"] is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"preview": "the last one"},
            {"plan": ""},
            {"seats": -3},
            {"seats": 0},
            {"interval": "decade"},
            {"promotion_code": "A", "remove_discount": True},
            {"proration_date": 1},
            {"price": "price_x"},
        ],
    )
    def test_in_other_words_is_refused(self, till: Till, wrong: dict[str, Any]):
        assert till.post("change", **wrong).status == 422

    def test_a_plan_that_is_not_sold_fails_with_those_that_are(self, small: Till):
        job = small.do("change", plan="gold")
        assert (job["state"], "There are: pro, scale." in job["reason"]) == ("failed", True)

    def test_the_same_key_asks_once(self, subscriber: Till):
        once = {"Idempotency-Key": "k"}
        first, second = (subscriber.company.call("POST", "/v1/billing/cancel", body={}, headers=once) for _ in range(2))
        assert first.json["id"] == second.json["id"]
        assert second.headers["idempotency-replayed"] == "true"
