"""Sends again what has happened in a time: a job that makes deliveries of past events, from the outbox."""

from datetime import UTC, datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from freehold.jobs.kinds import Done, Kind, Outcome, Resume
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
    after, done = _progress(running, wanted)
    types, before = list(wanted.permissions), first_id(wanted.until)
    while done < MOST:
        past = running.works.one(sending.past_events(types, after, before, min(BATCH, MOST - done)))
        if not past:
            return Done({"events": done, "complete": True})
        running.works.do(sending.insert_replayed(wanted.endpoint_id, past, wanted.permissions, running.job_id))
        after, done = past[-1].id, done + len(past)
        running.beat(done=done, checkpoint={"after": str(after), "done": done})
        if running.seconds_left() < ENOUGH:
            return Resume({"after": str(after), "done": done})
    return Done({"events": done, "complete": False, "reached": moment_of(after).isoformat()})


def first_id(moment: datetime) -> UUID:
    """What every id that was made from this moment on is greater than: a UUID version 7 begins with its millisecond."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def moment_of(event_id: UUID) -> datetime:
    """When an id of version 7 was made."""
    return datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)


def _progress(running: Running, wanted: Wanted) -> tuple[UUID, int]:
    if running.checkpoint:
        return UUID(running.checkpoint["after"]), int(running.checkpoint["done"])
    return first_id(wanted.since), 0


REPLAY = Kind(name="webhooks.replay", job_class=JobClass.STANDARD, input=Wanted, run=replay, permission=WEBHOOKS_WRITE)
