"""Usage: what is told, what is counted, and what is billed of it."""

import pytest

from local.stripe_double.refusals import Refused
from local.stripe_double.settings import Settings
from tests.local.stripe_double.shop import DAY, HOUR, START, Shop, amounts, item


def tell(shop, customer, value, **more):
    payload = {"stripe_customer_id": customer, "value": str(value)}
    return shop.post("/v1/billing/meter_events", event_name="calls", payload=payload, **more)


class TestMeterEvents:
    def test_an_identifier_counts_once_in_24_hours(self, shop):
        meter, customer = shop.meter(), shop.customer()
        tell(shop, customer, 5, identifier="one")
        with pytest.raises(Refused, match="identifier one") as refused:
            tell(shop, customer, 5, identifier="one")
        assert refused.value.status == 400
        shop.go(24 * HOUR)
        tell(shop, customer, 7, identifier="one")
        found = summaries(shop, meter, customer, START, START + 2 * DAY)
        assert [each["aggregated_value"] for each in found] == [12.0]

    @pytest.mark.parametrize(
        ("moment", "code"),
        [(-35 * DAY - 1, "timestamp_too_far_in_past"), (301, "timestamp_in_future"), (-35 * DAY, None), (300, None)],
    )
    def test_35_days_back_and_5_minutes_ahead(self, shop, moment, code):
        shop.meter()
        customer = shop.customer()
        if code is None:
            assert tell(shop, customer, 1, timestamp=str(START + moment))["timestamp"] == START + moment
            return
        with pytest.raises(Refused) as refused:
            tell(shop, customer, 1, timestamp=str(START + moment))
        assert refused.value.code == code

    @pytest.mark.parametrize("value", ["many", "1.5", ""])
    def test_a_value_is_a_whole_number(self, shop, value):
        shop.meter()
        with pytest.raises(Refused):
            tell(shop, shop.customer(), value)

    def test_of_a_customer_and_a_meter_that_there_are(self, shop):
        with pytest.raises(Refused, match="No active meter"):
            tell(shop, shop.customer(), 1)
        meter = shop.meter()
        with pytest.raises(Refused, match="No such customer"):
            tell(shop, "cus_none", 1)
        shop.post(f"/v1/billing/meters/{meter}/deactivate")
        with pytest.raises(Refused, match="No active meter"):
            tell(shop, shop.customer(), 1)

    def test_one_meter_for_a_name(self, shop):
        shop.meter()
        with pytest.raises(Refused) as refused:
            shop.meter()
        assert refused.value.code == "resource_already_exists"

    def test_an_event_can_be_taken_back(self, shop):
        meter, customer = shop.meter(), shop.customer()
        tell(shop, customer, 5, identifier="one")
        shop.post(
            "/v1/billing/meter_event_adjustments", event_name="calls", type="cancel", cancel={"identifier": "one"}
        )
        assert summaries(shop, meter, customer, START, START + DAY) == []


class TestSummaries:
    def test_by_the_hour_newest_first(self, shop):
        meter, customer = shop.meter(), shop.customer()
        shop.go(3 * HOUR)
        for hour, value in ((0, 5), (0, 6), (2, 7)):
            tell(shop, customer, value, timestamp=str(START + hour * HOUR + 10))
        found = summaries(shop, meter, customer, START, START + 3 * HOUR, value_grouping_window="hour")
        assert [(each["start_time"], each["aggregated_value"]) for each in found] == [
            (START + 2 * HOUR, 7.0),
            (START, 11.0),
        ]

    def test_bounds_lie_on_the_window(self, shop):
        with pytest.raises(Refused, match="align"):
            summaries(shop, shop.meter(), shop.customer(), START + 60, START + DAY, value_grouping_window="hour")

    def test_counted_after_a_while_where_that_is_set(self):
        shop = Shop(Settings(meter_lag_seconds=600))
        meter, customer = shop.meter(), shop.customer()
        tell(shop, customer, 5)
        assert summaries(shop, meter, customer, START, START + DAY) == []
        shop.go(600)
        assert summaries(shop, meter, customer, START, START + DAY)[0]["aggregated_value"] == 5.0


def summaries(shop, meter, customer, start, end, **more):
    fields = {"customer": customer, "start_time": str(start), "end_time": str(end)} | more
    return shop.get(f"/v1/billing/meters/{meter}/event_summaries", **fields)["data"]


