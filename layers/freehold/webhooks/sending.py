"""The statements of whoever makes deliveries and sends them."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.database import Query, Statement, Write, done, every, lone, one, write
from freehold.messaging.events import Event
from freehold.webhooks import events
from freehold.webhooks.breaker import Failing
from freehold.webhooks.models import DeliveryId, Endpoint, EndpointId
from freehold.webhooks.queries import ENDPOINT


class Sending(BaseModel):
    """A delivery and where it goes; without a url where the endpoint is gone."""

    model_config = ConfigDict(frozen=True)

    delivery_id: DeliveryId
    endpoint_id: EndpointId
    event_id: UUID
    event_type: str
    body: str
    state: str
    attempts: int
    url: str | None
    is_active: bool
    secrets: list[str]
    is_failing: bool
    was_paused: bool
    pause_left: timedelta
    """Nothing or less where the pause is over, or was none."""


class Tried(BaseModel):
    """One attempt as it is logged: a status, or an error."""

    model_config = ConfigDict(frozen=True)

    url: str
    request_headers: Mapping[str, str]
    status: int | None = None
    response_headers: Mapping[str, str] | None = None
    response_excerpt: str | None = None
    error: str | None = None
    milliseconds: int


class Scout(BaseModel):
    """Whether it is ours to see if the endpoint answers again."""

    is_ours: bool


def insert_deliveries(event: Event, permission: str) -> Statement[None]:
    """A delivery for each endpoint that is to have this event, which takes this permission."""
    return done(
        """
        insert into app.deliveries (tenant_id, endpoint_id, event_id, event_type, body)
        select e.tenant_id, e.id, %(event_id)s, %(event_type)s::text, %(body)s
          from app.webhook_endpoints e
         where e.tenant_id = %(tenant_id)s and e.state = 'active'
           and e.events && array['*', %(event_type)s::text] and %(permission)s = any (e.permissions)
        """,
        event_id=event.id,
        event_type=event.type,
        body=event.model_dump_json(),
        permission=permission,
    )


def past_events(types: Sequence[str], after: UUID, before: UUID, most: int) -> Query[list[Event]]:
    """The first events of these types between two ids."""
    return every(
        Event,
        """
        select id, type, version, tenant_id, subject_id, occurred_at, request_id, data from app.outbox
         where tenant_id = %(tenant_id)s and id > %(after)s and id < %(before)s and type = any (%(types)s::text[])
         order by id limit %(most)s
        """,
        types=list(types),
        after=after,
        before=before,
        most=most,
    )


def insert_replayed(
    endpoint_id: EndpointId, past: Sequence[Event], permissions: Mapping[str, str], replay: UUID
) -> Statement[None]:
    """A delivery of each of these events that the endpoint is for, once for this replay."""
    return done(
        """
        insert into app.deliveries (tenant_id, endpoint_id, event_id, event_type, body, replay_id)
        select e.tenant_id, e.id, p.id, p.type, p.body, %(replay)s
          from unnest(%(ids)s::uuid[], %(types)s::text[], %(permissions)s::text[], %(bodies)s::text[])
               p (id, type, permission, body)
          join app.webhook_endpoints e on e.tenant_id = %(tenant_id)s and e.id = %(endpoint_id)s
           and e.events && array['*', p.type] and p.permission = any (e.permissions)
         where not exists (select from app.deliveries d
                            where d.tenant_id = e.tenant_id and d.replay_id = %(replay)s and d.event_id = p.id)
        """,
        endpoint_id=endpoint_id,
        replay=replay,
        ids=[event.id for event in past],
        types=[event.type for event in past],
        permissions=[permissions[event.type] for event in past],
        bodies=[event.model_dump_json() for event in past],
    )


def sending(delivery_id: DeliveryId) -> Query[Sending]:
    """What is to be sent where, signed with which secrets, the newest first."""
    return one(
        Sending,
        """
        select d.id as delivery_id, d.endpoint_id, d.event_id, d.event_type, d.body, d.state, d.attempts,
               e.url, coalesce(e.state = 'active', false) as is_active,
               array_remove(array[e.secret, case when e.previous_secret_until > now() then e.previous_secret end], null)
                   as secrets,
               f.endpoint_id is not null as is_failing, f.paused_until is not null as was_paused,
               coalesce(f.paused_until - now(), interval '0') as pause_left
          from app.deliveries d
          left join app.webhook_endpoints e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id
          left join app.webhook_failures f on f.tenant_id = d.tenant_id and f.endpoint_id = d.endpoint_id
         where d.tenant_id = %(tenant_id)s and d.id = %(id)s
        """,
        id=delivery_id,
    )


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


def insert_attempt(delivery_id: DeliveryId, tried: Tried) -> Statement[None]:
    """What was tried, and what came back."""
    headers = tried.response_headers
    return done(
        """
        insert into app.delivery_attempts
               (tenant_id, delivery_id, url, request_headers, status, response_headers, response_excerpt, error,
                milliseconds)
        values (%(tenant_id)s, %(delivery_id)s, %(url)s, %(request_headers)s::jsonb, %(status)s,
                %(response_headers)s::jsonb, %(response_excerpt)s, %(error)s, %(milliseconds)s)
        """,
        delivery_id=delivery_id,
        url=tried.url,
        request_headers=json.dumps(dict(tried.request_headers)),
        status=tried.status,
        response_headers=None if headers is None else json.dumps(dict(headers)),
        response_excerpt=tried.response_excerpt,
        error=tried.error,
        milliseconds=tried.milliseconds,
    )


def postpone(delivery_id: DeliveryId, tried: Tried, wait: timedelta) -> Statement[None]:
    """A delivery whose attempt has failed, and when the next one is due."""
    return done(
        """
        update app.deliveries
           set attempts = attempts + 1, last_status = %(status)s, last_error = %(error)s,
               next_attempt_at = now() + %(wait)s
         where tenant_id = %(tenant_id)s and id = %(id)s and state = 'pending'
        """,
        id=delivery_id,
        status=tried.status,
        error=tried.error,
        wait=wait,
    )


def finish(delivery_id: DeliveryId, state: Literal["succeeded", "failed"], tried: Tried) -> Statement[None]:
    """A delivery after its last attempt."""
    return done(
        """
        update app.deliveries
           set state = %(state)s, attempts = attempts + 1, last_status = %(status)s, last_error = %(error)s,
               next_attempt_at = null, finished_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and state = 'pending'
        """,
        id=delivery_id,
        state=state,
        status=tried.status,
        error=tried.error,
    )


def abandon(delivery_id: DeliveryId, reason: str) -> Statement[None]:
    """A delivery that is not attempted any more."""
    return done(
        """
        update app.deliveries set state = 'failed', last_error = %(reason)s, next_attempt_at = null, finished_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and state = 'pending'
        """,
        id=delivery_id,
        reason=reason,
    )


def begin_failing(endpoint_id: EndpointId) -> Statement[None]:
    """See to it that there is a row to count in, as long as there is an endpoint."""
    return done(
        """
        insert into app.webhook_failures (tenant_id, endpoint_id)
        select e.tenant_id, e.id from app.webhook_endpoints e
         where e.tenant_id = %(tenant_id)s and e.id = %(endpoint_id)s
        on conflict do nothing
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
           set failures = %(failures)s, timeouts = %(timeouts)s, pauses = %(pauses)s, paused_until = %(paused_until)s
         where tenant_id = %(tenant_id)s and endpoint_id = %(endpoint_id)s
        """,
        endpoint_id=endpoint_id,
        failures=failing.failures,
        timeouts=failing.timeouts,
        pauses=failing.pauses,
        paused_until=failing.paused_until,
    )


def forget_failing(endpoint_id: EndpointId) -> Statement[None]:
    """The endpoint has answered well, or is not asked any more."""
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
