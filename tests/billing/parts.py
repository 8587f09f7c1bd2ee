"""A small plan catalog, and what Stripe holds in the shape of its API: the parts that tests of billing are made of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freehold.billing.plans import AddOn, Catalog, Plan, Step, Trial
from freehold.billing.prices import Interval, Price
from freehold.billing.remote import Customer, Remote, Subscription
from freehold.billing.remote_invoices import Invoice
from freehold.permissions import Access

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _plan(name: str, rank: int, *components: str) -> Plan:
    amounts: dict[Interval, int] = {"month": 1000 * rank, "year": 10_000 * rank}
    prices: dict[Interval, tuple[Price, ...]] = {
        interval: tuple(
            Price(plan=name, component=each, interval=interval, currency="usd", amount=amount) for each in components
        )
        for interval, amount in amounts.items()
    }
    return Plan(
        id=name,
        name=name.title(),
        description="",
        rank=rank,
        access=Access.FULL,
        features=frozenset(),
        limits={},
        rates={},
        trial=True,
        retired=False,
        prices=prices if components else {},
    )


SUPPORT = Price(plan=None, component="add_on:support", interval="month", currency="usd", amount=500)
CATALOG = Catalog(
    currency="usd",
    fallback="free",
    after_cancel="archive",
    trial=Trial(days=14, reminder_days=3, card="optional", without_card="cancel"),
    dunning=(
        Step(after_days=0, access=Access.FULL, mail="payment_failed", withholds=frozenset()),
        Step(after_days=7, access=Access.RESTRICTED, mail="access_restricted", withholds=frozenset()),
        Step(after_days=21, access=Access.SUSPENDED, mail="access_suspended", withholds=frozenset()),
    ),
    features={},
    limits={},
    rates={},
    meters={},
    plans={
        plan.id: plan
        for plan in (_plan("archive", 0), _plan("free", 1), _plan("pro", 2, "base", "seat"), _plan("scale", 3, "base"))
    },
    add_ons={
        "support": AddOn(
            id="support",
            name="Support",
            description="",
            plans=("pro", "scale"),
            features=frozenset(),
            limits={},
            prices={"month": SUPPORT},
        )
    },
    grandfathered=(),
    overrides={},
)


def seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def item(price: Price, *, at: datetime = NOW, quantity: int | None = 1) -> dict[str, Any]:
    return {
        "id": f"si_{price.lookup_key}",
        "price": {"id": f"price_{price.lookup_key}", "currency": "usd", "metadata": price.metadata},
        "quantity": quantity,
        "current_period_start": seconds(at - 10 * DAY),
        "current_period_end": seconds(at + 20 * DAY),
    }


def items_of(plan: str, *, seats: int = 3, at: datetime = NOW) -> list[dict[str, Any]]:
    prices = CATALOG.plans[plan].prices["month"]
    return [item(price, at=at, quantity=seats if price.component == "seat" else 1) for price in prices]


def subscription(status: str = "active", *, plan: str = "pro", **different: Any) -> Subscription:
    """As the API gives it. Moments among `different` are datetimes."""
    given = {
        "id": "sub_1",
        "customer": "cus_1",
        "status": status,
        "currency": "usd",
        "created": NOW - 10 * DAY,
        "items": {"data": items_of(plan)},
        "metadata": {},
        "discounts": [],
        "trial_start": None,
        "trial_end": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "ended_at": None,
        "pending_update": None,
    } | different
    given.setdefault("start_date", given["created"])
    return Subscription.model_validate(
        {name: seconds(value) if isinstance(value, datetime) else value for name, value in given.items()}
    )


def unpaid_invoice(since: datetime, of: str = "sub_1", **different: Any) -> Invoice:
    """One whose payment has failed then."""
    given = {
        "id": f"in_{of}_{seconds(since)}",
        "customer": "cus_1",
        "number": "F-0001",
        "status": "open",
        "billing_reason": "subscription_cycle",
        "currency": "usd",
        "subtotal": 4900,
        "total": 4900,
        "amount_due": 4900,
        "amount_paid": 0,
        "amount_remaining": 4900,
        "attempt_count": 1,
        "next_payment_attempt": None,
        "period_start": seconds(since - 30 * DAY),
        "period_end": seconds(since),
        "created": seconds(since - timedelta(hours=1)),
        "due_date": None,
        "status_transitions": {"finalized_at": seconds(since)},
        "parent": {"subscription_details": {"subscription": of}},
    }
    return Invoice.model_validate(given | different)


def remote(*subscriptions: Subscription, now: datetime = NOW, invoices: tuple[Invoice, ...] = ()) -> Remote:
    return Remote(customer=Customer(id="cus_1"), subscriptions=subscriptions, invoices=invoices, now=now)
