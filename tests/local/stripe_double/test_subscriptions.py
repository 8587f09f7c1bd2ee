"""A subscription begins, is billed month after month, and ends."""

import pytest

from local.stripe_double.refusals import Refused
from tests.local.stripe_double.shop import DAY, HOUR, START, amounts, item


class TestBeginning:
    def test_the_first_invoice_is_paid_at_once(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900), (shop.price(1500), 3))
        invoice = shop.invoice(subscription, "payments.data.payment.payment_intent")
        assert subscription["status"] == "active"
        assert (invoice["status"], amounts(invoice), invoice["total"]) == ("paid", [4900, 4500], 9400)
        assert invoice["billing_reason"] == "subscription_create"
        assert invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]
        assert invoice["payments"]["data"][0]["payment"]["payment_intent"]["amount_received"] == 9400

    def test_periods_are_on_the_items(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        only = subscription["items"]["data"][0]
        assert (only["current_period_start"], only["current_period_end"]) == (START, START + 31 * DAY)
        assert "current_period_end" not in subscription

    def test_a_card_that_declines_leaves_it_incomplete_and_for_23_hours_only(self, shop):
        subscription = shop.subscribe(shop.customer("pm_card_chargeCustomerFail"), shop.price(4900))
        assert subscription["status"] == "incomplete"
        shop.go(23 * HOUR - 1)
        assert shop.subscription(subscription)["status"] == "incomplete"
        shop.go(23 * HOUR)
        assert shop.subscription(subscription)["status"] == "incomplete_expired"
        assert shop.invoice(subscription)["status"] == "void"

    def test_paying_in_time_completes_it(self, shop):
        customer = shop.customer("pm_card_chargeCustomerFail")
        subscription = shop.subscribe(customer, shop.price(4900))
        good = shop.pay_with(customer, "pm_card_visa")
        shop.post(f"/v1/invoices/{subscription['latest_invoice']}/pay", payment_method=good)
        assert shop.subscription(subscription)["status"] == "active"

    def test_error_if_incomplete_makes_nothing(self, shop):
        customer = shop.customer("pm_card_chargeCustomerFail")
        shop.heard()
        with pytest.raises(Refused) as refused:
            shop.subscribe(customer, shop.price(4900), payment_behavior="error_if_incomplete")
        assert (refused.value.status, refused.value.code) == (402, "card_declined")
        assert shop.get("/v1/subscriptions", customer=customer, status="all")["data"] == []
        assert shop.get("/v1/invoices", customer=customer)["data"] == []
        assert shop.heard() == ["price.created"]

    def test_default_incomplete_waits_for_the_cardholder(self, shop):
        customer = shop.customer()
        subscription = shop.subscribe(customer, shop.price(4900), payment_behavior="default_incomplete")
        invoice = shop.invoice(subscription, "confirmation_secret", "payments")
        assert (subscription["status"], invoice["status"]) == ("incomplete", "open")
        intent = invoice["payments"]["data"][0]["payment"]["payment_intent"]
        assert invoice["confirmation_secret"]["client_secret"].startswith(intent)
        shop.post(f"/v1/payment_intents/{intent}/confirm")
        assert shop.subscription(subscription)["status"] == "active"

    def test_without_a_payment_method_it_is_refused(self, shop):
        with pytest.raises(Refused, match="no attached payment source"):
            shop.subscribe(shop.customer(None), shop.price(4900))

    def test_a_billing_day_ahead_bills_the_part_up_to_it(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(3100), billing_cycle_anchor=str(START + 10 * DAY))
        assert shop.invoice(subscription)["total"] == 1000  # 10 of the 31 days from 11 December to 11 January
        assert subscription["items"]["data"][0]["current_period_end"] == START + 10 * DAY
        shop.go(10 * DAY + 2 * HOUR)
        assert shop.invoice(subscription)["total"] == 3100

    @pytest.mark.parametrize("wrong", [{"price": "price_none"}, {"quantity": "-1"}, {"prise": "x"}])
    def test_what_makes_no_sense_is_refused(self, shop, wrong):
        with pytest.raises(Refused) as refused:
            shop.post("/v1/subscriptions", customer=shop.customer(), items=[{"price": shop.price(1)} | wrong])
        assert refused.value.status == 400
        assert refused.value.param.startswith("items[0]")


class TestRenewal:
    def test_it_is_drafted_at_the_period_s_end_and_collected_an_hour_later(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        shop.heard()
        shop.go(31 * DAY)
        assert shop.invoice(subscription)["status"] == "draft"
        assert shop.invoice(subscription)["number"] is None
        assert [each for each in shop.heard() if "clock" not in each] == [
            "invoice.created",
            "customer.subscription.updated",
        ]
        shop.go(31 * DAY + HOUR)
        invoice = shop.invoice(subscription)
        assert (invoice["status"], invoice["billing_reason"]) == ("paid", "subscription_cycle")
        assert (invoice["period_start"], invoice["period_end"]) == (START, START + 31 * DAY)
        assert invoice["lines"]["data"][0]["period"] == {"start": START + 31 * DAY, "end": START + 59 * DAY}

    def test_a_year_has_twelve_invoices_with_numbers_in_order(self, shop):
        customer = shop.customer()
        shop.subscribe(customer, shop.price(4900))
        shop.go(364 * DAY)
        found = shop.get("/v1/invoices", customer=customer, limit="100")["data"]
        assert [each["total"] for each in found] == [4900] * 12
        assert [each["number"][-4:] for each in reversed(found)] == [f"{at:04d}" for at in range(1, 13)]

    def test_the_double_s_own_clock_does_the_same_for_everybody_else(self, shop):
        customer = shop.post("/v1/customers", email="own@acme.example")["id"]
        shop.pay_with(customer, "pm_card_visa")
        subscription = shop.subscribe(customer, shop.price(4900))
        now = shop.double.world.own_now()
        shop.double.advance(now.replace(year=now.year + 1, day=28))
        assert len(shop.get("/v1/invoices", customer=customer, limit="100")["data"]) in (12, 13)
        assert shop.subscription(subscription)["status"] == "active"

    def test_collection_that_is_paused_voids_what_falls_due(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        shop.change(subscription, pause_collection={"behavior": "void", "resumes_at": str(START + 40 * DAY)})
        shop.go(32 * DAY)
        assert shop.invoice(subscription)["status"] == "void"
        shop.go(62 * DAY)
        assert shop.invoice(subscription)["status"] == "paid"


class TestEnding:
    def test_at_the_period_s_end_and_not_before(self, shop):
        subscription = shop.change(shop.subscribe(shop.customer(), shop.price(4900)), cancel_at_period_end="true")
        assert (subscription["cancel_at"], subscription["status"]) == (START + 31 * DAY, "active")
        assert subscription["cancellation_details"]["reason"] == "cancellation_requested"
        shop.go(31 * DAY - 1)
        assert shop.subscription(subscription)["status"] == "active"
        shop.go(31 * DAY)
        ended = shop.subscription(subscription)
        assert (ended["status"], ended["ended_at"]) == ("canceled", START + 31 * DAY)
        assert shop.heard()[-2:] == ["customer.subscription.deleted", "test_helpers.test_clock.ready"]

    def test_it_can_be_undone_until_then(self, shop):
        subscription = shop.change(shop.subscribe(shop.customer(), shop.price(4900)), cancel_at_period_end="true")
        again = shop.change(subscription, cancel_at_period_end="false")
        assert (again["cancel_at"], again["canceled_at"], again["cancel_at_period_end"]) == (None, None, False)
        shop.go(32 * DAY)
        assert shop.subscription(subscription)["status"] == "active"

    def test_at_a_chosen_moment(self, shop):
        subscription = shop.change(shop.subscribe(shop.customer(), shop.price(4900)), cancel_at=str(START + 5 * DAY))
        shop.go(6 * DAY)
        assert shop.subscription(subscription)["ended_at"] == START + 5 * DAY
        assert shop.invoice(subscription)["total"] == -4110  # 26 of 31 days: 4109.68

    def test_now_with_the_unused_time_given_back_to_the_balance(self, shop):
        customer = shop.customer()
        subscription = shop.subscribe(customer, shop.price(3100))
        shop.go(10 * DAY)
        ended = shop.delete(f"/v1/subscriptions/{subscription['id']}", prorate="true", invoice_now="true")
        assert ended["status"] == "canceled"
        assert shop.invoice(subscription)["total"] == -2100
        assert shop.get(f"/v1/customers/{customer}")["balance"] == -2100

    def test_now_without_giving_anything_back(self, shop):
        customer = shop.customer()
        subscription = shop.subscribe(customer, shop.price(3100))
        shop.go(10 * DAY)
        shop.delete(f"/v1/subscriptions/{subscription['id']}")
        assert len(shop.get("/v1/invoices", customer=customer)["data"]) == 1

    def test_what_has_ended_cannot_change_or_end(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(3100))
        shop.delete(f"/v1/subscriptions/{subscription['id']}")
        with pytest.raises(Refused, match="canceled subscription"):
            shop.change(subscription, items=[{"id": item(subscription), "quantity": "2"}])
        with pytest.raises(Refused, match="No such subscription") as refused:
            shop.delete(f"/v1/subscriptions/{subscription['id']}")
        assert refused.value.status == 404

    def test_a_deleted_customer_has_none(self, shop):
        customer = shop.customer()
        subscription = shop.subscribe(customer, shop.price(3100))
        assert shop.delete(f"/v1/customers/{customer}")["deleted"] is True
        assert shop.subscription(subscription)["status"] == "canceled"
        assert shop.get(f"/v1/customers/{customer}") == {"id": customer, "object": "customer", "deleted": True}
