"""The life of a customer at Stripe, on a test clock; every invoice is compared with what was worked out by hand.

The double and Stripe itself have to agree with these figures alike. January 2026 has 31 days, so that the middle of a
period from the 15th to the 15th is the 30th at noon.
"""

import datetime as dt
from typing import Any

import pytest
import stripe

from tests.billing.account import StripeAccount

BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
FAILS = "pm_card_chargeCustomerFail"
LATER = dt.timedelta(hours=2)
"""After which a renewal's invoice, an hour in draft, is final."""


def on(month: int, day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=dt.UTC)


class Life:
    """One customer, and what is asked most often."""

    def __init__(self, account: StripeAccount) -> None:
        self.account, self.v1 = account, account.client.v1
        self.product = self.v1.products.create({"name": "Freehold"}).id
        self.customer: str = account.customer(at=BEGIN)["id"]
        self.subscription = ""

    def price(self, amount: int, interval: str = "month", **more: Any) -> str:
        wanted = {
            "product": self.product,
            "currency": "usd",
            "unit_amount": amount,
            "recurring": {"interval": interval},
        }
        return self.v1.prices.create({**wanted, **more}).id

    def subscribe(self, *prices: str, quantity: int | None = None, **more: Any) -> dict[str, Any]:
        items = [{"price": price, **({"quantity": quantity} if quantity else {})} for price in prices]
        made = self.v1.subscriptions.create({"customer": self.customer, "items": items, **more})
        self.subscription = made.id
        return made.to_dict()

    def change(self, **changes: Any) -> dict[str, Any]:
        return self.v1.subscriptions.update(self.subscription, changes).to_dict()

    def shown(self) -> dict[str, Any]:
        return self.v1.subscriptions.retrieve(self.subscription, {"expand": ["latest_invoice"]}).to_dict()

    def item(self, at: int = 0) -> str:
        return self.shown()["items"]["data"][at]["id"]

    def invoices(self) -> list[dict[str, Any]]:
        """Oldest first."""
        listed = self.v1.invoices.list({"customer": self.customer, "limit": 100}).data
        return [one.to_dict() for one in reversed(listed)]

    def bills(self) -> list[tuple[int, str]]:
        return [(one["total"], one["status"]) for one in self.invoices()]

    def go(self, to: dt.datetime) -> None:
        self.account.advance(self.customer, to)


@pytest.fixture
def life(stripe_account):
    return Life(stripe_account)


