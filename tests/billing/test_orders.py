"""Events in every order: what a tenant has in the end is what Stripe holds, whichever way it heard of it.

ORDERS=all    all 720 orders of eight lives; else some of them
"""

import os
import random
from collections.abc import Callable, Sequence
from itertools import permutations

import pytest

from freehold.billing import standing
from freehold.billing.drift import differences
from freehold.billing.mirror import Mirror
from freehold.billing.remote import Remote
from freehold.billing.sync import Gateway
from local.stripe_double.service import StripeDouble
from tests.billing.desk import Desk, Kept
from tests.billing.lives import LIVES, Life, Lived, live
from tests.billing.parts import CATALOG

ALL = list(permutations(range(6)))
SOME = 8


def orders(life: Life) -> Sequence[tuple[int, ...]]:
    if os.environ.get("ORDERS") == "all":
        return ALL
    chance = random.Random(life.name)  # noqa: S311 (which orders are tried is no secret)
    return [ALL[0], ALL[-1], *chance.sample(ALL, SOME - 2)]


def expected(seen: Remote) -> Mirror:
    return Mirror.of(seen, standing.of(seen, catalog=CATALOG), CATALOG)


def heard(desk: Desk, lived: Lived, tried: Sequence[tuple[int, ...]], *, trusts_events: bool = False) -> int:
    """How many tenants do not have what Stripe holds, once each has heard of everything in its order.

    An event comes when it has happened, or later: by then Stripe is as far as the last thing that was told.
    Whoever trusts events takes what each one tells for what holds.
    """
    assert isinstance(desk.stripe, Kept)
    kept = desk.stripe.held
    tenants = {desk.tenant(f"cus_{number}"): order for number, order in enumerate(tried) if put(kept, number, lived, 0)}
    desk.run()
    for slot in range(6):
        for number, order in enumerate(tried):
            put(kept, number, lived, 1 + (order[slot] if trusts_events else max(order[: slot + 1])))
            desk.receive(f"cus_{number}", type_=lived.events[order[slot]]["type"])
        desk.run()
    wanted = expected(lived.seen[-1])
    return sum(not same(desk, tenant, wanted) for tenant in tenants)


def put(kept: dict[str, Remote], number: int, lived: Lived, stage: int) -> Remote:
    kept[f"cus_{number}"] = with_card(lived.seen[stage], f"card of {number}")
    return lived.seen[stage]


def with_card(seen: Remote, fingerprint: str) -> Remote:
    """Each tenant pays with its own: a card that had a trial elsewhere would end this one."""
    settings = seen.customer.invoice_settings if seen.customer else None
    method = settings.default_payment_method if settings else None
    if not (seen.customer and settings and method and method.card):
        return seen
    paying = method.model_copy(update={"card": method.card.model_copy(update={"fingerprint": fingerprint})})
    customer = {"invoice_settings": settings.model_copy(update={"default_payment_method": paying})}
    return seen.model_copy(update={"customer": seen.customer.model_copy(update=customer)})


def same(desk: Desk, tenant, wanted: Mirror) -> bool:
    copy = desk.copy(tenant)
    return (
        (copy.access, copy.account) == (wanted.access, wanted.account)
        and {each.id: each for each in copy.subscriptions} == {each.id: each for each in wanted.subscriptions}
        and {each.id for each in copy.invoices} == {each.id for each in wanted.invoices}
        and differences(copy, wanted) == []
    )


@pytest.fixture
def desk(make_desk: Callable[[Gateway], Desk]) -> Desk:
    return make_desk(Kept())


class TestEachLife:
    @pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
    def test_in_any_order_ends_with_what_stripe_holds(self, desk: Desk, stripe_double: StripeDouble, life: Life):
        lived = live(life, stripe_double)
        account = expected(lived.seen[-1]).account
        assert (account.plan, account.status, account.access) == (life.plan, life.status, life.access)
        assert heard(desk, lived, orders(life)) == 0
        assert (desk.stripe.told, desk.stripe.ended_trials) == ([], [])

    @pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
    def test_is_seen_as_the_double_has_it(self, stripe_double: StripeDouble, life: Life):
        """What is compared above, against the double itself."""
        seen = expected(live(life, stripe_double).seen[-1])
        for held in seen.subscriptions:
            there = stripe_double.engine.find(held.stripe_id)
            items = there["items"]["data"]
            assert held.status == there["status"]
            assert [item["quantity"] for item in held.items] == [item.get("quantity") for item in items]
            assert int(held.current_period_end.timestamp()) == min(item["current_period_end"] for item in items)
        for invoice in seen.invoices:
            there = stripe_double.engine.find(invoice.stripe_id)
            for name in ("status", "total", "amount_paid", "amount_remaining"):
                assert getattr(invoice, name) == there[name]

    @pytest.mark.parametrize("life", LIVES[:1], ids=lambda life: life.name)
    def test_control_whoever_trusts_events_is_wrong_for_good(self, desk: Desk, stripe_double: StripeDouble, life: Life):
        lived = live(life, stripe_double)
        tried = orders(life)[:SOME]
        assert heard(desk, lived, tried, trusts_events=True) > len(tried) // 2
