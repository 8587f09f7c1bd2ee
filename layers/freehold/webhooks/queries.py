"""The statements of requests about webhooks."""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from pydantic import BaseModel

from freehold.database import Query, Write, one, page, write
from freehold.errors import EventsExceedYours
from freehold.jobs.kinds import Kind
from freehold.jobs.models import Job
from freehold.jobs.queries import COLUMNS as JOB
from freehold.webhooks import events
from freehold.webhooks.columns import ATTEMPT, DELIVERY, ENDPOINT, MENDED, SEEN, SENT
from freehold.webhooks.models import (
    Delivery,
    DeliveryId,
    DeliveryWithAttempts,
    Endpoint,
    EndpointId,
    Held,
    NewEndpoint,
    Shown,
)

OF_STATE: dict[Shown, LiteralString] = {
    Shown.PENDING: "and state = 'pending'",
    Shown.SUCCEEDED: "and state = 'succeeded'",
    Shown.FAILED: "and state = 'failed'",
    Shown.ALL: "",
}


def held() -> Query[Held]:
    """What the caller may do; the door has found it out."""
    return one(
        Held,
        "select string_to_array(current_setting('app.permissions'), ' ') as permissions"
        " from app.tenants where id = %(tenant_id)s",
    )


def endpoints(limit: int, cursor: UUID) -> Query[bytes]:
    """A page of endpoints, newest first."""
    return page(
        f"select {ENDPOINT} from app.webhook_endpoints"
        " where tenant_id = %(tenant_id)s and id < %(cursor)s order by id desc",
        limit=limit,
        cursor=cursor,
    )


def endpoint(endpoint_id: EndpointId) -> Query[Endpoint]:
    """One endpoint."""
    return one(
        Endpoint,
        f"select {ENDPOINT} from app.webhook_endpoints where tenant_id = %(tenant_id)s and id = %(id)s",
        id=endpoint_id,
    )


def lock_endpoint(endpoint_id: EndpointId) -> Query[Endpoint]:
    """One endpoint, held until the unit ends."""
    return one(
        Endpoint,
        f"select {ENDPOINT} from app.webhook_endpoints where tenant_id = %(tenant_id)s and id = %(id)s for update",
        id=endpoint_id,
    )


def insert_endpoint(new: NewEndpoint, secret: str, needed: list[str]) -> Write[Endpoint]:
    """A new endpoint, if its maker holds every permission that its events need."""
    return write(
        Endpoint,
        """
        insert into app.webhook_endpoints (tenant_id, url, description, events, permissions, secret)
        select %(tenant_id)s, %(url)s, %(description)s, %(events)s,
               string_to_array(current_setting('app.permissions'), ' '), %(secret)s
         where %(needed)s::text[] <@ string_to_array(current_setting('app.permissions'), ' ')
        """,
        answer=ENDPOINT,
        event=events.WEBHOOK_ENDPOINT_CREATED,
        otherwise=EventsExceedYours,
        url=new.url,
        description=new.description,
        events=new.events,
        secret=secret,
        needed=needed,
    )


def update_endpoint(endpoint: Endpoint, needed: list[str], catalog: dict[str, str], *, moved: bool) -> Write[Endpoint]:
    """The endpoint as it should be from now on. Who chooses other events answers for them with what they hold.

    Nobody has sent elsewhere what they may not see.
    """
    return write(
        Endpoint,
        """
        update app.webhook_endpoints
           set url = %(url)s, description = %(description)s, events = %(events)s,
               permissions = case when events = %(events)s then permissions
                                  else string_to_array(current_setting('app.permissions'), ' ') end,
               version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s
           and (events = %(events)s or %(needed)s::text[] <@ string_to_array(current_setting('app.permissions'), ' '))
           and (not %(moved)s or events <> %(events)s or app.within_yours(array("""
        + SENT
        + """)))
        """,
        answer=MENDED if moved else ENDPOINT,
        event=events.WEBHOOK_ENDPOINT_CHANGED,
        otherwise=EventsExceedYours,
        id=endpoint.id,
        url=endpoint.url,
        description=endpoint.description,
        events=endpoint.events,
        needed=needed,
        moved=moved,
        types=list(catalog),
        needs=list(catalog.values()),
    )


def replace_secret(
    endpoint_id: EndpointId, secret: str, overlap: timedelta, catalog: dict[str, str]
) -> Write[Endpoint]:
    """A new secret; the one before signs as well until the overlap is over, and so do earlier ones until theirs is.

    Without an overlap all of them end. Three are kept at most.
    """
    return write(
        Endpoint,
        """
        update app.webhook_endpoints
           set secret = %(secret)s,
               former_secrets = (
                   select coalesce(jsonb_agg(kept.former), '[]') from (
                       select former from jsonb_array_elements(
                           jsonb_build_array(jsonb_build_object('secret', secret, 'until', now() + %(overlap)s))
                           || former_secrets) former
                        where (former ->> 'until')::timestamptz > now() and %(overlap)s > interval '0' limit 3) kept),
               version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and app.within_yours(array("""
        + SENT
        + """))
        """,
        answer=ENDPOINT,
        event=events.WEBHOOK_ENDPOINT_ROTATED,
        id=endpoint_id,
        secret=secret,
        overlap=overlap,
        types=list(catalog),
        needs=list(catalog.values()),
    )


