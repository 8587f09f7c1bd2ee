"""Schedules: what a subscription becomes when its period is over."""

import pytest

from local.stripe_double.refusals import Refused
from tests.local.stripe_double.shop import DAY, HOUR, START, amounts


def scheduled(shop, subscription, *items):
    """The period that runs as it is, then other items."""
    schedule = shop.post("/v1/subscription_schedules", from_subscription=subscription["id"])
    first = schedule["phases"][0]
    phases = [
        {"start_date": str(first["start_date"]), "end_date": str(first["end_date"]), "items": first["items"]},
        {"items": list(items), "duration": {"interval": "month"}},
    ]
    return shop.post(f"/v1/subscription_schedules/{schedule['id']}", phases=phases, end_behavior="release")


class TestSchedules:
    def test_the_next_phase_begins_with_the_period_and_the_last_one_lets_go(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(9900))
        schedule = scheduled(shop, subscription, {"price": shop.price(4900), "quantity": "2"})
        shop.go(30 * DAY)
        assert amounts(shop.invoice(subscription)) == [9900]
        shop.go(31 * DAY + HOUR)
        assert amounts(shop.invoice(subscription)) == [9800]
        assert shop.get(f"/v1/subscription_schedules/{schedule['id']}")["status"] == "active"
        shop.go(60 * DAY)
        assert shop.get(f"/v1/subscription_schedules/{schedule['id']}")["status"] == "released"
        assert (shop.subscription(subscription)["schedule"], amounts(shop.invoice(subscription))) == (None, [9800])

    def test_another_interval_counts_from_the_phase(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(9900))
        scheduled(shop, subscription, {"price": shop.price(99000, "year"), "quantity": "1"})
        shop.go(31 * DAY + HOUR)
        after = shop.subscription(subscription)
        assert (after["billing_cycle_anchor"], amounts(shop.invoice(subscription))) == (START + 31 * DAY, [99000])
        assert after["items"]["data"][0]["current_period_end"] == START + (31 + 365) * DAY

    def test_the_next_invoice_is_previewed_with_it(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(9900))
        scheduled(shop, subscription, {"price": shop.price(4900), "quantity": "1"})
        preview = shop.post("/v1/invoices/create_preview", subscription=subscription["id"])
        assert amounts(preview) == [4900]

    def test_it_lets_go_on_demand(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(9900))
        schedule = scheduled(shop, subscription, {"price": shop.price(4900), "quantity": "1"})
        with pytest.raises(Refused, match="managed by the subscription schedule"):
            shop.change(subscription, cancel_at_period_end="true")
        shop.post(f"/v1/subscription_schedules/{schedule['id']}/release")
        shop.go(32 * DAY)
        assert amounts(shop.invoice(subscription)) == [9900]

    def test_it_ends_with_the_subscription(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(9900))
        schedule = scheduled(shop, subscription, {"price": shop.price(4900), "quantity": "1"})
        shop.delete(f"/v1/subscriptions/{subscription['id']}")
        assert shop.get(f"/v1/subscription_schedules/{schedule['id']}")["status"] == "canceled"
