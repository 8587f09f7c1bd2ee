"""What was missed is found and mended, once, and a second look writes nothing.

TENANTS=500   as many tenants; else 50
"""

import os
import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from freehold import clock
from freehold.billing.gateway import RECENT
from freehold.billing.sync import Gateway
from local.stripe_double.service import StripeDouble
from tests.billing.desk import Desk
from tests.billing.nights import reconcile, subscribed
from tests.billing.shop import Buyer, Shop
from tests.billing.wire import gateway

TENANTS = int(os.environ.get("TENANTS", "50"))
DROPPED = 0.1


@pytest.fixture
def shop(stripe_double: StripeDouble) -> Shop:
    return Shop(stripe_double)


@pytest.fixture
def desk(make_desk: Callable[[Gateway], Desk], stripe_double: StripeDouble) -> Desk:
    return make_desk(gateway(stripe_double))


def change(buyer: Buyer, chance: random.Random) -> None:
    match chance.randrange(4):
        case 0:
            buyer.cancel()
        case 1:
            buyer.change(cancel_at_period_end="true")
        case 2:
            buyer.move("pro")
        case _:
            buyer.move("scale", "year")


class TestManyTenants:
    def test_a_tenth_of_whose_events_is_lost_have_no_drift_and_the_second_time_nothing_is_written(
        self, desk: Desk, shop: Shop
    ):
        chance = random.Random(7)  # noqa: S311 (which events are lost is no secret)
        buyers = [shop.customer(on_clock=False) for _ in range(TENANTS)]
        for buyer in buyers:
            buyer.subscribe("scale")
        tenants = [desk.tenant(buyer.id) for buyer in buyers]
        desk.run()
        lost = set(chance.sample(range(TENANTS), round(TENANTS * DROPPED)))
        for number, buyer in enumerate(buyers):
            change(buyer, chance)
            if number not in lost:
                desk.receive(buyer.id)
        desk.run()

        first = reconcile(desk)
        assert {each.tenant_id for each in first.drift} == {tenants[number] for number in lost}
        assert (first.tenants, first.customers, first.unhealed) == (TENANTS, TENANTS, 0)

        before = desk.everything_written()
        second = reconcile(desk)
        assert (second.tenants, second.drift) == (TENANTS, ())
        assert desk.everything_written() == before

    def test_control_what_is_written_can_be_seen(self, desk: Desk, shop: Shop):
        tenant, _ = subscribed(desk, shop)
        before = desk.everything_written()
        desk.execute(tenant, "update app.subscriptions set updated_at = updated_at where tenant_id = %(tenant_id)s")
        assert desk.everything_written() != before


