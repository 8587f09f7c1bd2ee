"""Events: in order, with what was before, and whose request it was."""

from local.stripe_double.journal import API_VERSION
from tests.local.stripe_double.shop import DAY, START, item


class TestEvents:
    def test_they_carry_a_snapshot_and_what_was_before(self, shop):
        customer = shop.customer()
        subscription = shop.subscribe(customer, (shop.price(1500), 3))
        shop.events.clear()
        shop.change(subscription, items=[{"id": item(subscription), "quantity": "5"}], proration_behavior="none")
        (event,) = shop.events
        assert event["type"] == "customer.subscription.updated"
        assert event["data"]["object"]["items"]["data"][0]["quantity"] == 5
        assert event["data"]["previous_attributes"]["items"]["data"][0]["quantity"] == 3
        shop.change(subscription, items=[{"id": item(subscription), "quantity": "9"}], proration_behavior="none")
        assert event["data"]["object"]["items"]["data"][0]["quantity"] == 5
        assert (event["api_version"], event["livemode"], event["created"]) == (API_VERSION, False, START)

    def test_they_name_the_request_and_its_key(self, shop):
        shop.events.clear()
        shop.double.request("POST", "/v1/customers", {}, idempotency_key="key-1")
        assert shop.events[0]["request"]["idempotency_key"] == "key-1"
        assert shop.events[0]["request"]["id"].startswith("req_")

    def test_what_time_does_was_nobody_s_request(self, shop):
        customer = shop.post("/v1/customers")["id"]
        shop.pay_with(customer, "pm_card_visa")
        shop.subscribe(customer, shop.price(4900))
        now = shop.double.world.own_now()
        shop.events.clear()
        shop.double.advance(now.replace(year=now.year + 1, day=28))
        assert {each["request"]["id"] for each in shop.events} == {None}
        assert [each["created"] for each in shop.events] == sorted(each["created"] for each in shop.events)

    def test_nothing_changed_is_no_event(self, shop):
        customer = shop.post("/v1/customers", name="Acme")["id"]
        shop.events.clear()
        shop.post(f"/v1/customers/{customer}", name="Acme")
        assert shop.events == []

    def test_a_clock_is_ready_after_all_that_happened_on_the_way(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900), trial_period_days="14")
        shop.change(subscription, cancel_at=str(START + 60 * DAY))
        shop.heard()
        shop.go(70 * DAY)
        types = shop.heard()
        assert types[0] == "test_helpers.test_clock.advancing"
        assert types[-1] == "test_helpers.test_clock.ready"
        told = [each for each in types if each.startswith("customer.subscription") and not each.endswith("updated")]
        assert told == ["customer.subscription.trial_will_end", "customer.subscription.deleted"]
        assert types.count("invoice.paid") == 3  # the last one gives back what was left of the month

    def test_they_can_be_listed_and_read_again(self, shop):
        shop.post("/v1/customers", name="Acme")
        found = shop.get("/v1/events", types=["customer.*"])["data"]
        assert [each["type"] for each in found] == ["customer.created"]
        assert shop.get(f"/v1/events/{found[0]['id']}") == found[0]
        assert shop.get("/v1/events", type="invoice.paid")["data"] == []
