"""What we hold of a tenant: as a look at Stripe begins, and to compare it with what Stripe holds."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.billing.mirror import AccountRow, InvoiceRow, SubscriptionRow
from freehold.database import Query, one
from freehold.permissions import Access


class GrantRow(BaseModel):
    """What an operator has given."""

    access: Access
    until: datetime
    plan: str | None


class Begun(BaseModel):
    """A tenant as a look at Stripe begins. `moment` is before that, by the database's clock."""

    model_config = ConfigDict(frozen=True)

    moment: datetime
    wanted: int
    customer_id: str | None
    gone_id: str | None
    seats_follow: bool
    awaited: bool
    """Whether a job is there that looks, now or at its time."""
    synced_from: datetime | None
    members: int
    access: Access
    grants: list[GrantRow]
    account: AccountRow | None


class Held(BaseModel):
    """Our copy as it is."""

    access: Access
    account: AccountRow | None
    subscriptions: tuple[SubscriptionRow, ...]
    invoices: tuple[InvoiceRow, ...]
    told: tuple[str, ...]


def begin() -> Query[Begun]:
    """The tenant now. Raises NotFound where billing has nothing to do with it."""
    return one(
        Begun,
        """
        select clock_timestamp() as moment, s.wanted, s.customer_id, s.gone_id, s.seats_follow, s.synced_from, t.access,
               exists (select from app.jobs j where j.tenant_id = %(tenant_id)s and j.id = s.job_id
                          and j.state in ('scheduled', 'waiting', 'queued', 'running')) as awaited,
               (select count(*) from app.members m
                 where m.tenant_id = %(tenant_id)s and m.status = 'active') as members,
               (select coalesce(json_agg(json_build_object('access', g.access, 'until', g.until, 'plan', g.plan)
                                         order by g.id), '[]')
                  from app.access_grants g where g.tenant_id = %(tenant_id)s and g.ended_at is null
                   and g.until > now() - interval '400 days') as grants,
               (select to_json(a) from app.billing_accounts a where a.tenant_id = %(tenant_id)s) as account
          from app.billing_syncs s join app.tenants t on t.id = s.tenant_id
         where s.tenant_id = %(tenant_id)s
        """,
    )


def held(invoices: Iterable[UUID], subjects: Iterable[str] = ()) -> Query[Held]:
    """Our copy: the account, all subscriptions, these invoices, and which of these subjects were told of."""
    return one(
        Held,
        """
        select t.access,
               (select to_json(a) from app.billing_accounts a where a.tenant_id = %(tenant_id)s) as account,
               (select coalesce(json_agg(s), '[]') from app.subscriptions s where s.tenant_id = %(tenant_id)s)
                   as subscriptions,
               (select coalesce(json_agg(i), '[]') from app.invoices i
                 where i.tenant_id = %(tenant_id)s and i.id = any(%(invoices)s)) as invoices,
               (select coalesce(json_agg(n.subject), '[]') from app.billing_notices n
                 where n.tenant_id = %(tenant_id)s and n.subject = any(%(subjects)s)) as told
          from app.tenants t where t.id = %(tenant_id)s
        """,
        invoices=list(invoices),
        subjects=list(subjects),
    )
