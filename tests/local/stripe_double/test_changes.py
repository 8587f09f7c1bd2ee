"""Upgrades, downgrades, seats and intervals: what they cost, and what happens where the card declines."""

import pytest

from local.stripe_double.refusals import Refused
from tests.local.stripe_double.shop import DAY, HOUR, START, amounts, item


class TestUpgrades:
    def test_parts_of_the_period_wait_for_the_next_invoice(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        shop.go(10 * DAY)
        changed = shop.change(subscription, items=[{"id": item(subscription), "price": shop.price(9900)}])
        assert changed["latest_invoice"] == subscription["latest_invoice"]
        shop.go(32 * DAY)
        invoice = shop.invoice(subscription)
        assert amounts(invoice) == [-3319, 6706, 9900]  # 21 of 31 days of 4900 and of 9900: 3319.35 and 6706.45
        assert [line["parent"]["subscription_item_details"]["proration"] for line in invoice["lines"]["data"]] == [
            True,
            True,
            False,
        ]
        assert invoice["total"] == 13287

    def test_or_are_billed_at_once(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        shop.go(10 * DAY)
        shop.change(
            subscription,
            items=[{"id": item(subscription), "price": shop.price(9900)}],
            proration_behavior="always_invoice",
        )
        invoice = shop.invoice(subscription)
        assert (invoice["status"], invoice["billing_reason"]) == ("paid", "subscription_update")
        assert amounts(invoice) == [-3319, 6706]
        shop.go(32 * DAY)
        assert amounts(shop.invoice(subscription)) == [9900]

    def test_or_not_at_all(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        shop.go(10 * DAY)
        shop.change(
            subscription, items=[{"id": item(subscription), "price": shop.price(9900)}], proration_behavior="none"
        )
        shop.go(32 * DAY)
        assert amounts(shop.invoice(subscription)) == [9900]

    def test_twice_in_a_period_gives_back_what_was_really_charged(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(3100))
        at_once = {"proration_behavior": "always_invoice"}
        shop.go(10 * DAY)
        shop.change(subscription, items=[{"id": item(subscription), "price": shop.price(6200)}], **at_once)
        assert amounts(shop.invoice(subscription)) == [-2100, 4200]
        shop.go(20 * DAY)
        shop.change(subscription, items=[{"id": item(subscription), "price": shop.price(9300)}], **at_once)
        assert amounts(shop.invoice(subscription)) == [-2200, 3300]  # 11 of the 21 days that 4200 paid for

    def test_a_downgrade_is_credited_to_the_customer_s_balance_and_used_up(self, shop):
        customer = shop.customer()
        subscription = shop.subscribe(customer, shop.price(9300))
        shop.go(10 * DAY)
        shop.change(
            subscription,
            items=[{"id": item(subscription), "price": shop.price(3100)}],
            proration_behavior="always_invoice",
        )
        invoice = shop.invoice(subscription)
        assert (amounts(invoice), invoice["total"], invoice["amount_due"]) == ([-6300, 2100], -4200, 0)
        assert (invoice["status"], invoice["ending_balance"]) == ("paid", -4200)
        shop.go(32 * DAY)
        assert shop.invoice(subscription)["amount_due"] == 0
        assert shop.get(f"/v1/customers/{customer}")["balance"] == -1100
        shop.go(60 * DAY)
        assert shop.invoice(subscription)["amount_due"] == 2000
        assert shop.get(f"/v1/customers/{customer}")["balance"] == 0
        moved = shop.get(f"/v1/customers/{customer}/balance_transactions")["data"]
        assert [each["amount"] for each in moved] == [1100, 3100, -4200]

    def test_at_the_moment_that_was_previewed(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        shop.go(10 * DAY)
        shop.change(
            subscription,
            items=[{"id": item(subscription), "price": shop.price(9900)}],
            proration_behavior="always_invoice",
            proration_date=str(START + 5 * DAY),
        )
        assert amounts(shop.invoice(subscription)) == [-4110, 8303]  # 26 of 31 days: 4109.68 and 8303.23

    @pytest.mark.parametrize("at", [START - 1, START + 31 * DAY + 1])
    def test_but_not_at_one_outside_of_the_period(self, shop, at):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        with pytest.raises(Refused, match="proration date"):
            shop.change(
                subscription, items=[{"id": item(subscription), "price": shop.price(9900)}], proration_date=str(at)
            )


class TestSeats:
    def test_more_seats_are_paid_for_the_rest_of_the_period(self, shop):
        subscription = shop.subscribe(shop.customer(), (shop.price(1500), 3))
        shop.go(10 * DAY)
        shop.change(
            subscription, items=[{"id": item(subscription), "quantity": "5"}], proration_behavior="always_invoice"
        )
        invoice = shop.invoice(subscription)
        assert amounts(invoice) == [-3048, 5081]  # 4500 and 7500 times 21/31: 3048.39 and 5080.65
        text = "Unused time on 3 \N{MULTIPLICATION SIGN} Pro after 11 Jan 2026"
        assert invoice["lines"]["data"][0]["description"] == text

    def test_an_item_comes_and_goes(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(3100))
        shop.go(10 * DAY)
        added = shop.change(subscription, items=[{"price": shop.price(6200)}], proration_behavior="always_invoice")
        assert amounts(shop.invoice(subscription)) == [4200]
        assert added["items"]["data"][1]["current_period_end"] == START + 31 * DAY
        shop.go(20 * DAY)
        shop.delete(f"/v1/subscription_items/{item(added, 1)}", proration_behavior="always_invoice")
        assert amounts(shop.invoice(subscription)) == [-2200]
        assert len(shop.subscription(subscription)["items"]["data"]) == 1

    def test_the_same_quantity_again_changes_nothing(self, shop):
        subscription = shop.subscribe(shop.customer(), (shop.price(1500), 3))
        shop.heard()
        shop.change(
            subscription, items=[{"id": item(subscription), "quantity": "3"}], proration_behavior="always_invoice"
        )
        assert shop.heard() == []

    def test_the_last_item_stays(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(1500))
        with pytest.raises(Refused, match="at least one"):
            shop.change(subscription, items=[{"id": item(subscription), "deleted": "true"}])
        assert len(shop.subscription(subscription)["items"]["data"]) == 1


class TestIntervals:
    def test_from_month_to_year_a_year_begins_now(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(3100))
        shop.go(10 * DAY)
        changed = shop.change(subscription, items=[{"id": item(subscription), "price": shop.price(36500, "year")}])
        invoice = shop.invoice(subscription)
        assert (amounts(invoice), invoice["status"]) == ([-2100, 36500], "paid")
        assert changed["billing_cycle_anchor"] == START + 10 * DAY
        assert changed["items"]["data"][0]["current_period_end"] == START + 375 * DAY

    def test_and_back_the_year_s_rest_is_credit(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(36500, "year"))
        shop.go(100 * DAY)
        shop.change(subscription, items=[{"id": item(subscription), "price": shop.price(3100)}])
        invoice = shop.invoice(subscription)
        assert (amounts(invoice), invoice["total"]) == ([-26500, 3100], -23400)

    def test_a_yearly_base_and_monthly_seats_bill_each_by_itself(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(36500, "year"), (shop.price(1000), 2))
        assert shop.invoice(subscription)["total"] == 38500
        shop.go(32 * DAY)
        assert amounts(shop.invoice(subscription)) == [2000]
        shop.go(366 * DAY)
        assert sorted(amounts(shop.invoice(subscription))) == [2000, 36500]

    def test_the_billing_day_can_be_now(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(3100))
        shop.go(10 * DAY)
        shop.change(subscription, billing_cycle_anchor={"type": "now"})
        assert amounts(shop.invoice(subscription)) == [-2100, 3100]


class TestPreviews:
    def test_it_says_exactly_what_the_change_then_costs_and_changes_nothing(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900), (shop.price(1500), 3))
        shop.go(10 * DAY + 12345)
        change = {
            "items": [
                {"id": item(subscription), "price": shop.price(9900)},
                {"id": item(subscription, 1), "quantity": "7"},
            ],
            "proration_behavior": "always_invoice",
        }
        shop.heard()
        preview = shop.post("/v1/invoices/create_preview", subscription=subscription["id"], subscription_details=change)
        assert shop.heard() == []
        assert shop.subscription(subscription) == subscription
        shop.change(subscription, **change)
        invoice = shop.invoice(subscription)
        assert (amounts(preview), preview["amount_due"]) == (amounts(invoice), invoice["amount_due"])

    def test_the_next_invoice_holds_what_waits(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        shop.go(10 * DAY)
        shop.change(subscription, items=[{"id": item(subscription), "price": shop.price(9900)}])
        preview = shop.post("/v1/invoices/create_preview", subscription=subscription["id"])
        assert (amounts(preview), preview["billing_reason"]) == ([-3319, 6706, 9900], "upcoming")
        shop.go(32 * DAY)
        assert amounts(shop.invoice(subscription)) == amounts(preview)

    def test_of_a_subscription_that_is_not_there_yet(self, shop):
        customer, price = shop.customer(None), shop.price(4900)
        preview = shop.post(
            "/v1/invoices/create_preview", customer=customer, subscription_details={"items": [{"price": price}]}
        )
        assert preview["total"] == 4900
        assert shop.get("/v1/subscriptions", customer=customer, status="all")["data"] == []

    def test_one_that_ends_has_none(self, shop):
        subscription = shop.change(shop.subscribe(shop.customer(), shop.price(4900)), cancel_at_period_end="true")
        with pytest.raises(Refused) as refused:
            shop.post("/v1/invoices/create_preview", subscription=subscription["id"])
        assert refused.value.code == "invoice_upcoming_none"


class TestDeclines:
    def upgrade(self, shop, subscription, behavior):
        return shop.change(
            subscription,
            items=[{"id": item(subscription), "price": shop.price(9900)}],
            proration_behavior="always_invoice",
            payment_behavior=behavior,
        )

    @pytest.fixture
    def subscription(self, shop):
        """Paid for, with a card that has gone bad since."""
        customer = shop.customer()
        made = shop.subscribe(customer, shop.price(4900))
        shop.go(10 * DAY)
        shop.pay_with(customer, "pm_card_chargeCustomerFail")
        return made

    def test_pending_keeps_the_old_plan_until_the_invoice_is_paid(self, shop, subscription):
        changed = self.upgrade(shop, subscription, "pending_if_incomplete")
        assert changed["status"] == "active"
        assert changed["items"]["data"][0]["price"]["unit_amount"] == 4900
        assert changed["pending_update"]["subscription_items"][0]["price"]["unit_amount"] == 9900
        assert changed["pending_update"]["expires_at"] == START + 10 * DAY + 23 * HOUR
        good = shop.post("/v1/payment_methods/pm_card_visa/attach", customer=subscription["customer"])["id"]
        shop.heard()
        shop.post(f"/v1/invoices/{changed['latest_invoice']}/pay", payment_method=good)
        after = shop.subscription(subscription)
        assert (after["pending_update"], after["items"]["data"][0]["price"]["unit_amount"]) == (None, 9900)
        assert shop.heard()[-1] == "customer.subscription.pending_update_applied"
        shop.pay_with(subscription["customer"], "pm_card_visa")
        shop.go(32 * DAY)
        assert amounts(shop.invoice(subscription)) == [9900]

    def test_pending_is_over_after_23_hours(self, shop, subscription):
        changed = self.upgrade(shop, subscription, "pending_if_incomplete")
        shop.heard()
        shop.go(11 * DAY)
        after = shop.subscription(subscription)
        assert (after["pending_update"], after["items"]["data"][0]["price"]["unit_amount"]) == (None, 4900)
        assert shop.get(f"/v1/invoices/{changed['latest_invoice']}")["status"] == "void"
        assert "customer.subscription.pending_update_expired" in shop.heard()
        shop.pay_with(subscription["customer"], "pm_card_visa")
        shop.go(32 * DAY)
        assert amounts(shop.invoice(subscription)) == [4900]

    def test_pending_ends_with_the_subscription(self, shop, subscription):
        changed = self.upgrade(shop, subscription, "pending_if_incomplete")
        shop.delete(f"/v1/subscriptions/{subscription['id']}")
        assert shop.subscription(subscription)["pending_update"] is None
        assert shop.get(f"/v1/invoices/{changed['latest_invoice']}")["status"] == "void"

    def test_error_changes_nothing(self, shop, subscription):
        before = shop.subscription(subscription)
        with pytest.raises(Refused) as refused:
            self.upgrade(shop, subscription, "error_if_incomplete")
        assert (refused.value.status, refused.value.decline_code) == (402, "generic_decline")
        assert shop.subscription(subscription) == before

    def test_allowed_it_is_past_due_on_the_new_plan(self, shop, subscription):
        changed = self.upgrade(shop, subscription, "allow_incomplete")
        assert (changed["status"], changed["items"]["data"][0]["price"]["unit_amount"]) == ("past_due", 9900)

    def test_pending_takes_only_what_can_wait(self, shop, subscription):
        with pytest.raises(Refused, match="description"):
            shop.change(subscription, description="x", payment_behavior="pending_if_incomplete")

    def test_a_coupon_waits_too_and_is_redeemed_by_the_payment(self, shop, subscription):
        coupon = shop.post("/v1/coupons", percent_off="50", duration="forever")["id"]
        changed = shop.change(
            subscription,
            items=[{"id": item(subscription), "price": shop.price(19800)}],
            discounts=[{"coupon": coupon}],
            metadata={"plan": "big"},
            proration_behavior="always_invoice",
            payment_behavior="pending_if_incomplete",
        )
        assert (changed["discounts"], changed["metadata"]) == ([], {})
        assert (len(changed["pending_update"]["discounts"]), changed["pending_update"]["metadata"]) == (
            1,
            {"plan": "big"},
        )
        assert shop.get(f"/v1/coupons/{coupon}")["times_redeemed"] == 0
        good = shop.pay_with(subscription["customer"], "pm_card_visa")
        shop.post(f"/v1/invoices/{changed['latest_invoice']}/pay", payment_method=good)
        after = shop.subscription(subscription)
        assert (after["discounts"], after["metadata"]) == (changed["pending_update"]["discounts"], {"plan": "big"})
        assert shop.get(f"/v1/coupons/{coupon}")["times_redeemed"] == 1
        shop.go(32 * DAY)
        assert shop.invoice(subscription)["total"] == 9900