class TestBilling:
    def test_a_period_s_usage_is_on_the_invoice_that_ends_it(self, shop):
        usage, customer = shop.metered("0.1", shop.meter()), shop.customer()
        subscription = shop.subscribe(customer, shop.price(4900), usage)
        assert amounts(shop.invoice(subscription)) == [4900]
        shop.go(10 * DAY)
        tell(shop, customer, 12345)
        shop.go(31 * DAY + HOUR)
        invoice = shop.invoice(subscription)
        assert sorted(amounts(invoice)) == [1235, 4900]  # 1234.5 cents
        metered = next(line for line in invoice["lines"]["data"] if line["amount"] == 1235)
        assert metered["period"] == {"start": START, "end": START + 31 * DAY}
        assert (metered["quantity"], metered["pricing"]["unit_amount_decimal"]) == (12345, "0.1")

    def test_what_is_told_while_the_invoice_is_a_draft_still_counts(self, shop):
        usage, customer = shop.metered("1", shop.meter()), shop.customer()
        subscription = shop.subscribe(customer, usage)
        shop.go(31 * DAY + HOUR // 2)
        assert shop.invoice(subscription)["total"] == 0
        tell(shop, customer, 100, timestamp=str(START + 31 * DAY - 1))
        tell(shop, customer, 900, timestamp=str(START + 31 * DAY))
        shop.go(31 * DAY + HOUR)
        assert shop.invoice(subscription)["total"] == 100
        tell(shop, customer, 5000, timestamp=str(START + 31 * DAY - 1))
        shop.go(59 * DAY + HOUR)
        assert shop.invoice(subscription)["total"] == 900

    def test_the_first_thousand_are_included(self, shop):
        tiers = [{"up_to": "1000", "unit_amount": "0"}, {"up_to": "inf", "unit_amount_decimal": "0.5"}]
        usage = shop.metered("", shop.meter(), billing_scheme="tiered", tiers_mode="graduated", tiers=tiers)
        customer = shop.customer()
        subscription = shop.subscribe(customer, usage)
        tell(shop, customer, 1501)
        shop.go(31 * DAY + HOUR)
        assert amounts(shop.invoice(subscription)) == [0, 251]  # 501 at half a cent
        assert shop.get(f"/v1/prices/{usage}", expand=["tiers"])["tiers"][1]["unit_amount_decimal"] == "0.5"

    def test_a_trial_s_usage_is_free(self, shop):
        usage, customer = shop.metered("1", shop.meter()), shop.customer()
        subscription = shop.subscribe(customer, shop.price(4900), usage, trial_period_days="14")
        tell(shop, customer, 1000)
        shop.go(14 * DAY + HOUR)
        assert amounts(shop.invoice(subscription)) == [4900]
        tell(shop, customer, 7)
        shop.go(45 * DAY + HOUR)
        assert sorted(amounts(shop.invoice(subscription))) == [7, 4900]

    def test_what_was_used_before_the_item_came_is_not_billed(self, shop):
        usage, customer = shop.metered("1", shop.meter()), shop.customer()
        subscription = shop.subscribe(customer, shop.price(4900))
        tell(shop, customer, 1000)
        shop.go(10 * DAY)
        shop.change(subscription, items=[{"price": usage}])
        tell(shop, customer, 60)
        shop.go(31 * DAY + HOUR)
        assert sorted(amounts(shop.invoice(subscription))) == [60, 4900]

    def test_an_item_that_goes_is_billed_for_what_was_used(self, shop):
        usage, customer = shop.metered("1", shop.meter()), shop.customer()
        subscription = shop.subscribe(customer, shop.price(4900), usage)
        tell(shop, customer, 80)
        shop.go(10 * DAY)
        shop.change(subscription, items=[{"id": item(subscription, 1), "deleted": "true"}])
        tell(shop, customer, 1000)
        shop.go(31 * DAY + HOUR)
        assert sorted(amounts(shop.invoice(subscription))) == [80, 4900]

    def test_the_last_invoice_holds_the_last_usage(self, shop):
        usage, customer = shop.metered("1", shop.meter()), shop.customer()
        subscription = shop.subscribe(customer, shop.price(4900), usage)
        shop.change(subscription, cancel_at_period_end="true")
        tell(shop, customer, 80)
        shop.go(31 * DAY + HOUR // 2)
        assert shop.subscription(subscription)["status"] == "canceled"
        assert (amounts(shop.invoice(subscription)), shop.invoice(subscription)["status"]) == ([80], "draft")
        tell(shop, customer, 20, timestamp=str(START + 31 * DAY - 1))
        shop.go(31 * DAY + HOUR)
        assert (amounts(shop.invoice(subscription)), shop.invoice(subscription)["status"]) == ([100], "paid")

    def test_from_month_to_year_usage_is_billed_up_to_the_change(self, shop):
        meter, customer = shop.meter(), shop.customer()
        subscription = shop.subscribe(customer, shop.price(3100), shop.metered("1", meter))
        tell(shop, customer, 80)
        shop.go(10 * DAY)
        tell(shop, customer, 500)
        items = [
            {"id": item(subscription), "price": shop.price(36500, "year")},
            {"id": item(subscription, 1), "price": shop.metered("1", meter, "year")},
        ]
        shop.change(subscription, items=items)
        assert sorted(amounts(shop.invoice(subscription))) == [-2100, 80, 36500]
