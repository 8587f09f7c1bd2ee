"""The account that the billing tests run against: which keys it takes, and that both kinds are used alike."""

import datetime as dt

import pytest

from local.errors import LocalError
from tests.billing.account import StripeAccount, real_key

BEGIN = dt.datetime(2026, 1, 15, 10, tzinfo=dt.UTC)


class TestKey:
    @pytest.mark.parametrize("key", ["sk_live_51abc", "rk_live_51abc", "pk_test_51abc", "whsec_abc", "nonsense"])
    def test_any_other_than_test_mode_is_refused_unseen(self, key):
        with pytest.raises(LocalError, match="takes a key of test mode") as refused:
            real_key({"STRIPE_TEST_KEY": key})
        assert key not in str(refused.value)

    @pytest.mark.parametrize("key", ["sk_test_51abc", "rk_test_51abc"])
    def test_of_test_mode_is_taken(self, key):
        assert real_key({"STRIPE_TEST_KEY": key}) == key

    @pytest.mark.parametrize("environ", [{}, {"STRIPE_TEST_KEY": ""}])
    def test_none_means_the_double(self, environ):
        assert real_key(environ) is None


class TestCustomer:
    def test_lives_at_the_time_of_its_clock(self, stripe_account):
        customer = stripe_account.customer(at=BEGIN)
        stripe_account.advance(customer["id"], dt.timedelta(days=3))
        assert stripe_account.now(customer["id"]) == BEGIN + dt.timedelta(days=3)

    def test_has_a_card(self, stripe_account):
        assert stripe_account.customer()["invoice_settings"]["default_payment_method"]
        assert stripe_account.customer(card=None)["invoice_settings"]["default_payment_method"] is None

    def test_has_events_of_its_own(self, stripe_account):
        one, another = stripe_account.customer(at=BEGIN), stripe_account.customer(at=BEGIN)
        types = [event["type"] for event in stripe_account.events(one["id"])]
        assert types[0] == "customer.created"
        assert {event["id"] for event in stripe_account.events(another["id"])}.isdisjoint(
            event["id"] for event in stripe_account.events(one["id"])
        )


class TestCheckout:
    """What a person does on the page, and where there is no page to click at."""

    def asked(self, account):
        customer = account.customer(at=BEGIN, card=None)["id"]
        product = account.client.v1.products.create({"name": "P"}).id
        price = {"product": product, "currency": "usd", "unit_amount": 3000, "recurring": {"interval": "month"}}
        items = [{"price": account.client.v1.prices.create(price).id, "quantity": 2}]
        asked = {"mode": "subscription", "customer": customer, "line_items": items, "success_url": "http://127.0.0.1"}
        return account.client.v1.checkout.sessions.create(asked).id

    def test_subscribes(self, stripe_account):
        made = stripe_account.finish_checkout(self.asked(stripe_account))
        assert (made["status"], made["items"]["data"][0]["quantity"]) == ("active", 2)

    def test_subscribes_without_a_page_too(self, stripe_double):
        with StripeAccount(stripe_double.secret_key, api=stripe_double.url) as as_stripe:
            session = self.asked(as_stripe)
            made = as_stripe.finish_checkout(session)
            assert (made["status"], made["items"]["data"][0]["quantity"]) == ("active", 2)
            assert as_stripe.client.v1.checkout.sessions.retrieve(session).status == "expired"
        clocks = stripe_double.engine.request("GET", "/v1/test_helpers/test_clocks")
        assert clocks["data"] == [], "and leaves no clock behind"
