"""The statements of billing that requests send; what workers write is in records.py."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.billing.models import InvoiceWithLines
from freehold.database import Query, Statement, done, lone, one, page
from freehold.permissions import Access

MONEY: tuple[LiteralString, ...] = (
    "subtotal",
    "discount",
    "tax",
    "total",
    "amount_due",
    "amount_paid",
    "amount_remaining",
    "amount_refunded",
)
PAGES: tuple[LiteralString, ...] = ("hosted_url", "pdf_url")
OPERATOR: LiteralString = "starts_with(current_setting('app.principal'), 'operator:')"
"""Whether an operator asks: whoever has the address of one of Stripe's pages pays there, and sees who pays."""
SHOWN: LiteralString = (
    "id, number, status, billing_reason as reason, "
    + ", ".join(f"json_build_object('amount', {each}, 'currency', currency) as {each}" for each in MONEY)
    + ", disputed, attempt_count, next_payment_attempt, "
    + ", ".join(f"case when not {OPERATOR} then {each} end as {each}" for each in PAGES)
    + ", period_start, period_end, issued_at, due_at, paid_at"
)
HAS_CUSTOMER: LiteralString = """
    exists (select from app.billing_syncs s where s.tenant_id = %(tenant_id)s and s.customer_id is not null)
"""


class Account(BaseModel):
    """What is known of a tenant's subscription; without one, what there is without."""

    model_config = ConfigDict(frozen=True)

    tenant_name: str
    tenant_access: Access
    members: int
    customer_id: str | None
    clock_id: str | None
    synced_from: datetime | None
    plan: str | None
    add_ons: tuple[str, ...]
    interval: str | None
    status: str | None
    seats: int | None
    currency: str | None
    subscription_id: str | None
    current_period_start: datetime | None
    current_period_end: datetime | None
    trial_end: datetime | None
    trial_used_at: datetime | None
    cancel_at: datetime | None
    ended_at: datetime | None
    past_due_since: datetime | None
    pending_change: dict[str, Any] | None
    discount: dict[str, Any] | None
    payment_method: dict[str, Any] | None
    balance: int | None
    granted_access: Access | None
    unpaid_url: str | None
    is_left_unpaid: bool
    """Whether something is open of a subscription that has ended; `left_url` is where it is paid."""
    left_url: str | None
    last_request: dict[str, Any] | None
    subscribed_at: datetime | None
    agreed: tuple[dict[str, Any], ...]
    """What lasts of what was agreed with it, as facts have it."""


class Answered(BaseModel):
    """Whether something is so."""

    yes: bool


def account() -> Query[Account]:
    """The tenant and its account."""
    return one(
        Account,
        f"""
        select t.name as tenant_name, t.access as tenant_access,
               (select count(*) from app.members m where m.tenant_id = t.id and m.status = 'active') as members,
               s.customer_id, s.clock_id, s.synced_from, a.plan, coalesce(a.add_ons, '{{}}') as add_ons, a."interval",
               a.status, a.seats, a.currency, a.subscription_id, a.current_period_start, a.current_period_end,
               a.trial_end, a.trial_used_at, a.cancel_at, a.ended_at, a.past_due_since, a.pending_change, a.discount,
               a.payment_method, a.balance, g.access as granted_access,
               case when not {OPERATOR} then i.hosted_url end as unpaid_url,
               coalesce(l.is_owed, false) as is_left_unpaid,
               case when not {OPERATOR} then l.hosted_url end as left_url,
               to_jsonb(o) as last_request, b.started_at as subscribed_at, (
                select coalesce(jsonb_agg(jsonb_build_object(
                           'id', v.id, 'source', v.source, 'plan', v.plan, 'features', v.features, 'limits', v.limits,
                           'rates', v.rates, 'until', v.until) order by v.id), '[]')
                  from app.overrides v
                 where v.tenant_id = t.id and v.ended_at is null and coalesce(v.until, 'infinity') > now()) as agreed
          from app.tenants t
          left join app.billing_syncs s on s.tenant_id = t.id
          left join app.billing_accounts a on a.tenant_id = t.id
          left join app.subscriptions b on b.tenant_id = t.id and b.stripe_id = a.subscription_id
          left join lateral (
                select g.access from app.access_grants g
                 where g.tenant_id = t.id and g.until > now() and g.ended_at is null
                 order by g.id desc limit 1) g on true
          left join lateral (
                select i.hosted_url from app.invoices i
                 where i.tenant_id = t.id and i.status in ('open', 'uncollectible') and i.amount_remaining > 0
                 order by i.issued_at desc, i.id desc limit 1) i on true
          left join lateral (
                select i.hosted_url, true as is_owed from app.invoices i
                 where i.tenant_id = t.id and a.status = 'canceled' and i.subscription_id = a.subscription_id
                   and i.status = 'open' and i.amount_remaining > 0 and (i.attempt_count > 0 or i.due_at is not null)
                 order by i.issued_at desc, i.id desc limit 1) l on true
          left join lateral (
                select o.kind as what, o.state, o.created_at, o.finished_at,
                       o.result - case when {OPERATOR} then '{{link,reason}}'::text[] else '{{}}' end as result
                  from app.billing_operations o
                 where o.tenant_id = t.id and o.kind in ('change', 'cancel', 'resume')
                 order by o.id desc limit 1) o on true
         where t.id = %(tenant_id)s
        """,
    )


def invoices(limit: int, cursor: UUID, first: UUID) -> Query[bytes]:
    """A page of invoices, newest first; `first` is the cursor of the first page."""
    return page(
        f"""
        select {SHOWN} from app.invoices i
         where i.tenant_id = %(tenant_id)s and i.status <> 'draft'
           and (%(cursor)s = %(first)s or (i.issued_at, i.id) < (
                select c.issued_at, c.id from app.invoices c where c.tenant_id = %(tenant_id)s and c.id = %(cursor)s))
         order by i.issued_at desc, i.id desc
        """,
        limit=limit,
        cursor=cursor,
        first=first,
    )


def invoice(invoice_id: UUID) -> Query[InvoiceWithLines]:
    """One invoice."""
    return one(
        InvoiceWithLines,
        f"""
        select {SHOWN}, lines from app.invoices
         where tenant_id = %(tenant_id)s and id = %(id)s and status <> 'draft'
        """,
        id=invoice_id,
    )


def link_customer(customer: str, clock: str | None) -> Statement[None]:
    """Say whose a customer of Stripe's is."""
    return done(
        "select app.link_customer(%(customer)s, %(clock)s) from app.tenants where id = %(tenant_id)s",
        customer=customer,
        clock=clock,
    )


def look_again() -> Statement[None]:
    """Ask for a look at Stripe."""
    return done("select app.want_sync('customer') from app.tenants where id = %(tenant_id)s")


def take_trial(marks: list[str], *, look: bool = False) -> Statement[Answered]:
    """Whether nobody else has had a trial with any of these marks. Unless it only looks, they are its own then."""
    return lone(
        Answered,
        "select app.take_trial(%(marks)s, %(look)s) as yes from app.tenants where id = %(tenant_id)s",
        marks=marks,
        look=look,
    )
