"""One price in several currencies."""

import pytest

from local.stripe_double.refusals import Refused
from tests.local.stripe_double.shop import DAY, amounts, item

EURO = {"eur": {"unit_amount": "4500"}}


class TestCurrencies:
    def test_a_subscription_pays_in_the_one_that_it_names(self, shop):
        price = shop.price(4900, currency_options=EURO)
        subscription = shop.subscribe(shop.customer(), price, currency="eur")
        invoice = shop.invoice(subscription)
        assert (subscription["currency"], invoice["currency"], invoice["total"]) == ("eur", "eur", 4500)
        assert shop.invoice(shop.subscribe(shop.customer(), price))["total"] == 4900

    def test_and_stays_in_it(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(3100, currency_options=EURO), currency="eur")
        shop.go(10 * DAY)
        dearer = shop.price(9300, currency_options={"eur": {"unit_amount": "9000"}})
        shop.change(
            subscription, items=[{"id": item(subscription), "price": dearer}], proration_behavior="always_invoice"
        )
        assert amounts(shop.invoice(subscription)) == [-3048, 6097]  # 21/31 of 4500 and of 9000: 3048.39 and 6096.77

    def test_a_price_that_has_none_of_it_is_refused(self, shop):
        with pytest.raises(Refused, match="only supports `usd`"):
            shop.subscribe(shop.customer(), shop.price(4900), currency="eur")

    def test_they_are_shown_on_demand(self, shop):
        price = shop.price(4900, currency_options=EURO)
        shown = shop.get(f"/v1/prices/{price}", expand=["currency_options"])["currency_options"]
        assert {name: each["unit_amount"] for name, each in shown.items()} == {"usd": 4900, "eur": 4500}
        assert "currency_options" not in shop.get(f"/v1/prices/{price}")

    def test_checkout_too(self, shop):
        opened = shop.post(
            "/v1/checkout/sessions",
            mode="subscription",
            customer=shop.customer(None),
            currency="eur",
            success_url="https://app.example",
            line_items=[{"price": shop.price(4900, currency_options=EURO), "quantity": "1"}],
        )
        assert (opened["currency"], opened["amount_total"]) == ("eur", 4500)
        done = shop.double.complete_checkout(opened["id"], card="4242424242424242")
        assert shop.get(f"/v1/invoices/{done['invoice']}")["amount_paid"] == 4500
