"""Checkout: a session, a page, a card, and a subscription at the end of it."""

import pytest

from local.stripe_double.refusals import Refused
from tests.local.stripe_double.shop import DAY, START, amounts

VISA, DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"


def session(shop, customer=None, **more):
    items = more.pop("line_items", None) or [{"price": shop.price(4900), "quantity": "1"}]
    who = {"customer": customer} if customer else {}
    return shop.post(
        "/v1/checkout/sessions",
        mode="subscription",
        line_items=items,
        success_url="https://app.example/done",
        **who,
        **more,
    )


class TestCheckout:
    def test_it_is_open_with_an_address_and_what_is_due(self, shop):
        opened = session(shop, shop.customer(None), client_reference_id="tenant", metadata={"tenant": "t"})
        assert (opened["status"], opened["payment_status"], opened["amount_total"]) == ("open", "unpaid", 4900)
        assert opened["url"].endswith(f"/c/pay/{opened['id']}")
        assert (opened["client_reference_id"], opened["subscription"]) == ("tenant", None)

    def test_a_good_card_makes_a_subscription(self, shop):
        customer = shop.customer(None)
        opened = session(shop, customer, subscription_data={"metadata": {"plan": "pro"}})
        shop.heard()
        done = shop.double.complete_checkout(opened["id"], card=VISA, name="Acme", address={"country": "DE"})
        assert (done["status"], done["payment_status"], done["url"]) == ("complete", "paid", None)
        subscription = shop.get(f"/v1/subscriptions/{done['subscription']}", expand=["default_payment_method"])
        assert (subscription["status"], subscription["metadata"]) == ("active", {"plan": "pro"})
        assert subscription["default_payment_method"]["card"]["last4"] == "4242"
        assert subscription["customer"] == customer
        types = shop.heard()
        assert types.index("customer.subscription.created") < types.index("checkout.session.completed")
        assert types[-1] == "checkout.session.completed"

    def test_a_declined_card_leaves_it_open_and_nothing_else(self, shop):
        customer = shop.customer(None)
        opened = session(shop, customer)
        shop.heard()
        for card in (DECLINED, "4000000000000341"):
            with pytest.raises(Refused) as refused:
                shop.double.complete_checkout(opened["id"], card=card)
            assert refused.value.status == 402
        assert shop.get(f"/v1/checkout/sessions/{opened['id']}")["status"] == "open"
        assert shop.get("/v1/subscriptions", customer=customer, status="all")["data"] == []
        assert shop.heard() == []
        assert shop.double.complete_checkout(opened["id"], card=VISA)["status"] == "complete"

    def test_it_makes_the_customer_where_there_is_none(self, shop):
        opened = session(shop, customer_email="new@acme.example")
        with pytest.raises(Refused):
            shop.double.complete_checkout(opened["id"], card=DECLINED)
        assert shop.get("/v1/customers")["data"] == []
        done = shop.double.complete_checkout(opened["id"], card=VISA)
        assert shop.get(f"/v1/customers/{done['customer']}")["email"] == "new@acme.example"

    def test_a_trial_costs_nothing_today(self, shop):
        opened = session(shop, shop.customer(None), subscription_data={"trial_period_days": "14"})
        done = shop.double.complete_checkout(opened["id"], card=VISA)
        assert (done["amount_total"], done["payment_status"]) == (0, "no_payment_required")
        assert shop.get(f"/v1/subscriptions/{done['subscription']}")["trial_end"] == START + 14 * DAY

    def test_a_code_that_somebody_types(self, shop):
        coupon = shop.post("/v1/coupons", percent_off="20", duration="forever")["id"]
        shop.post("/v1/promotion_codes", promotion={"type": "coupon", "coupon": coupon}, code="WELCOME")
        opened = session(shop, shop.customer(None), allow_promotion_codes="true")
        with pytest.raises(Refused):
            shop.double.complete_checkout(opened["id"], card=VISA, promotion_code="NOPE")
        done = shop.double.complete_checkout(opened["id"], card=VISA, promotion_code="welcome")
        assert (done["amount_subtotal"], done["amount_total"]) == (4900, 3920)
        assert shop.get(f"/v1/invoices/{done['invoice']}")["total"] == 3920

    def test_seats_and_usage_beside_the_base(self, shop):
        usage = shop.metered("0.1", shop.meter())
        items = [
            {"price": shop.price(4900), "quantity": "1"},
            {"price": shop.price(1500), "quantity": "4"},
            {"price": usage},
        ]
        done = shop.double.complete_checkout(session(shop, shop.customer(None), line_items=items)["id"], card=VISA)
        assert amounts(shop.get(f"/v1/invoices/{done['invoice']}")) == [4900, 6000]
        lines = shop.get(f"/v1/checkout/sessions/{done['id']}/line_items")["data"]
        assert [each["amount_total"] for each in lines] == [4900, 6000, 0]

    def test_it_is_over_after_its_time_or_on_demand(self, shop):
        ends = shop.get("/v1/customers")  # the double's own clock is the wall's
        assert ends["data"] == []
        customer = shop.customer(None)
        timed, ended = session(shop, customer, expires_at=str(START + 1800)), session(shop, customer)
        shop.post(f"/v1/checkout/sessions/{ended['id']}/expire")
        shop.go(1800)
        for each in (timed, ended):
            assert shop.get(f"/v1/checkout/sessions/{each['id']}")["status"] == "expired"
            with pytest.raises(Refused, match="expired"):
                shop.double.complete_checkout(each["id"], card=VISA)
        assert shop.heard().count("checkout.session.expired") == 2

    def test_twice_is_once(self, shop):
        opened = session(shop, shop.customer(None))
        shop.double.complete_checkout(opened["id"], card=VISA)
        with pytest.raises(Refused, match="complete"):
            shop.double.complete_checkout(opened["id"], card=VISA)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"customer_email": "a@b.example"},
            {"discounts": [{"coupon": "x"}], "allow_promotion_codes": "true"},
            {"expires_at": str(START + 60)},
            {"ui_mode": "embedded_page"},
            {"line_items": [{"price": "price_none", "quantity": "1"}]},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, shop, wrong):
        with pytest.raises(Refused):
            session(shop, shop.customer(None), **wrong)