class TestWhatDiffers:
    def test_is_named_field_by_field(self, desk: Desk, shop: Shop):
        tenant, buyer = subscribed(desk, shop)
        buyer.change(cancel_at_period_end="true")
        report = reconcile(desk)
        said = {each.field: (each.local, each.healed) for each in report.drift if each.tenant_id == tenant}
        assert said["account cancel_at"] == (None, True)
        assert f"subscription {buyer.subscription} cancel_at" in said

    def test_by_time_alone_is_mended_as_well(self, desk: Desk, shop: Shop):
        """A reminder whose look was lost."""
        buyer = shop.customer(on_clock=False)
        buyer.subscribe("scale", trial_period_days="14")
        tenant = desk.tenant(buyer.id)
        desk.run()
        desk.execute(tenant, "delete from app.jobs where tenant_id = %(tenant_id)s")
        with clock.moved(clock.now() + timedelta(days=12)):
            found = reconcile(desk).drift
        said = {f"notice trial_ending {buyer.subscription}", "next look"}
        assert {(each.field, each.healed) for each in found} == {(field, True) for field in said}
        assert desk.events(tenant)[-1][0] == "billing.trial_ending"

    def test_in_that_nobody_will_look_when_time_changes_something_is_mended(self, desk: Desk, shop: Shop):
        tenant, _ = subscribed(desk, shop)
        desk.execute(tenant, "delete from app.jobs where tenant_id = %(tenant_id)s")
        [found] = reconcile(desk).drift
        assert (found.field, found.healed) == ("next look", True)
        assert [state for state, _ in desk.jobs(tenant)] == ["scheduled"]

    def test_in_what_an_operator_gave_a_tenant_without_a_customer_is_mended(self, desk: Desk):
        tenant = desk.tenant()
        desk.grant(tenant, "restricted", clock.now() + timedelta(days=1))
        desk.run()
        assert desk.copy(tenant).access.value == "restricted"
        desk.execute(tenant, "delete from app.jobs where tenant_id = %(tenant_id)s")
        with clock.moved(clock.now() + timedelta(days=2)):
            report = reconcile(desk)
        assert {each.field for each in report.drift} == {"tenant access"}
        assert desk.copy(tenant).access.value == "full"

    def test_of_a_tenant_that_was_looked_at_meanwhile_is_no_drift(self, desk: Desk, shop: Shop):
        tenant, buyer = subscribed(desk, shop)
        listed = dict(desk.stripe.everything())

        class Slow:
            """Its lists are old when they are read."""

            def everything(self):
                buyer.cancel()
                desk.elsewhere.works(tenant).do(*desk.elsewhere.look(tenant).effects)
                return listed

        assert reconcile(desk, Slow()).drift == ()
        assert desk.copy(tenant).account.status == "canceled"

    def test_is_not_where_stripe_shows_the_page_of_an_invoice(self, desk: Desk, shop: Shop):
        """It has another token each time that somebody asks."""
        tenant, buyer = subscribed(desk, shop)
        first, second = ({each.hosted_invoice_url for each in desk.stripe.fetch(buyer.id).invoices} for _ in range(2))
        assert first.isdisjoint(second), "control: it is another one"
        before = desk.written(tenant)
        desk.want(tenant)
        desk.run()
        assert reconcile(desk).drift == ()
        assert desk.written(tenant) == before

    def test_elsewhere_in_an_invoice_brings_its_new_page_along(self, desk: Desk, shop: Shop):
        tenant, buyer = subscribed(desk, shop)
        [before] = desk.copy(tenant).invoices
        paid = shop.double.engine.request("GET", "/v1/charges", {"customer": buyer.id})["data"][0]
        shop.post("/v1/refunds", charge=paid["id"], amount="700")
        desk.want(tenant)
        desk.run()
        [after] = desk.copy(tenant).invoices
        assert after.amount_refunded == 700
        assert {before.hosted_url, before.pdf_url}.isdisjoint({after.hosted_url, after.pdf_url})

    def test_in_an_old_invoice_that_is_disputed_now_is_found(self, desk: Desk, shop: Shop):
        """No event of a dispute says whose it is."""
        tenant, buyer = subscribed(desk, shop)
        with clock.moved(clock.now() + RECENT + timedelta(days=5)):
            reconcile(desk)
            assert all(not each.invoices for each in desk.stripe.everything().values()), (
                "control: it is too old to be listed"
            )
            paid = shop.double.engine.request("GET", "/v1/charges", {"customer": buyer.id})["data"][0]
            dispute = shop.double.engine.dispute(paid["id"])
            shop.double.engine.world.store.objects[dispute["id"]]["created"] = int(clock.now().timestamp())
            [found] = [each for each in reconcile(desk).drift if each.field.startswith("invoice")]
        assert (found.field.split()[-1], found.healed) == ("disputed", True)
        assert [each.disputed for each in desk.copy(tenant).invoices] == [True]


class TestProblems:
    def test_are_reported_until_somebody_has_mended_them(self, desk: Desk, shop: Shop):
        tenant, buyer = subscribed(desk, shop)
        first, second = buyer.subscription, buyer.subscribe("pro")["id"]
        desk.receive(buyer.id)
        desk.run()
        both = ", ".join(sorted([first, second]))
        assert reconcile(desk).problems == (f"the customer has 2 subscriptions at once: {both}",)
        assert desk.copy(tenant).account.plan == "scale"
        buyer.cancel(second)
        assert reconcile(desk).problems == ()