class TestMonthly:
    def test_trial_upgrade_failure_recovery_coupon_and_end(self, life):
        basic, pro = life.price(3000), life.price(6000)

        assert life.subscribe(basic, trial_period_days=14)["status"] == "trialing"
        assert life.bills() == [(0, "paid")]

        life.go(on(1, 15) + LATER)
        assert (life.shown()["status"], life.bills()[1:]) == ("active", [(3000, "paid")])

        life.go(on(1, 30, 12))
        life.change(items=[{"id": life.item(), "price": pro}], proration_behavior="always_invoice")
        assert life.bills()[2:] == [(6000 // 2 - 3000 // 2, "paid")]
        assert sorted(line["amount"] for line in life.invoices()[2]["lines"]["data"]) == [-1500, 3000]

        life.go(on(2, 15) + LATER)
        assert life.bills()[3:] == [(6000, "paid")]

        life.go(on(3, 1))
        life.account.pay_with(life.customer, FAILS)
        life.go(on(3, 15) + LATER)
        late = life.shown()
        assert (late["status"], late["latest_invoice"]["status"]) == ("past_due", "open")
        assert (late["latest_invoice"]["attempt_count"], late["latest_invoice"]["amount_remaining"]) == (1, 6000)

        life.account.pay_with(life.customer, "pm_card_visa")
        life.v1.invoices.pay(late["latest_invoice"]["id"])
        assert (life.shown()["status"], life.bills()[4:]) == ("active", [(6000, "paid")])

        coupon = life.v1.coupons.create({"percent_off": 25, "duration": "once"})
        life.change(discounts=[{"coupon": coupon.id}])
        life.go(on(4, 15) + LATER)
        assert life.bills()[5:] == [(4500, "paid")]
        assert life.invoices()[5]["total_discount_amounts"][0]["amount"] == 1500

        life.change(cancel_at_period_end=True)
        assert life.shown()["status"] == "active"
        life.go(on(5, 15) + LATER)
        assert life.shown()["status"] == "canceled"
        assert [total for total, _ in life.bills()] == [0, 3000, 1500, 6000, 6000, 4500]
        assert sum(one["amount_paid"] for one in life.invoices()) == 21_000

    def test_events_tell_all_of_it(self, life):
        life.subscribe(life.price(3000), trial_period_days=14)
        life.go(on(1, 15) + LATER)
        types = {event["type"] for event in life.account.events(life.customer)}
        assert types >= {
            "customer.created",
            "customer.subscription.created",
            "customer.subscription.trial_will_end",
            "customer.subscription.updated",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_succeeded",
        }


class TestFailedUpgrade:
    def test_keeps_the_old_plan_until_it_is_paid(self, life):
        basic, pro = life.price(3000), life.price(6000)
        life.subscribe(basic)
        life.go(on(1, 16, 12))
        life.account.pay_with(life.customer, FAILS)
        upgrade = {"items": [{"id": life.item(), "price": pro}], "proration_behavior": "always_invoice"}
        asked = life.change(**upgrade, payment_behavior="pending_if_incomplete")
        assert asked["pending_update"]
        assert (asked["status"], asked["items"]["data"][0]["price"]["id"]) == ("active", basic)
        assert life.bills() == [(3000, "paid"), (1500, "open")]

        life.account.pay_with(life.customer, "pm_card_visa")
        life.v1.invoices.pay(life.invoices()[1]["id"])
        paid = life.shown()
        assert (paid["pending_update"], paid["items"]["data"][0]["price"]["id"]) == (None, pro)

    def test_with_a_card_that_pays_is_at_once(self, life):
        basic, pro = life.price(3000), life.price(6000)
        life.subscribe(basic)
        life.go(on(1, 16, 12))
        upgrade = {"items": [{"id": life.item(), "price": pro}], "proration_behavior": "always_invoice"}
        asked = life.change(**upgrade, payment_behavior="pending_if_incomplete")
        assert (asked["pending_update"], asked["items"]["data"][0]["price"]["id"]) == (None, pro)
        assert life.bills() == [(3000, "paid"), (1500, "paid")]


class TestYearly:
    def test_begins_a_new_period_and_returns_what_was_not_used(self, life):
        monthly, yearly = life.price(3000), life.price(60_000, "year")
        life.subscribe(monthly)
        life.go(on(1, 16, 12))
        life.change(items=[{"id": life.item(), "price": yearly}], proration_behavior="always_invoice")
        assert life.bills() == [(3000, "paid"), (60_000 - 1500, "paid")]
        period = life.shown()["items"]["data"][0]
        assert dt.datetime.fromtimestamp(period["current_period_end"], dt.UTC) == on(1, 16, 12).replace(year=2027)

    def test_is_previewed_to_the_cent(self, life):
        monthly, yearly = life.price(3000), life.price(60_000, "year")
        life.subscribe(monthly)
        life.go(on(1, 16, 12))
        details = {"items": [{"id": life.item(), "price": yearly}], "proration_behavior": "always_invoice"}
        asked = {"customer": life.customer, "subscription": life.subscription, "subscription_details": details}
        assert life.v1.invoices.create_preview(asked).total == 58_500
        assert life.bills() == [(3000, "paid")], "a preview changes nothing"
        assert life.shown()["items"]["data"][0]["price"]["id"] == monthly


class TestSeats:
    def test_that_come_in_the_middle_cost_half_with_the_next_invoice(self, life):
        seat = life.price(1000)
        life.subscribe(seat, quantity=5)
        life.go(on(1, 16, 12))
        life.change(items=[{"id": life.item(), "quantity": 8}], proration_behavior="create_prorations")
        assert life.bills() == [(5000, "paid")]
        life.go(on(2, 1) + LATER)
        assert life.bills()[1:] == [(8000 + 3 * 500, "paid")]


class TestUsage:
    def test_is_billed_behind_the_free_tier(self, life):
        name = f"calls_{life.customer}"
        meter = life.v1.billing.meters.create(
            {"display_name": "Calls", "event_name": name, "default_aggregation": {"formula": "sum"}}
        )
        tiers = [{"up_to": 10_000, "unit_amount": 0}, {"up_to": "inf", "unit_amount_decimal": "0.1"}]
        metered = life.v1.prices.create(
            {
                "product": life.product,
                "currency": "usd",
                "billing_scheme": "tiered",
                "tiers_mode": "graduated",
                "tiers": tiers,
                "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
            }
        ).id
        life.subscribe(life.price(3000), metered)
        life.go(on(1, 20))
        for at, value in enumerate((20_000, 5_000)):
            payload = {"stripe_customer_id": life.customer, "value": str(value)}
            event = {"event_name": name, "payload": payload, "identifier": f"{life.customer}-{at}"}
            life.v1.billing.meter_events.create({**event, "timestamp": int(on(1, 19).timestamp())})
        life.go(on(2, 1) + LATER)
        assert life.bills() == [(3000, "paid"), (3000 + 15_000 // 10, "paid")]

    def test_of_one_identifier_counts_once(self, life):
        name = f"calls_{life.customer}"
        life.v1.billing.meters.create(
            {"display_name": "Calls", "event_name": name, "default_aggregation": {"formula": "sum"}}
        )
        event = {
            "event_name": name,
            "identifier": "same",
            "payload": {"stripe_customer_id": life.customer, "value": "5"},
        }
        life.v1.billing.meter_events.create(event)
        with pytest.raises(stripe.InvalidRequestError):
            life.v1.billing.meter_events.create(event)


class TestDunning:
    def test_ends_as_the_account_says_when_no_retry_is_left(self, life, stripe_double):
        life.subscribe(life.price(3000))
        life.account.pay_with(life.customer, FAILS)
        life.go(on(2, 1) + LATER)
        assert life.shown()["status"] == "past_due"
        life.go(on(3, 1))
        assert life.shown()["status"] in {"canceled", "unpaid", "past_due"}
        assert life.invoices()[1]["attempt_count"] == 1 + len(stripe_double.engine.settings.retry_days)
