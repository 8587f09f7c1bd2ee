"""Random histories: whatever a customer does, the sums agree and a preview says what then happens.

HISTORIES=2000 plays more of them.
"""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from local.stripe_double.refusals import Refused
from tests.local.stripe_double.shop import DAY, HOUR, Shop, amounts, item

HISTORIES = int(os.environ.get("HISTORIES", "40"))
_SENT = ("open", "paid", "uncollectible")


class History:
    """One customer with one subscription, to whom things happen."""

    def __init__(self, seed: int) -> None:
        self.random, self.shop, self.seconds = random.Random(seed), Shop(), 0  # noqa: S311 - the same each time
        self.monthly = [self.shop.price(each) for each in (0, 1, 999, 4900, 9900)]
        self.yearly = [self.shop.price(each, "year") for each in (49000, 99000)]
        self.usage = self.shop.metered("0.7", self.shop.meter())
        self.coupon = self.shop.post("/v1/coupons", percent_off="33", duration="repeating", duration_in_months="2")[
            "id"
        ]
        self.customer = self.shop.customer()
        trial = {"trial_period_days": "7"} if self.random.random() < 0.3 else {}
        prices = [(self.random.choice(self.monthly), 1), self.usage]
        self.subscription = self.shop.subscribe(self.customer, *prices, **trial)

    def step(self) -> None:
        moves = (self.wait, self.wait, self.seats, self.plan, self.card, self.use, self.discount, self.leave, self.pay)
        with suppress(Refused):
            self.random.choice(moves)()

    def wait(self) -> None:
        self.seconds += self.random.choice((60, 2 * HOUR, 5 * DAY, 17 * DAY + 1234, 40 * DAY))
        self.shop.go(self.seconds)

    def seats(self) -> None:
        self.alter([{"id": item(self.now()), "quantity": str(self.random.randint(0, 9))}])

    def plan(self) -> None:
        price = self.random.choice([*self.monthly, *self.yearly])
        self.alter([{"id": item(self.now()), "price": price}])

    def alter(self, items) -> None:
        change = {
            "items": items,
            "proration_behavior": self.random.choice(("always_invoice", "create_prorations", "none")),
        }
        preview = self.shop.post(
            "/v1/invoices/create_preview", subscription=self.subscription["id"], subscription_details=change
        )
        before = self.now()["latest_invoice"]
        behaviors = ("allow_incomplete", "pending_if_incomplete", "error_if_incomplete")
        after = self.shop.change(self.subscription, **change, payment_behavior=self.random.choice(behaviors))
        if after["latest_invoice"] != before:
            invoice = self.shop.get(f"/v1/invoices/{after['latest_invoice']}")
            assert amounts(invoice) == amounts(preview)[:10]
            assert invoice["amount_due"] == preview["amount_due"]

    def card(self) -> None:
        self.shop.pay_with(self.customer, self.random.choice(("pm_card_visa", "pm_card_chargeCustomerFail")))

    def use(self) -> None:
        payload = {"stripe_customer_id": self.customer, "value": str(self.random.randint(1, 5000))}
        self.shop.post("/v1/billing/meter_events", event_name="calls", payload=payload)

    def discount(self) -> None:
        self.shop.change(self.subscription, discounts=self.random.choice(("", [{"coupon": self.coupon}])))

    def leave(self) -> None:
        if self.random.random() < 0.02:
            self.shop.delete(f"/v1/subscriptions/{self.subscription['id']}", prorate="true", invoice_now="true")
        else:
            self.shop.change(self.subscription, cancel_at_period_end=self.random.choice(("true", "false")))

    def pay(self) -> None:
        good = self.shop.post("/v1/payment_methods/pm_card_visa/attach", customer=self.customer)["id"]
        for each in self.invoices(status="open"):
            choice = self.random.choice(("pay", "void", "leave"))
            if choice == "pay":
                self.shop.post(f"/v1/invoices/{each['id']}/pay", payment_method=good)
            elif choice == "void":
                self.shop.post(f"/v1/invoices/{each['id']}/void")

    def now(self):
        return self.shop.subscription(self.subscription)

    def invoices(self, **filters):
        found = []
        while True:
            after = {"starting_after": found[-1]["id"]} if found else {}
            page = self.shop.get("/v1/invoices", customer=self.customer, limit="100", **after, **filters)
            found += page["data"]
            if not page["has_more"]:
                return found

    def check(self) -> None:
        sent = [each for each in self.invoices() if each["status"] in _SENT]
        for each in sent:
            off = sum(part["amount"] for part in each["total_discount_amounts"])
            assert each["total"] == each["subtotal"] - off
            lines = self.shop.get(f"/v1/invoices/{each['id']}/lines", limit="100")["data"]
            assert each["subtotal"] == sum(line["amount"] for line in lines)
            assert each["amount_due"] == each["total"] + each["starting_balance"] - each["ending_balance"]
            assert each["amount_due"] == 0 or each["amount_due"] >= 50
            paid = each["amount_due"] if each["status"] == "paid" else 0
            assert (each["amount_paid"], each["amount_remaining"]) == (paid, each["amount_due"] - paid)
        balance = self.shop.get(f"/v1/customers/{self.customer}")["balance"]
        assert balance == sum(each["total"] for each in sent) - sum(each["amount_due"] for each in sent)
        charged = [each["amount"] for each in self.charges() if each["paid"]]
        assert sum(charged) == sum(each["amount_paid"] for each in sent)
        numbers = [each["number"] for each in self.invoices() if each["number"]]
        assert len(numbers) == len(set(numbers))

    def charges(self):
        return self.shop.get("/v1/charges", customer=self.customer, limit="100")["data"]


class TestHistories:
    @pytest.mark.parametrize("seed", range(HISTORIES))
    def test_sums_agree_and_previews_come_true(self, seed):
        history = History(seed)
        for _ in range(25):
            history.step()
            history.check()


class TestManyAtOnce:
    def test_requests_of_many_threads_are_as_if_one_after_the_other(self, shop):
        price, started = shop.price(4900), len(shop.events)

        def buy(_: int) -> str:
            return shop.subscribe(shop.customer(), price)["status"]

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(buy, range(40))) == ["active"] * 40
        told = [each["type"] for each in shop.events[started:]]
        assert told.count("customer.subscription.created") == told.count("invoice.paid") == 40
        assert len({each["id"] for each in shop.events}) == len(shop.events)
