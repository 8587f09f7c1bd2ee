"""What Stripe is asked for, written down before it is asked: for requests and for workers alike.

The id of an operation makes the key by which Stripe knows it again, so that an answer that was lost is given again and
nothing happens twice.
"""

import json
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from freehold.database import Query, Statement, done, lone, one
from freehold.errors import AskedTooOften

MOST = 30
"""How many requests of a tenant may ask Stripe in ten minutes; those at the same moment can pass it by a few."""

type What = Literal["checkout", "portal", "preview", "change", "cancel", "resume"]


class Operation(BaseModel):
    """Something that Stripe is asked for."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    state: Literal["begun", "done", "failed"]
    request: dict[str, Any]
    result: dict[str, Any] | None
    created_at: datetime

    @property
    def tries(self) -> int:
        """How many keys have failed for certain."""
        return int(self.request.get("tries", 0))


def begin(what: What, key: str, request: dict[str, Any]) -> Statement[Operation]:
    """Write it down, unless it stands there: under this key it is one operation."""
    return lone(
        Operation,
        """
        insert into app.billing_operations (kind, key, request)
        select %(what)s, %(key)s, %(request)s::jsonb from app.tenants where id = %(tenant_id)s
        on conflict (tenant_id, key) do update set key = excluded.key
        returning id, state, request, result, created_at
        """,
        what=what,
        key=key,
        request=json.dumps(request),
    )


def ask(what: What, key: str, request: dict[str, Any]) -> Statement[Operation]:
    """The same for a request, by whoever sends it: what one of them calls it means nothing to another.

    Raises AskedTooOften where the tenant has sent as many as it may: each is several of ours at Stripe.
    """
    return lone(
        Operation,
        """
        insert into app.billing_operations as o (kind, key, request)
        select %(what)s, encode(sha256(convert_to(current_setting('app.principal') || ' ' || %(key)s, 'UTF8')), 'hex'),
               %(request)s::jsonb
          from app.tenants t
         where t.id = %(tenant_id)s
           and (select coalesce(sum(r.asked), 0) from app.billing_operations r
                 where r.tenant_id = t.id and r.kind in ('checkout', 'portal', 'preview')
                   and r.asked_at > now() - interval '10 minutes') < %(most)s
        on conflict (tenant_id, key) do update
           set asked = case when o.asked_at > now() - interval '10 minutes' then o.asked + 1 else 1 end,
               asked_at = now()
        returning id, state, request, result, created_at
        """,
        otherwise=AskedTooOften,
        what=what,
        key=key,
        request=json.dumps(request),
        most=MOST,
    )


def forget() -> Statement[None]:
    """What requests have asked for is over after a day: their pages, their previews, and Stripe's memory of keys."""
    return done(
        """
        delete from app.billing_operations
         where tenant_id = %(tenant_id)s and kind in ('checkout', 'portal', 'preview')
           and asked_at < now() - interval '1 day'
        """
    )


def note(operation_id: UUID, request: dict[str, Any]) -> Statement[None]:
    """What exactly it is, as far as that was not known when it began."""
    return done(
        """
        update app.billing_operations set request = request || %(request)s::jsonb
         where tenant_id = %(tenant_id)s and id = %(id)s
        """,
        id=operation_id,
        request=json.dumps(request),
    )


def anew(operation_id: UUID, tries: int) -> Statement[None]:
    """It failed for certain: it is asked for again under another key, as things are then."""
    return done(
        """
        update app.billing_operations
           set state = 'begun', finished_at = null, result = null,
               request = (request - '{params,at,page}'::text[]) || jsonb_build_object('tries', %(tries)s::integer)
         where tenant_id = %(tenant_id)s and id = %(id)s
        """,
        id=operation_id,
        tries=tries,
    )


def finish(operation_id: UUID, result: dict[str, Any], *, state: Literal["done", "failed"] = "done") -> Statement[None]:
    """What came of it."""
    return done(
        """
        update app.billing_operations
           set state = %(state)s, result = %(result)s::jsonb, finished_at = coalesce(finished_at, now())
         where tenant_id = %(tenant_id)s and id = %(id)s
        """,
        id=operation_id,
        state=state,
        result=json.dumps(result),
    )


def close(reason: str) -> Statement[None]:
    """What was begun by a job that is over has failed, where the job has not said otherwise."""
    return done(
        """
        update app.billing_operations o
           set state = 'failed', result = jsonb_build_object('reason', %(reason)s::text), finished_at = now()
         where o.tenant_id = %(tenant_id)s and o.state = 'begun' and o.kind in ('change', 'cancel', 'resume')
           and not exists (
               select from app.jobs j where j.tenant_id = o.tenant_id and j.id::text = o.key
                  and j.state in ('waiting', 'scheduled', 'queued', 'running'))
        """,
        reason=reason,
    )


def preview(operation_id: UUID) -> Query[Operation]:
    """A preview that was made. Raises NotFound."""
    return one(
        Operation,
        """
        select id, state, request, result, created_at from app.billing_operations
         where tenant_id = %(tenant_id)s and id = %(id)s and kind = 'preview' and state = 'done'
        """,
        id=operation_id,
    )
