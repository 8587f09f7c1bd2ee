"""What a tenant sees of its billing, and what it asks for that is a job."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel

from freehold.billing import queries
from freehold.billing.models import (
    AddOnShown,
    Billing,
    InvoiceWithLines,
    LastRequest,
    Money,
    Offer,
    PartShown,
    PlanName,
    PlanShown,
    Seats,
    Tier,
    Trouble,
)
from freehold.billing.plans import Catalog, Plan
from freehold.billing.prices import Price
from freehold.billing.queries import Account
from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import BacklogFull, NotSubscribed
from freehold.jobs import queries as jobs
from freehold.jobs.kinds import Kind
from freehold.jobs.models import Job
from freehold.permissions import BILLING_READ, BILLING_WRITE, TENANT_READ

TROUBLES: Mapping[str, tuple[str, str]] = {
    "past_due": ("payment_failed", "The last payment failed. Pay it, or give another card."),
    "unpaid": (
        "unpaid",
        "An invoice was not paid, and is not tried again by itself. Pay it, or give another card.",
    ),
    "paused": ("no_payment_method", "It is paused, as it could not be paid. Add a way to pay, and resume it."),
    "incomplete": ("first_payment_failed", "The first payment did not succeed. Pay it, or subscribe again."),
}
"""By the subscription's status: the code, and the sentence."""
LEFT = ("left_unpaid", "An invoice of a subscription that has ended is open. Pay it before you subscribe again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """What was decided that a tenant has now."""

    features: tuple[str, ...]
    limits: dict[str, int | None]
    """None is no limit."""


def offer(db: Database, caller: Caller, catalog: Catalog) -> Offer:
    """What is sold, and the plan that the tenant has."""
    account = db.one(caller, TENANT_READ, queries.account())
    current = _plan_of(catalog, account)
    plans = (plan for plan in catalog.plans.values() if not plan.retired or plan.id == current)
    return Offer(
        items=tuple(_plan_shown(catalog, plan, current=plan.id == current) for plan in plans),
        add_ons=tuple(
            AddOnShown(
                id=each.id,
                name=each.name,
                description=each.description,
                plans=each.plans,
                prices={interval: _part_shown(price) for interval, price in each.prices.items()},
            )
            for each in catalog.add_ons.values()
        ),
    )


def read(db: Database, caller: Caller, catalog: Catalog, has: Has) -> Billing:
    """What the tenant has subscribed to, and what it has by that or by anything else."""
    return _shown(catalog, has, db.one(caller, BILLING_READ, queries.account()))


def read_invoices(db: Database, caller: Caller, limit: int, cursor: UUID, *, first: UUID) -> bytes:
    """A page of invoices as JSON; `first` is the cursor of the first page."""
    return db.one(caller, BILLING_READ, queries.invoices(limit, cursor, first))


def read_invoice(db: Database, caller: Caller, invoice_id: UUID) -> InvoiceWithLines:
    """One invoice with its lines."""
    return db.one(caller, BILLING_READ, queries.invoice(invoice_id))


def submit[I: BaseModel](
    db: Database, caller: Caller, kind: Kind[I], wanted: I, once: Remembered | None
) -> Answer[Job]:
    """The job that does it. Raises NotSubscribed for a tenant that has never been to the checkout, and BacklogFull."""
    try:
        return db.run(caller, BILLING_WRITE, jobs.submit(kind, wanted, only_if=queries.HAS_CUSTOMER), once=once)
    except BacklogFull:
        if db.one(caller, BILLING_WRITE, queries.account()).customer_id is None:
            raise NotSubscribed from None
        raise


def _plan_of(catalog: Catalog, account: Account) -> str:
    """A plan that the catalog knows; what was given counts before what is paid for."""
    named = (account.granted_plan, account.plan, catalog.fallback)
    return next(each for each in named if each is not None and each in catalog.plans)


def _shown(catalog: Catalog, has: Has, account: Account) -> Billing:
    plan = catalog.plans[_plan_of(catalog, account)]
    return Billing(
        plan=PlanName(id=plan.id, name=plan.name),
        interval=account.interval,
        add_ons=account.add_ons,
        status=account.status or "none",
        access=account.tenant_access,
        trial_end=account.trial_end,
        current_period_start=account.current_period_start,
        current_period_end=account.current_period_end,
        next_invoice_at=None if account.cancel_at or account.ended_at else account.current_period_end,
        cancel_at=account.cancel_at,
        seats=Seats(used=account.members, paid=account.seats),
        credit=_credit(account),
        discount=account.discount,
        payment_method=account.payment_method,
        pending_change=account.pending_change,
        last_request=LastRequest.model_validate(account.last_request) if account.last_request else None,
        problem=_trouble(account),
        features=has.features,
        limits=has.limits,
        as_of=account.synced_from,
    )


def _credit(account: Account) -> Money | None:
    """Stripe counts what a customer has to their credit below nothing."""
    if not account.balance or account.balance > 0 or account.currency is None:
        return None
    return Money(amount=-account.balance, currency=account.currency)


def _trouble(account: Account) -> Trouble | None:
    if known := TROUBLES.get(account.status or ""):
        return Trouble(code=known[0], detail=known[1], link=account.unpaid_url)
    return Trouble(code=LEFT[0], detail=LEFT[1], link=account.left_url) if account.is_left_unpaid else None


def _plan_shown(catalog: Catalog, plan: Plan, *, current: bool) -> PlanShown:
    return PlanShown(
        id=plan.id,
        name=plan.name,
        description=plan.description,
        features=tuple(sorted(plan.features)),
        limits=dict(plan.limits),
        trial_days=catalog.trial.days if plan.trial and catalog.trial else 0,
        prices={interval: tuple(map(_part_shown, prices)) for interval, prices in plan.prices.items()},
        current=current,
    )


def _part_shown(price: Price) -> PartShown:
    return PartShown(
        component=price.component,
        currency=price.currency,
        amount=price.amount,
        tiers=tuple(Tier(up_to=tier.up_to, amount_decimal=f"{tier.amount:f}") for tier in price.tiers),
    )
