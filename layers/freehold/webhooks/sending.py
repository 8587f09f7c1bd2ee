"""The statements of whoever makes deliveries and sends them."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from freehold.database import Query, Statement, done, every, one
from freehold.messaging.events import Event
from freehold.webhooks import events
from freehold.webhooks.models import DeliveryId, EndpointId


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
    paused_until: AwareDatetime | None
    now: AwareDatetime
    """When this was read, by the database's clock."""

    @property
    def is_test(self) -> bool:
        """Whether somebody wants to know how the endpoint answers: sent in a pause too; its failure is none."""
        return self.event_type == events.WEBHOOK_ENDPOINT_TESTED.name

    @property
    def was_paused(self) -> bool:
        """Whether the endpoint is paused, or was and nobody has seen it answer since."""
        return self.paused_until is not None

    @property
    def pause_left(self) -> timedelta:
        """Nothing or less where the pause is over, or was none."""
        return self.paused_until - self.now if self.paused_until else timedelta()


class Replayed(BaseModel):
    """What a replay came to: how many deliveries it made."""

    model_config = ConfigDict(frozen=True)

    deliveries: int
    is_there: bool
    """Whether the endpoint still is."""


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


def replayed(endpoint_id: EndpointId, replay: UUID) -> Query[Replayed]:
    """What this replay came to."""
    return one(
        Replayed,
        """
        select (select count(*) from app.deliveries
                 where tenant_id = %(tenant_id)s and replay_id = %(replay)s) as deliveries,
               exists (select from app.webhook_endpoints
                        where tenant_id = %(tenant_id)s and id = %(endpoint_id)s) as is_there
        """,
        endpoint_id=endpoint_id,
        replay=replay,
    )


def sending(delivery_id: DeliveryId) -> Query[Sending]:
    """What is to be sent where, signed with which secrets, the newest first."""
    return one(
        Sending,
        """
        select d.id as delivery_id, d.endpoint_id, d.event_id, d.event_type, d.body, d.state, d.attempts,
               e.url, coalesce(e.state = 'active', false) as is_active,
               array_remove(e.secret || array(
                   select former ->> 'secret' from jsonb_array_elements(e.former_secrets) former
                    where (former ->> 'until')::timestamptz > now() order by former ->> 'until' desc), null) as secrets,
               f.endpoint_id is not null as is_failing, f.paused_until, now() as now
          from app.deliveries d
          left join app.webhook_endpoints e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id
          left join app.webhook_failures f on f.tenant_id = d.tenant_id and f.endpoint_id = d.endpoint_id
         where d.tenant_id = %(tenant_id)s and d.id = %(id)s
        """,
        id=delivery_id,
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
