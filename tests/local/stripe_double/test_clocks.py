"""Test clocks: they go forward only, and have Stripe's limits where those are wanted."""

from datetime import UTC, datetime

import pytest

from local.stripe_double.refusals import Refused
from local.stripe_double.settings import Settings
from tests.local.stripe_double.shop import DAY, START, Shop


class TestClocks:
    def test_it_answers_at_once_and_is_ready_when_asked(self, shop):
        path = f"/v1/test_helpers/test_clocks/{shop.clock}"
        answer = shop.post(f"{path}/advance", frozen_time=str(START + DAY))
        assert (answer["status"], answer["status_details"]) == (
            "advancing",
            {"advancing": {"target_frozen_time": START + DAY}},
        )
        assert (shop.get(path)["status"], shop.get(path)["frozen_time"]) == ("ready", START + DAY)

    def test_not_back(self, shop):
        with pytest.raises(Refused, match="after"):
            shop.go(-1)

    def test_what_hangs_on_another_clock_does_not_move(self, shop):
        subscription = shop.subscribe(shop.customer(), shop.price(4900))
        other = shop.post("/v1/test_helpers/test_clocks", frozen_time=str(START))["id"]
        shop.post(f"/v1/test_helpers/test_clocks/{other}/advance", frozen_time=str(START + 50 * DAY))
        assert len(shop.get("/v1/invoices", customer=subscription["customer"])["data"]) == 1

    def test_its_customers_go_with_it(self, shop):
        customer = shop.customer()
        shop.subscribe(customer, shop.price(4900))
        assert shop.delete(f"/v1/test_helpers/test_clocks/{shop.clock}")["deleted"] is True
        assert shop.get("/v1/customers")["data"] == []
        with pytest.raises(Refused):
            shop.get(f"/v1/customers/{customer}")

    def test_limits_where_they_are_wanted(self):
        shop = Shop(Settings(clock_limits=True))
        shop.subscribe(shop.customer(), shop.price(4900))
        with pytest.raises(Refused, match="two intervals"):
            shop.go(60 * DAY)
        shop.go(59 * DAY)
        shop.customer()
        shop.customer()
        with pytest.raises(Refused, match="at most 3"):
            shop.customer()


class TestOwnClocks:
    @pytest.fixture
    def passed(self):
        """How long after the first of January it is, in seconds."""
        return [0]

    @pytest.fixture
    def shop(self, passed):
        shop = Shop(Settings(own_clocks=True))
        shop.double.world.own_now = lambda: datetime.fromtimestamp(START + passed[0], UTC)
        shop.double.world.reached = START
        return shop

    @pytest.fixture
    def customer(self, shop):
        return shop.post("/v1/customers", email="pay@acme.example")

    def now(self, shop, customer):
        return shop.get(f"/v1/test_helpers/test_clocks/{customer['test_clock']}")["frozen_time"] - START

    def test_go_on_by_themselves(self, shop, passed, customer):
        assert self.now(shop, customer) == 0
        passed[0] = DAY
        assert self.now(shop, customer) == DAY

    def test_keep_what_they_were_moved(self, shop, passed, customer):
        other = shop.post("/v1/customers", email="other@acme.example")
        path = f"/v1/test_helpers/test_clocks/{customer['test_clock']}/advance"
        shop.post(path, frozen_time=str(START + 30 * DAY))
        passed[0] = DAY
        assert (self.now(shop, customer), self.now(shop, other)) == (31 * DAY, DAY)

    def test_go_along_with_the_double_and_say_so(self, shop, customer):
        shop.double.advance(datetime.fromtimestamp(START + 2 * DAY, UTC))
        assert self.now(shop, customer) == 2 * DAY
        assert shop.heard()[-1] == "test_helpers.test_clock.ready"

    def test_the_control_one_that_somebody_made_stands(self, shop, passed):
        made = shop.get(f"/v1/customers/{shop.customer()}")
        passed[0] = DAY
        assert self.now(shop, made) == 0
