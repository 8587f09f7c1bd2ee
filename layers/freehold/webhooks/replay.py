"""Sends again what has happened in a time: a job that makes deliveries of past events, from the outbox."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from freehold.database import Statement, done
from freehold.ids import first_id, moment_of
from freehold.jobs import leases
from freehold.jobs.kinds import Done, GiveUp, Kind, Outcome, Resume
from freehold.jobs.leases import Held
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.permissions import WEBHOOKS_WRITE
from freehold.webhooks import sending
from freehold.webhooks.models import EndpointId

MOST = 10_000
"""Events of one replay; whoever wants more asks again from where it ended."""
BATCH = 200
ENOUGH = 10.0  # seconds for one more batch


class Wanted(BaseModel):
    """Which events, by type with the permission that each takes."""

    endpoint_id: EndpointId
    since: AwareDatetime
    until: AwareDatetime
    permissions: dict[str, str]


def replay(running: Running, wanted: Wanted) -> Outcome:
    """Batch after batch, until all is made or time runs short. A batch that was made is made once."""
    after, made = _progress(running, wanted)
    types, before = list(wanted.permissions), first_id(wanted.until)
    while made < MOST:
        past = running.works.one(sending.past_events(types, after, before, min(BATCH, MOST - made)))
        if not past:
            return _done(running, wanted, complete=True)
        after, made = past[-1].id, made + len(past)
        deliveries = sending.insert_replayed(wanted.endpoint_id, past, wanted.permissions, running.job_id)
        running.works.do(
            _fence(running.held),
            leases.beat(running.held, done=made, total=None, checkpoint=_reached(after, made)),
            deliveries,
        )
        running.beat()
        if running.seconds_left() < ENOUGH:
            return Resume(_reached(after, made))
    return _done(running, wanted, complete=False, reached=moment_of(after).isoformat())


def _done(running: Running, wanted: Wanted, **how_far: str | bool) -> Outcome:
    """Raises GiveUp where the endpoint is gone."""
    came_to = running.works.one(sending.replayed(wanted.endpoint_id, running.job_id))
    if not came_to.is_there:
        raise GiveUp("The endpoint was deleted.")
    return Done({"deliveries": came_to.deliveries, **how_far})


def _fence(held: Held) -> Statement[None]:
    """Keeps the job until the unit ends. Raises LeaseLost, before anything is made."""
    return done(
        f"""
        with kept as (select from app.jobs where {leases.MINE} for update)
        select app.hold_lease(count(*)) from kept
        """,  # noqa: S608 (a constant)
        **held.params(),
    )


def _reached(after: UUID, done: int) -> dict[str, Any]:
    return {"after": str(after), "done": done}


def _progress(running: Running, wanted: Wanted) -> tuple[UUID, int]:
    if running.checkpoint:
        return UUID(running.checkpoint["after"]), int(running.checkpoint["done"])
    return first_id(wanted.since), 0


REPLAY = Kind(name="webhooks.replay", job_class=JobClass.STANDARD, input=Wanted, run=replay, permission=WEBHOOKS_WRITE)
