"""What the double knows after a restart: everything that a tenant could be linked to."""

import datetime as dt

import pytest

from local.errors import LocalError
from local.stripe_double.service import StripeDouble


def ask(double, path, **params):
    return double.engine.request("POST", path, params)


class TestRestart:
    def test_goes_on_where_it_was(self, tmp_path):
        with StripeDouble(folder=tmp_path) as before:
            product = ask(before, "/v1/products", name="P")["id"]
            price = {"product": product, "currency": "usd", "unit_amount": 3000, "recurring": {"interval": "month"}}
            customer = ask(before, "/v1/customers", email="a@acme.test")["id"]
            card = ask(before, "/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
            items = [{"price": ask(before, "/v1/prices", **price)["id"]}]
            made = ask(before, "/v1/subscriptions", customer=customer, items=items, default_payment_method=card)
            events = [event["id"] for event in before.engine.request("GET", "/v1/events")["data"]]
        with StripeDouble(folder=tmp_path) as after:
            assert after.engine.request("GET", f"/v1/subscriptions/{made['id']}") == made
            assert [event["id"] for event in after.engine.request("GET", "/v1/events")["data"]] == events
            after.engine.advance(dt.datetime.now(dt.UTC) + dt.timedelta(days=32))
            invoices = after.engine.request("GET", "/v1/invoices", {"customer": customer})["data"]
            assert [invoice["total"] for invoice in invoices] == [3000, 3000], "what was due is due"
            now = after.engine.world.now()
        with StripeDouble(folder=tmp_path) as later:
            assert later.engine.world.now() >= now, "its clock does not go back"

    def test_without_a_folder_begins_anew(self):
        with StripeDouble() as before:
            ask(before, "/v1/customers")
        with StripeDouble() as after:
            assert after.engine.request("GET", "/v1/customers")["data"] == []

    def test_with_a_broken_file_is_a_sentence(self, tmp_path):
        (tmp_path / "stripe.pickle").write_bytes(b"broken")
        with pytest.raises(LocalError, match="make reset"):
            StripeDouble(folder=tmp_path)
