"""Whose the customers are that nobody has yet, and in which order tenants are compared."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from freehold.billing.sync import Gateway
from freehold.ids import TenantId
from local.stripe_double.service import StripeDouble
from tests.billing.desk import Desk
from tests.billing.nights import Night, reconcile, subscribed
from tests.billing.shop import Buyer, Shop
from tests.billing.wire import gateway


@pytest.fixture
def shop(stripe_double: StripeDouble) -> Shop:
    return Shop(stripe_double)


@pytest.fixture
def desk(make_desk: Callable[[Gateway], Desk], stripe_double: StripeDouble) -> Desk:
    return make_desk(gateway(stripe_double))


def naming(shop: Shop, tenant: TenantId) -> Buyer:
    return shop.customer(on_clock=False, metadata={"freehold_tenant": str(tenant)})


def paid_twice(buyer: Buyer, tenant: TenantId) -> str:
    return f"{buyer.id} has a subscription and names tenant {tenant}, which has another customer"


class TestTime:
    """What a night has no time for comes first in the next one."""

    def test_that_is_over_leaves_nobody_behind_for_good(self, desk: Desk):
        tenants = sorted(desk.tenant(f"cus_{number}") for number in range(5))
        nights = [Night(), Night(), Night()]
        lefts = [reconcile(desk, night, latest=night.end()).left for night in nights]
        assert lefts == [5 - len(night.compared) for night in nights]
        assert min(lefts) > 0, "control: none of them had time for all"
        customers = [f"cus_{number}" for number in self.numbers(desk, tenants)]
        reached = [customer for night in nights for customer in night.compared]
        first = customers.index(reached[0])
        assert reached == ([*customers[first:], *customers[:first]] * 3)[: len(reached)]
        assert set(reached) == set(customers)

    def test_that_is_enough_for_all_begins_with_the_first_one_again(self, desk: Desk):
        tenants = sorted(desk.tenant(f"cus_{number}") for number in range(3))
        whole, short, rest, again = Night(reaches=9), Night(), Night(reaches=9), Night(reaches=9)
        for night in (whole, short, rest, again):
            reconcile(desk, night, latest=night.end())
        first, second, third = (f"cus_{number}" for number in self.numbers(desk, tenants))
        assert short.compared == [first, second]
        assert rest.compared == [third, first, second]
        assert again.compared == [first, second, third]

    def test_that_is_over_before_it_begins_leaves_the_place(self, desk: Desk):
        customers = sorted(desk.tenant(f"cus_{number}") for number in range(3))
        first, second = Night(reaches=1), Night(reaches=9)
        reconcile(desk, first, latest=first.end())
        assert reconcile(desk, Night(), latest=0).left == len(customers)
        reconcile(desk, second, latest=second.end())
        assert second.compared[-1] == first.compared[0]

    def numbers(self, desk: Desk, tenants: list[TenantId]) -> list[str]:
        """Of the customers, in the order of their tenants."""
        held = "select substr(customer_id, 5) from app.billing_syncs where tenant_id = %(tenant_id)s"
        return [desk.execute(tenant, held)[0][0] for tenant in tenants]


class TestLinks:
    def test_of_a_customer_that_names_its_tenant_is_made(self, desk: Desk, shop: Shop):
        tenant = desk.tenant()
        buyer = shop.customer(on_clock=False, metadata={"freehold_tenant": str(tenant)})
        buyer.subscribe("scale")
        assert desk.receive(buyer.id) == [("waiting",)]
        [found] = reconcile(desk).drift
        assert (found.field, found.stripe, found.healed) == ("link", buyer.id, True)
        assert desk.copy(tenant).account.plan == "scale"
        assert reconcile(desk).drift == ()

    def test_of_a_second_customer_of_a_tenant_is_a_problem_once_it_has_a_subscription(self, desk: Desk, shop: Shop):
        tenant, _ = subscribed(desk, shop)
        second = naming(shop, tenant)
        report = reconcile(desk)
        assert (report.drift, report.problems) == ((), ())
        second.subscribe("pro")
        report = reconcile(desk)
        assert (report.drift, report.problems) == ((), (paid_twice(second, tenant),))
        assert desk.copy(tenant).account.plan == "scale"

    def test_of_several_is_made_with_the_one_that_has_a_subscription(self, desk: Desk, shop: Shop):
        tenant = desk.tenant()
        _, paying, ended, newest = (naming(shop, tenant) for _ in range(4))
        paying.subscribe("scale")
        ended.subscribe("pro")
        ended.cancel()
        assert next(iter(desk.stripe.everything())) == newest.id, "control: another one is first"
        report = reconcile(desk)
        assert [(each.field, each.stripe, each.healed) for each in report.drift] == [("link", paying.id, True)]
        assert report.problems == ()
        assert desk.copy(tenant).account.plan == "scale"
        assert reconcile(desk).drift == ()

    def test_of_several_that_have_one_each_is_made_with_the_newest_and_the_others_are_told(
        self, desk: Desk, shop: Shop
    ):
        tenant = desk.tenant()
        old, new = naming(shop, tenant), naming(shop, tenant)
        old.subscribe("pro")
        new.subscribe("scale")
        for report in (reconcile(desk), reconcile(desk)):
            assert report.problems == (paid_twice(old, tenant),)
            assert report.unhealed == 0
        assert desk.copy(tenant).account.plan == "scale"

    def test_of_a_customer_whose_tenant_is_not_here_are_counted(self, desk: Desk, shop: Shop):
        """Another stage has the same account."""
        other = TenantId(uuid4())
        for _ in range(2):
            naming(shop, other).subscribe("scale")
        report = reconcile(desk)
        assert (report.drift, report.problems, report.elsewhere) == ((), (), 2)

    def test_of_a_customer_that_names_nobody_is_nobodys_business(self, desk: Desk, shop: Shop):
        shop.customer(on_clock=False)
        shop.customer(on_clock=False, metadata={"freehold_tenant": "acme"})
        assert reconcile(desk).drift == ()

    def test_to_a_customer_that_is_not_there_are_said_and_change_nothing(self, desk: Desk):
        tenant = desk.tenant("cus_elsewhere")
        [found] = reconcile(desk).drift
        assert (found.tenant_id, found.field, found.healed) == (tenant, "customer", False)
        assert desk.copy(tenant).account is None

    def test_to_a_customer_that_was_deleted_end_what_it_had(self, desk: Desk, shop: Shop, stripe_double: StripeDouble):
        tenant, buyer = subscribed(desk, shop)
        stripe_double.engine.request("DELETE", f"/v1/customers/{buyer.id}")
        assert reconcile(desk).unhealed == 0
        assert desk.copy(tenant).account.plan == "archive"
        assert reconcile(desk).drift == ()

    def test_to_a_customer_that_was_deleted_let_another_take_its_place(
        self, desk: Desk, shop: Shop, stripe_double: StripeDouble
    ):
        buyer = shop.customer()
        tenant = desk.tenant(buyer.id)
        desk.run()
        assert reconcile(desk).drift == ()
        stripe_double.engine.request("DELETE", f"/v1/customers/{buyer.id}")
        assert ("customer", True) in [(each.field, each.healed) for each in reconcile(desk).drift]
        assert reconcile(desk).drift == ()
        desk.link(tenant, "cus_another")
