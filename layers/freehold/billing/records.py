"""The statements of whoever keeps our copy of Stripe; those of requests are in queries.py.

What a look at Stripe has brought holds only if that look began after the one that holds: `taken` says so first, and
each of the others asks for it. Only what differs is written, and what was not written announces nothing.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import LiteralString

from freehold.billing import announcements
from freehold.billing.claims import ENDED
from freehold.billing.mirror import PAGES, AccountRow, InvoiceRow, Mirror, Row, SubscriptionRow
from freehold.billing.standing import Because
from freehold.database import Statement, done
from freehold.messaging.events import EventType
from freehold.permissions import Access

HOLDS: LiteralString = """
    exists (select from app.billing_syncs f
             where f.tenant_id = %(tenant_id)s and f.synced_from is not distinct from %(moment)s)
"""
SUBSCRIBED: LiteralString = (
    'id, plan, add_ons, "interval", status, access, seats, currency, current_period_end, trial_end, cancel_at,'
    " past_due_since"
)
NEWS: tuple[LiteralString, ...] = (
    "plan",
    "add_ons",
    '"interval"',
    "status",
    "seats",
    "subscription_id",
    "current_period_end",
    "trial_end",
    "cancel_at",
    "pending_change",
    "discount",
)
"""Columns of an account whose change is announced."""
ACCOUNT: tuple[LiteralString, ...] = (
    *NEWS,
    "access",
    "currency",
    "current_period_start",
    "trial_used_at",
    "ended_at",
    "past_due_since",
    "payment_method",
    "balance",
)
SUBSCRIPTION: tuple[LiteralString, ...] = (
    "status",
    "currency",
    "items",
    "discounts",
    "pending_update",
    "current_period_start",
    "current_period_end",
    "trial_start",
    "trial_end",
    "cancel_at",
    "canceled_at",
    "ended_at",
    "past_due_since",
    "started_at",
)
INVOICE: tuple[LiteralString, ...] = (
    "subscription_id",
    "number",
    "status",
    "billing_reason",
    "currency",
    "subtotal",
    "discount",
    "tax",
    "total",
    "amount_due",
    "amount_paid",
    "amount_remaining",
    "amount_refunded",
    "disputed",
    "attempt_count",
    "next_payment_attempt",
    "period_start",
    "period_end",
    "issued_at",
    "due_at",
    "paid_at",
    "lines",
)


def _list(columns: tuple[LiteralString, ...], of: LiteralString = "") -> LiteralString:
    return ", ".join(of + column for column in columns)


def taken(moment: datetime, *, seats_follow: bool, gone: str | None) -> Statement[None]:
    """A look that began at this moment is what holds, unless a later one does. `gone` is a deleted customer."""
    return done(
        """
        update app.billing_syncs set synced_from = %(moment)s, seats_follow = %(seats_follow)s, gone_id = %(gone)s
         where tenant_id = %(tenant_id)s and (synced_from is null or synced_from < %(moment)s)
        """,
        moment=moment,
        seats_follow=seats_follow,
        gone=gone,
    )


def look_again(reason: str) -> Statement[None]:
    """Ask for a look at Stripe."""
    return done("select app.want_sync(%(reason)s)", reason=reason)


def link(customer: str, clock: str | None) -> Statement[None]:
    """Say whose a customer is. Raises CustomerTaken."""
    return done("select app.link_customer(%(customer)s, %(clock)s)", customer=customer, clock=clock)


def copy(mirror: Mirror, moment: datetime, because: Because) -> tuple[Statement[None], ...]:
    """Make our copy what it should be, and let the tenant do what it may."""
    return (
        _account(mirror.account, moment),
        *((_subscriptions(mirror.subscriptions, moment),) if mirror.subscriptions else ()),
        _unlisted(mirror.subscriptions, moment),
        *((_invoices(mirror.invoices, moment),) if mirror.invoices else ()),
        allow(mirror.access, moment, because),
    )


def _account(row: AccountRow, moment: datetime) -> Statement[None]:
    """A tenant that has never subscribed to anything has no news."""
    return done(
        f"""
        with changed as (
            insert into app.billing_accounts as a ({_list(ACCOUNT)})
            select {_list(ACCOUNT)} from jsonb_populate_record(null::app.billing_accounts, %(row)s::jsonb) where {HOLDS}
            on conflict (tenant_id) do update
               set ({_list(ACCOUNT)}) = row({_list(ACCOUNT, "excluded.")}), version = a.version + 1, updated_at = now()
             where ({_list(ACCOUNT, "a.")}) is distinct from ({_list(ACCOUNT, "excluded.")})
            returning a.*, (old.subscription_id is not null or new.subscription_id is not null)
                           and ({_list(NEWS, "old.")}) is distinct from ({_list(NEWS, "new.")}) as is_news)
        select app.announce(%(event)s, id, %(event_version)s,
                            (select to_jsonb(data) from (select {SUBSCRIBED}) data)) from changed where is_news
        """,
        row=_json(row),
        moment=moment,
        event=announcements.SUBSCRIPTION_CHANGED.name,
        event_version=announcements.SUBSCRIPTION_CHANGED.version,
    )


def _subscriptions(rows: Iterable[SubscriptionRow], moment: datetime) -> Statement[None]:
    return done(
        f"""
        insert into app.subscriptions as s (id, stripe_id, {_list(SUBSCRIPTION)})
        select id, stripe_id, {_list(SUBSCRIPTION)}
          from jsonb_populate_recordset(null::app.subscriptions, %(rows)s::jsonb) where {HOLDS}
        on conflict (tenant_id, id) do update
           set ({_list(SUBSCRIPTION)}) = row({_list(SUBSCRIPTION, "excluded.")}), updated_at = now()
         where ({_list(SUBSCRIPTION, "s.")}) is distinct from ({_list(SUBSCRIPTION, "excluded.")})
        """,
        rows=_json(*rows, many=True),
        moment=moment,
    )


def _unlisted(rows: Iterable[SubscriptionRow], moment: datetime) -> Statement[None]:
    """What Stripe lists no more is over: its customer was deleted, and the tenant may have another."""
    return done(
        f"""
        update app.subscriptions
           set status = 'canceled', canceled_at = coalesce(canceled_at, %(moment)s), ended_at = %(moment)s,
               updated_at = now()
         where tenant_id = %(tenant_id)s and id <> all(%(listed)s) and status <> all(%(ended)s) and {HOLDS}
        """,
        listed=[each.id for each in rows],
        ended=list(ENDED),
        moment=moment,
    )


def _invoices(rows: Iterable[InvoiceRow], moment: datetime) -> Statement[None]:
    """Announces those that have been paid since. Pages are written along with what differs."""
    return done(
        f"""
        with changed as (
            insert into app.invoices as i (id, stripe_id, {_list((*INVOICE, *PAGES))})
            select id, stripe_id, {_list((*INVOICE, *PAGES))}
              from jsonb_populate_recordset(null::app.invoices, %(rows)s::jsonb) where {HOLDS}
            on conflict (tenant_id, id) do update
               set ({_list((*INVOICE, *PAGES))}) = row({_list((*INVOICE, *PAGES), "excluded.")}), updated_at = now()
             where ({_list(INVOICE, "i.")}) is distinct from ({_list(INVOICE, "excluded.")})
            returning i.*, new.status = 'paid' and old.status is distinct from 'paid' as is_news)
        select app.announce(%(event)s, id, %(event_version)s, (select to_jsonb(data) from (
                   select id, number, currency, total, amount_paid, paid_at) data)) from changed where is_news
        """,
        rows=_json(*rows, many=True),
        moment=moment,
        event=announcements.INVOICE_PAID.name,
        event_version=announcements.INVOICE_PAID.version,
    )


def allow(access: Access, moment: datetime | None, because: Because) -> Statement[None]:
    """What the tenant may do, as long as the look that holds is the one of this moment, or none where it is None."""
    return done(
        f"""
        with changed as (
            update app.tenants t set access = %(access)s, version = t.version + 1, updated_at = now()
             where t.id = %(tenant_id)s and t.access <> %(access)s and {HOLDS}
            returning t.id, old.access as previous_access)
        select app.announce(%(event)s, id, %(event_version)s, jsonb_build_object(
                   'id', id, 'access', %(access)s::text, 'previous_access', previous_access,
                   'because', %(because)s::text))
          from changed
        """,
        access=access.value,
        because=because,
        moment=moment,
        event=announcements.ACCESS_CHANGED.name,
        event_version=announcements.ACCESS_CHANGED.version,
    )


def tell_once(subject: str, event: EventType, moment: datetime) -> Statement[None]:
    """Announce something of the account, unless that was done."""
    return done(
        f"""
        with told as (
            insert into app.billing_notices (subject) select %(subject)s where {HOLDS}
            on conflict do nothing returning tenant_id)
        select app.announce(%(event)s, id, %(event_version)s,
                            (select to_jsonb(data) from (select {SUBSCRIBED}) data))
          from app.billing_accounts a where a.tenant_id = (select tenant_id from told)
        """,
        subject=subject,
        moment=moment,
        event=event.name,
        event_version=event.version,
    )


def finish(upto: int, review_at: datetime | None) -> Statement[None]:
    """The look is over; another follows where somebody has asked for one since, or when time changes something."""
    return done("select app.sync_done(%(upto)s, %(review_at)s)", upto=upto, review_at=review_at)


def _json(*rows: Row, many: bool = False) -> str:
    listed = [row.model_dump(mode="json") for row in rows]
    return json.dumps(listed if many else listed[0])
