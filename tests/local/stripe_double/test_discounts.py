"""Coupons and promotion codes: what they take off, for how long, and who may use them."""

import pytest

from local.stripe_double.refusals import Refused
from tests.local.stripe_double.shop import DAY, HOUR, START, amounts, item

MONTH = 31 * DAY + HOUR


def coupon(shop, **fields):
    return shop.post("/v1/coupons", **({"percent_off": "20", "duration": "forever"} | fields))["id"]


def code(shop, **fields):
    named = coupon(shop, **fields.pop("of", {}))
    return shop.post("/v1/promotion_codes", promotion={"type": "coupon", "coupon": named}, **fields)


class TestCoupons:
    def test_a_percentage_of_every_line(self, shop):
        subscription = shop.subscribe(
            shop.customer(), shop.price(4900), (shop.price(1500), 3), discounts=[{"coupon": coupon(shop)}]
        )
        invoice = shop.invoice(subscription)
        assert (invoice["subtotal"], invoice["total"]) == (9400, 7520)
        assert [line["discount_amounts"][0]["amount"] for line in invoice["lines"]["data"]] == [980, 900]
        assert invoice["total_discount_amounts"][0]["amount"] == 1880
        shown = shop.get(f"/v1/subscriptions/{subscription['id']}", expand=["discounts.source.coupon"])
        assert shown["discounts"][0]["source"]["coupon"]["percent_off"] == 20.0

    def test_once_is_once(self, shop):
        subscription = shop.subscribe(
            shop.customer(), shop.price(4900), discounts=[{"coupon": coupon(shop, duration="once")}]
        )
        assert shop.invoice(subscription)["total"] == 3920
        assert shop.subscription(subscription)["discounts"] == []
        shop.go(MONTH)
        assert shop.invoice(subscription)["total"] == 4900

    def test_once_waits_for_the_first_invoice_that_costs_something(self, shop):
        subscription = shop.subscribe(
            shop.customer(),
            shop.price(4900),
            trial_period_days="14",
            discounts=[{"coupon": coupon(shop, duration="once")}],
        )
        shop.go(14 * DAY + HOUR)
        assert shop.invoice(subscription)["total"] == 3920

    def test_three_months_are_three_months(self, shop):
        named = coupon(shop, duration="repeating", duration_in_months="3")
        customer = shop.customer()
        shop.subscribe(customer, shop.price(4900), discounts=[{"coupon": named}])
        shop.go(125 * DAY)
        totals = [each["total"] for each in shop.get("/v1/invoices", customer=customer)["data"]]
        assert list(reversed(totals)) == [3920, 3920, 3920, 4900, 4900]

    def test_an_amount_is_shared_among_the_lines(self, shop):
        named = coupon(shop, percent_off=None, amount_off="1000", currency="usd")
        subscription = shop.subscribe(
            shop.customer(), shop.price(4900), (shop.price(1500), 3), discounts=[{"coupon": named}]
        )
        invoice = shop.invoice(subscription)
        assert invoice["total"] == 8400
        assert [line["discount_amounts"][0]["amount"] for line in invoice["lines"]["data"]] == [521, 479]

    def test_parts_of_periods_are_net_of_it(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(3100), discounts=[{"coupon": coupon(shop)}])
        shop.go(10 * DAY)
        shop.change(
            subscription,
            items=[{"id": item(subscription), "price": shop.price(6200)}],
            proration_behavior="always_invoice",
        )
        invoice = shop.invoice(subscription)
        assert (amounts(invoice), invoice["total"]) == ([-1680, 3360], 1680)  # 80 % of 2100 and of 4200
        assert not any(line["discountable"] for line in invoice["lines"]["data"])

    def test_it_can_be_put_on_and_taken_off(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        shop.change(subscription, discounts=[{"coupon": coupon(shop)}])
        shop.go(MONTH)
        assert shop.invoice(subscription)["total"] == 3920
        shop.change(subscription, discounts="")
        shop.go(60 * DAY)
        assert shop.invoice(subscription)["total"] == 4900

    def test_it_is_used_up(self, shop):
        named = coupon(shop, max_redemptions="1")
        shop.subscribe(shop.customer(), shop.price(4900), discounts=[{"coupon": named}])
        assert shop.get(f"/v1/coupons/{named}")["valid"] is False
        with pytest.raises(Refused) as refused:
            shop.subscribe(shop.customer(), shop.price(4900), discounts=[{"coupon": named}])
        assert refused.value.code == "coupon_expired"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"percent_off": "0"},
            {"percent_off": "101"},
            {"percent_off": None},
            {"amount_off": "100"},
            {"duration": "repeating"},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, shop, wrong):
        with pytest.raises(Refused) as refused:
            coupon(shop, **wrong)
        assert refused.value.status == 400


class TestPromotionCodes:
    def test_a_word_in_any_case(self, shop):
        code(shop, code="WELCOME")
        found = shop.get("/v1/promotion_codes", code="welcome")["data"]
        subscription = shop.subscribe(shop.customer(), shop.price(4900), discounts=[{"promotion_code": found[0]["id"]}])
        assert shop.invoice(subscription)["total"] == 3920
        assert shop.get(f"/v1/promotion_codes/{found[0]['id']}")["times_redeemed"] == 1

    def test_only_for_its_customer(self, shop):
        mine = shop.customer()
        own = code(shop, customer=mine)["id"]
        with pytest.raises(Refused, match="this customer"):
            shop.subscribe(shop.customer(), shop.price(4900), discounts=[{"promotion_code": own}])
        shop.subscribe(mine, shop.price(4900), discounts=[{"promotion_code": own}])

    def test_only_for_newcomers(self, shop):
        customer = shop.customer()
        shop.subscribe(customer, shop.price(4900))
        fresh = code(shop, restrictions={"first_time_transaction": "true"})["id"]
        with pytest.raises(Refused, match="prior transactions"):
            shop.subscribe(customer, shop.price(5900), discounts=[{"promotion_code": fresh}])

    @pytest.mark.parametrize("wrong", [{"active": "false"}, {"expires_at": str(START - 1)}])
    def test_not_when_it_is_over(self, shop, wrong):
        with pytest.raises(Refused) as refused:
            shop.subscribe(shop.customer(), shop.price(4900), discounts=[{"promotion_code": code(shop, **wrong)["id"]}])
        assert refused.value.code == "promotion_code_expired"
