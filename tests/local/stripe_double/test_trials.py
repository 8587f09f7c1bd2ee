"""Trials: nothing to pay, a word three days before, and what happens at the end."""

import pytest

from local.stripe_double.refusals import Refused
from tests.local.stripe_double.shop import DAY, HOUR, START, amounts, item


class TestTrials:
    def test_the_first_invoice_is_nothing_and_paid(self, shop):
        subscription = shop.subscribe(shop.customer(None), (shop.price(1500), 3), trial_period_days="14")
        invoice = shop.invoice(subscription)
        assert (subscription["status"], subscription["trial_end"]) == ("trialing", START + 14 * DAY)
        assert (invoice["total"], invoice["status"], amounts(invoice)) == (0, "paid", [0])
        assert subscription["items"]["data"][0]["current_period_end"] == START + 14 * DAY

    def test_three_days_before_the_end_it_is_announced_once(self, shop):
        shop.subscribe(shop.customer(), shop.price(4900), trial_period_days="14")
        shop.heard()
        shop.go(11 * DAY - 1)
        assert "customer.subscription.trial_will_end" not in shop.heard()
        shop.go(11 * DAY)
        assert shop.heard().count("customer.subscription.trial_will_end") == 1
        shop.go(13 * DAY)
        assert "customer.subscription.trial_will_end" not in shop.heard()

    def test_a_short_one_is_announced_at_once(self, shop):
        shop.subscribe(shop.customer(), shop.price(4900), trial_period_days="2")
        assert shop.heard().count("customer.subscription.trial_will_end") == 1

    def test_with_a_card_it_becomes_active_and_paid(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900), trial_period_days="14")
        shop.go(14 * DAY + HOUR)
        after = shop.subscription(subscription)
        assert (after["status"], after["billing_cycle_anchor"]) == ("active", START + 14 * DAY)
        assert (shop.invoice(subscription)["total"], shop.invoice(subscription)["status"]) == (4900, "paid")

    @pytest.mark.parametrize(
        ("wanted", "status"), [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")]
    )
    def test_without_one_it_does_what_was_asked(self, shop, wanted, status):
        settings = {"end_behavior": {"missing_payment_method": wanted}}
        subscription = shop.subscribe(
            shop.customer(None), shop.price(4900), trial_period_days="14", trial_settings=settings
        )
        shop.go(14 * DAY + HOUR)
        assert shop.subscription(subscription)["status"] == status

    def test_a_paused_one_resumes_with_a_card(self, shop):
        customer = shop.customer(None)
        settings = {"end_behavior": {"missing_payment_method": "pause"}}
        subscription = shop.subscribe(customer, shop.price(4900), trial_period_days="14", trial_settings=settings)
        shop.go(20 * DAY)
        with pytest.raises(Refused, match="payment source"):
            shop.post(f"/v1/subscriptions/{subscription['id']}/resume", payment_behavior="resume_on_payment_success")
        assert shop.subscription(subscription)["status"] == "paused"
        shop.pay_with(customer, "pm_card_visa")
        resumed = shop.post(
            f"/v1/subscriptions/{subscription['id']}/resume", payment_behavior="resume_on_payment_success"
        )
        assert (resumed["status"], resumed["billing_cycle_anchor"]) == ("active", START + 20 * DAY)
        assert shop.invoice(subscription)["total"] == 4900

    def test_a_change_of_plan_meanwhile_costs_nothing(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900), trial_period_days="14")
        shop.go(5 * DAY)
        changed = shop.change(
            subscription,
            items=[{"id": item(subscription), "price": shop.price(99000, "year")}],
            proration_behavior="always_invoice",
        )
        assert (changed["status"], changed["latest_invoice"]) == ("trialing", subscription["latest_invoice"])
        shop.go(14 * DAY + HOUR)
        assert amounts(shop.invoice(subscription)) == [99000]
        assert shop.subscription(subscription)["items"]["data"][0]["current_period_end"] == START + 379 * DAY

    def test_it_can_end_now(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900), trial_period_days="14")
        shop.go(5 * DAY)
        changed = shop.change(subscription, trial_end="now")
        assert (changed["status"], changed["trial_end"]) == ("active", START + 5 * DAY)
        assert (amounts(shop.invoice(subscription)), shop.invoice(subscription)["status"]) == ([4900], "paid")
        assert changed["items"]["data"][0]["current_period_end"] == START + 36 * DAY

    def test_it_can_be_made_longer(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900), trial_period_days="14")
        shop.go(12 * DAY)
        shop.change(subscription, trial_end=str(START + 30 * DAY))
        shop.heard()
        shop.go(27 * DAY)
        assert shop.heard().count("customer.subscription.trial_will_end") == 1
        assert shop.subscription(subscription)["status"] == "trialing"
        shop.go(30 * DAY + HOUR)
        assert shop.subscription(subscription)["status"] == "active"

    def test_canceled_at_its_end_nothing_was_ever_paid(self, shop):
        customer = shop.customer()
        subscription = shop.subscribe(customer, shop.price(4900), trial_period_days="14")
        shop.change(subscription, cancel_at_period_end="true")
        shop.go(20 * DAY)
        assert shop.subscription(subscription)["status"] == "canceled"
        assert [each["total"] for each in shop.get("/v1/invoices", customer=customer)["data"]] == [0]
