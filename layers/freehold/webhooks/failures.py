"""The statements of how an endpoint fails, and of its pauses.

Whoever takes several rows takes the endpoint first, then what is remembered of it, then its jobs.
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from freehold.database import Query, Statement, Write, done, every, lone, write
from freehold.webhooks import events
from freehold.webhooks.breaker import Failing
from freehold.webhooks.columns import ENDPOINT
from freehold.webhooks.models import Endpoint, EndpointId


class Answers(BaseModel):
    """Whether jobs of an endpoint that answers are still held."""

    holds: bool


class Scout(BaseModel):
    """Whether it is ours to see if the endpoint answers again."""

    is_ours: bool


def become_scout(endpoint_id: EndpointId, hold: timedelta) -> Statement[Scout]:
    """To be the one delivery that finds out whether the endpoint answers again; for the others the pause goes on."""
    return lone(
        Scout,
        """
        with taken as (
            update app.webhook_failures set paused_until = now() + %(hold)s
             where tenant_id = %(tenant_id)s and endpoint_id = %(endpoint_id)s and paused_until <= now() returning 1)
        select exists (select from taken) as is_ours
        """,
        endpoint_id=endpoint_id,
        hold=hold,
    )


def begin_failing(endpoint_id: EndpointId) -> Statement[None]:
    """See to it that there is a row to count in, as long as there is an endpoint.

    The endpoint is locked before its row, as whoever deletes, enables or moves it does.
    """
    return done(
        """
        insert into app.webhook_failures (tenant_id, endpoint_id)
        select e.tenant_id, e.id from app.webhook_endpoints e
         where e.tenant_id = %(tenant_id)s and e.id = %(endpoint_id)s for no key update
        on conflict (tenant_id, endpoint_id) do update set since = now(), recovers = false
         where webhook_failures.recovers
        """,
        endpoint_id=endpoint_id,
    )


def lock_failing(endpoint_id: EndpointId) -> Query[list[Failing]]:
    """How the endpoint has failed so far, held until the unit ends; nothing where the endpoint is gone."""
    return every(
        Failing,
        """
        select since, failures, timeouts, pauses, paused_until, now() as now from app.webhook_failures
         where tenant_id = %(tenant_id)s and endpoint_id = %(endpoint_id)s for update
        """,
        endpoint_id=endpoint_id,
    )


def update_failing(endpoint_id: EndpointId, failing: Failing) -> Statement[None]:
    """How it fails from now on."""
    return done(
        """
        update app.webhook_failures
           set failures = %(failures)s, timeouts = %(timeouts)s, pauses = %(pauses)s,
               paused_since = case when paused_until is distinct from %(paused_until)s::timestamptz then now()
                                   else paused_since end,
               paused_until = %(paused_until)s
         where tenant_id = %(tenant_id)s and endpoint_id = %(endpoint_id)s
        """,
        endpoint_id=endpoint_id,
        failures=failing.failures,
        timeouts=failing.timeouts,
        pauses=failing.pauses,
        paused_until=failing.paused_until,
    )


def answers(endpoint_id: EndpointId, began: datetime) -> Statement[Answers]:
    """The endpoint has answered well what was begun then. A pause that has begun since goes on.

    What it did before is forgotten, but for that jobs were held of which some still are.
    """
    return lone(
        Answers,
        """
        with past as materialized (
            select f.tenant_id, f.endpoint_id,
                   (f.recovers or f.paused_until is not null)
                   and exists (select from app.jobs j where j.tenant_id = %(tenant_id)s and j.lane = %(endpoint_id)s
                                  and j.state = 'scheduled') as holds
              from app.webhook_failures f
             where f.tenant_id = %(tenant_id)s and f.endpoint_id = %(endpoint_id)s
               and coalesce(f.paused_since <= %(began)s, true) for update
        ), forgotten as (
            delete from app.webhook_failures f using past p
             where f.tenant_id = p.tenant_id and f.endpoint_id = p.endpoint_id and not p.holds
        ), recovering as (
            update app.webhook_failures f
               set failures = 0, timeouts = 0, pauses = 0, paused_since = null, paused_until = null, recovers = true
              from past p where f.tenant_id = p.tenant_id and f.endpoint_id = p.endpoint_id and p.holds
        )
        select coalesce(bool_or(holds), false) as holds from past
        """,
        endpoint_id=endpoint_id,
        began=began,
    )


def forget_failing(endpoint_id: EndpointId) -> Statement[None]:
    """The endpoint is not asked any more."""
    return done(
        "delete from app.webhook_failures where tenant_id = %(tenant_id)s and endpoint_id = %(endpoint_id)s",
        endpoint_id=endpoint_id,
    )


def disable_endpoint(endpoint_id: EndpointId, reason: Literal["gone", "failing"]) -> Write[Endpoint]:
    """An endpoint that nothing is sent to any more."""
    return write(
        Endpoint,
        """
        update app.webhook_endpoints
           set state = 'disabled', disabled_reason = %(reason)s, disabled_at = now(), version = version + 1,
               updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and state = 'active'
        """,
        answer=ENDPOINT,
        event=events.WEBHOOK_ENDPOINT_DISABLED,
        id=endpoint_id,
        reason=reason,
    )