def enable_endpoint(endpoint_id: EndpointId) -> Write[Endpoint]:
    """An endpoint that is sent events again, at once; one that is active and does not fail stays as it is."""
    return write(
        Endpoint,
        """
        update app.webhook_endpoints
           set state = 'active', disabled_reason = null, disabled_at = null, version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s
           and (state = 'disabled' or exists (select from app.webhook_failures f
                                               where f.tenant_id = %(tenant_id)s and f.endpoint_id = %(id)s
                                                 and not f.recovers))
        """,
        unchanged="select * from app.webhook_endpoints where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=MENDED,
        event=events.WEBHOOK_ENDPOINT_ENABLED,
        id=endpoint_id,
    )


def delete_endpoint(endpoint_id: EndpointId) -> Write[Endpoint]:
    """An endpoint gone for good; what was sent to it stays to be seen."""
    return write(
        Endpoint,
        "delete from app.webhook_endpoints where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=ENDPOINT,
        event=events.WEBHOOK_ENDPOINT_DELETED,
        id=endpoint_id,
    )


def deliveries(
    shown: Shown, endpoint_id: UUID | None, catalog: dict[str, str], limit: int, cursor: UUID
) -> Query[bytes]:
    """A page of deliveries of events that the caller may see, newest first, of one endpoint or of all."""
    of_endpoint: LiteralString = "and endpoint_id = %(endpoint_id)s" if endpoint_id else ""
    return page(
        f"select {DELIVERY} from app.deliveries"
        f" where tenant_id = %(tenant_id)s and id < %(cursor)s {OF_STATE[shown]} {of_endpoint}"
        f" and event_type in ({SEEN}) order by id desc",
        limit=limit,
        cursor=cursor,
        endpoint_id=endpoint_id,
        types=list(catalog),
        needs=list(catalog.values()),
    )


def delivery(delivery_id: DeliveryId, catalog: dict[str, str]) -> Query[DeliveryWithAttempts]:
    """One delivery, and what was tried. None of an event that the caller may not see."""
    return one(
        DeliveryWithAttempts,
        f"""
        select {DELIVERY}, body,
               (select coalesce(json_agg(a order by a.id desc), '[]')
                  from (select {ATTEMPT} from app.delivery_attempts
                         where tenant_id = %(tenant_id)s and delivery_id = %(id)s) a) as attempt_log
          from app.deliveries where tenant_id = %(tenant_id)s and id = %(id)s and event_type in ({SEEN})
        """,
        id=delivery_id,
        types=list(catalog),
        needs=list(catalog.values()),
    )


def insert_test(endpoint_id: EndpointId, event_id: UUID, body: str) -> Write[Delivery]:
    """A delivery of a test event to this endpoint, in whichever state it is."""
    return write(
        Delivery,
        """
        insert into app.deliveries (tenant_id, endpoint_id, event_id, event_type, body)
        select %(tenant_id)s, e.id, %(event_id)s, %(event_type)s, %(body)s
          from app.webhook_endpoints e where e.tenant_id = %(tenant_id)s and e.id = %(endpoint_id)s
        """,
        answer=DELIVERY,
        event=None,
        endpoint_id=endpoint_id,
        event_id=event_id,
        event_type=events.WEBHOOK_ENDPOINT_TESTED.name,
        body=body,
    )


def insert_again(delivery_id: DeliveryId, catalog: dict[str, str]) -> Write[Delivery]:
    """The same event for the same endpoint once more, word for word, if the endpoint is still there."""
    return write(
        Delivery,
        """
        insert into app.deliveries (tenant_id, endpoint_id, event_id, event_type, body)
        select d.tenant_id, e.id, d.event_id, d.event_type, d.body
          from app.deliveries d join app.webhook_endpoints e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id
         where d.tenant_id = %(tenant_id)s and d.id = %(id)s and d.event_type in ("""
        + SEEN
        + """)
        """,
        answer=DELIVERY,
        event=None,
        id=delivery_id,
        types=list(catalog),
        needs=list(catalog.values()),
    )


def insert_job[I: BaseModel](endpoint_id: EndpointId, kind: Kind[I], given: I) -> Write[Job]:
    """A job that is about this endpoint, if it is there."""
    return write(
        Job,
        """
        insert into app.jobs (tenant_id, kind, job_class, state, input, attempts)
        select e.tenant_id, %(kind)s, %(job_class)s, 'waiting', %(input)s::jsonb, %(attempts)s
          from app.webhook_endpoints e where e.tenant_id = %(tenant_id)s and e.id = %(endpoint_id)s
        """,
        answer=JOB,
        event=None,
        endpoint_id=endpoint_id,
        kind=kind.name,
        job_class=kind.job_class.value,
        attempts=kind.attempts,
        input=given.model_dump_json(),
    )
