"""Stripe's own client against the double over HTTP: what is fetched, what is asked for, and what errors become."""

import tracemalloc
from datetime import timedelta

import pytest

from freehold.billing import events, gateway
from freehold.billing.asking import Asking
from freehold.billing.gateway import PaymentDeclined, Stripe, StripeBusy, StripeRefused, StripeUnreadable, translated
from freehold.billing.remote import Customer
from freehold.secrets import StripeKeys
from local.stripe_double.service import StripeDouble
from tests.billing.shop import BAD, START, Shop


@pytest.fixture
def stripe(stripe_double: StripeDouble) -> Stripe:
    keys = StripeKeys(
        secret_key=stripe_double.secret_key, webhook_secrets=("whsec_of_the_double",), api=stripe_double.url
    )
    return Stripe(keys, retries=0)


@pytest.fixture
def shop(stripe_double: StripeDouble) -> Shop:
    return Shop(stripe_double)


class TestTheVersion:
    def test_is_the_one_that_webhooks_are_read_in(self):
        assert gateway.API_VERSION == events.API_VERSION

    def test_is_asked_for_with_each_request(self, stripe: Stripe, stripe_double: StripeDouble, shop: Shop):
        stripe.fetch(shop.customer().id)
        assert {call.asked.version for call in stripe_double.api.calls} == {gateway.API_VERSION}


class TestPrices:
    def test_are_found_ten_at_a_time_as_stripe_takes_no_more(self, stripe: Stripe, shop: Shop):
        for number in range(11):
            recurring = {"interval": "month"}
            shop.post(
                "/v1/prices",
                product_data={"name": "One"},
                currency="usd",
                unit_amount="1",
                recurring=recurring,
                lookup_key=f"key_{number}",
            )
        keys = [f"key_{number}" for number in range(11)]
        assert set(Asking(stripe).prices(keys)) == set(keys)
        with pytest.raises(StripeRefused, match="up to 10 lookup_keys"), translated():
            stripe.client.v1.prices.list({"lookup_keys": keys})


class TestFetching:
    def test_brings_everything_of_a_customer_and_their_time(self, stripe: Stripe, shop: Shop):
        buyer = shop.customer()
        coupon = shop.post("/v1/coupons", percent_off="50", duration="forever", name="Half")["id"]
        buyer.subscribe("pro", seats=4, discounts=[{"coupon": coupon}])
        buyer.go(40)
        seen = stripe.fetch(buyer.id)
        [subscription] = seen.subscriptions
        assert seen.now == START + timedelta(days=40)
        assert [item.quantity for item in subscription.items] == [1, 4]
        assert subscription.discounts[0].source.coupon.percent_off == 50
        assert [invoice.total for invoice in seen.invoices] == [5000, 5000]
        assert len(seen.charges) == 2
        assert {payment.payment.payment_intent for each in seen.invoices for payment in each.payments} == {
            charge.payment_intent for charge in seen.charges
        }
        assert seen.customer.invoice_settings.default_payment_method.card.last4 == "4242"

    def test_reads_all_pages(self, stripe: Stripe, shop: Shop, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(gateway, "PAGE", 2)
        buyer = shop.customer()
        buyer.subscribe("pro")
        for month in range(1, 6):
            buyer.go(month * 31)
        assert len(stripe.fetch(buyer.id).invoices) == 6

    def test_sees_that_a_customer_was_deleted(self, stripe: Stripe, shop: Shop, stripe_double: StripeDouble):
        buyer = shop.customer()
        buyer.subscribe("pro")
        stripe_double.engine.request("DELETE", f"/v1/customers/{buyer.id}")
        seen = stripe.fetch(buyer.id)
        assert seen.customer.deleted
        assert [each.status for each in seen.subscriptions] in ([], ["canceled"])

    def test_everything_is_the_same_by_customer(self, stripe: Stripe, shop: Shop):
        buyers = [shop.customer(on_clock=False), shop.customer(on_clock=False)]
        for buyer in buyers:
            buyer.subscribe("pro")
        pages = {"invoices": {"__all__": {"hosted_invoice_url", "invoice_pdf"}}}  # another address each time
        listed = {
            each.customer.id: each.model_dump(exclude={"now": True, **pages}) for each in stripe.everything().values()
        }
        fetched = {buyer.id: stripe.fetch(buyer.id) for buyer in buyers}
        assert listed == {name: each.model_dump(exclude={"now": True, **pages}) for name, each in fetched.items()}

    def test_everything_is_held_in_less_than_a_quarter_of_what_it_is(self, stripe: Stripe, shop: Shop):
        for _ in range(20):
            buyer = shop.customer(on_clock=False)
            buyer.subscribe("pro")
            buyer.move("scale", "year")
        stripe.everything()  # imports what it needs
        tracemalloc.start()
        everything = stripe.everything()
        held, _ = tracemalloc.get_traced_memory()
        read = list(everything.values())
        both, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(read) == 20
        assert held < (both - held) / 4

    def test_everything_has_what_is_open_however_old_it_is(self, stripe: Stripe, shop: Shop):
        buyer = shop.customer()
        buyer.subscribe("pro")
        buyer.pay_with(BAD)
        buyer.go(32)
        [seen] = stripe.everything().values()
        assert seen.now == START + timedelta(days=32)
        assert [invoice.status for invoice in seen.invoices] == ["open"]


class TestSeats:
    def test_are_set_and_prorated(self, stripe: Stripe, shop: Shop):
        buyer = shop.customer()
        held = buyer.subscribe("pro", seats=2)
        buyer.go(10)
        stripe.set_quantity(buyer.subscription, held["items"]["data"][1]["id"], 5, key="fh-a-key")
        assert [item["quantity"] for item in buyer.held()["items"]["data"]] == [1, 5]
        buyer.go(32)
        assert stripe.fetch(buyer.id).invoices[0].total > 2000 + 5 * 2000


class TestErrors:
    def test_of_a_customer_that_is_not_there(self, stripe: Stripe):
        with pytest.raises(StripeRefused) as refused:
            stripe.fetch("cus_nobody")
        assert refused.value.code == "resource_missing"

    @pytest.mark.parametrize("kind", ["429", "500", "503", "connection_reset_after"])
    def test_that_pass_are_told_apart(self, stripe: Stripe, shop: Shop, stripe_double: StripeDouble, kind: str):
        buyer = shop.customer()
        stripe_double.faults.add("GET /v1/subscriptions", kind)
        with pytest.raises(StripeBusy):
            stripe.fetch(buyer.id)
        assert stripe.fetch(buyer.id).customer.id == buyer.id

    def test_of_a_bank(self, stripe: Stripe, shop: Shop):
        buyer = shop.customer(BAD)
        items = [{"price": price["price"]} for price in shop.items("pro")]
        wanted = {"customer": buyer.id, "items": items, "payment_behavior": "error_if_incomplete"}
        with pytest.raises(PaymentDeclined) as declined, translated():
            stripe.client.v1.subscriptions.create(wanted)
        assert declined.value.code == "card_declined"

    def test_of_a_key_that_is_none(self, stripe_double: StripeDouble):
        keys = StripeKeys(secret_key="sk_test_other", webhook_secrets=("whsec_of_the_double",), api=stripe_double.url)
        with pytest.raises(StripeRefused):
            Stripe(keys, retries=0).fetch("cus_1")

    def test_of_an_answer_without_what_we_read(self):
        with pytest.raises(StripeUnreadable, match="Customer is not understood at id"), translated():
            Customer.model_validate({"deleted": False})
