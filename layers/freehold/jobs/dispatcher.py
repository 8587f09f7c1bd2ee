"""Hands jobs over, fairly: what the database picks for each class is sent to the class's queue.

What could not be sent goes back at once. What was sent and not taken up, or picked by a dispatcher that died then,
comes back when its lease is over; the older message then begins nothing.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import LiteralString
from uuid import UUID

from pydantic import BaseModel

from freehold.database import Database, Statement, done, lone
from freehold.ids import TenantId
from freehold.jobs.handed import Handed, Picked
from freehold.jobs.models import JobClass, JobId
from freehold.messaging.observed import sent
from freehold.messaging.queues import Message, Queues
from freehold.observability import logger

BATCH = 1_000

type Rooms = Mapping[JobClass, int]
"""How many jobs of a class may be under way, of all tenants together."""

LARGEST: Rooms = {
    JobClass.INTERACTIVE: 40,
    JobClass.STANDARD: 40,
    JobClass.BULK: 10,
    JobClass.DELIVERIES: 100,
    JobClass.MAIL: 20,
    JobClass.BILLING: 20,
    JobClass.PAYMENTS: 20,
}
"""Twice what the workers of a class take at once where the stage allows them all."""


def rooms(workers: int) -> Rooms:
    """Twice what the workers of each class take at once, so many at most: one that is free finds a job.

    What is handed over stands in a queue that knows no shares: the more there is, the longer a tenant that comes late
    waits behind it.
    """
    return {job_class: min(most, 2 * workers) for job_class, most in LARGEST.items()}


class Woken(BaseModel):
    """How many jobs the clock has moved: due ones, untaken ones, those of lost workers, those whose deadline passed."""

    due: int
    returned: int
    lost: int
    late: int


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """What this process hands over. Several may run: the database lets one at a time pick from a class."""

    system: Database
    """As freehold_system."""
    queues: Queues
    rooms: Rooms

    def turn(self) -> int:
        """Wake what is due, pick from each class and send; how many were moved and sent.

        What fails in one does not stop the others. Raises, after them, an ExceptionGroup of what the database raised;
        what was picked by then comes back when its lease is over.
        """
        picks = (partial(self._dispatch, job_class, room) for job_class, room in self.rooms.items())
        steps: list[Callable[[], int]] = [self._wake, *picks]
        worked, failed = 0, list[Exception]()
        for step in steps:
            try:
                worked += step()
            except Exception as error:  # noqa: BLE001 (raised below)
                failed.append(error)
        if failed:
            raise ExceptionGroup("The dispatcher's turn failed.", failed)
        return worked

    def _wake(self) -> int:
        woken = self.system.outside(wake(BATCH))
        if woken.returned or woken.lost or woken.late:
            logger.warning("jobs", returned=woken.returned, lost=woken.lost, late=woken.late)
        return woken.due + woken.returned + woken.lost + woken.late

    def _dispatch(self, job_class: JobClass, room: int) -> int:
        picked = self.system.outside(pick(job_class, room))
        if not picked:
            return 0
        began = time.time_ns()
        if refused := self._send(job_class, picked):
            self.system.outside(give_back([picked[index] for index in sorted(refused)]))
        sent(job_class.value, (job for index, job in enumerate(picked) if index not in refused), began)
        logger.info(
            "dispatched",  # the alarm on late jobs reads this line
            job_class=job_class.value,
            jobs=len(picked) - len(refused),
            refused=len(refused),
            oldest_seconds=round(max(job.waited or 0 for job in picked), 3),
        )
        return len(picked) - len(refused)

    def _send(self, job_class: JobClass, picked: list[Picked]) -> set[int]:
        """Where the queue cannot be reached, all count as refused: a message of one that went back begins nothing."""
        try:
            return self.queues.send(job_class.value, [_message(handed) for handed in picked])
        except Exception as error:  # noqa: BLE001 (the client's own; the other classes have queues of their own)
            logger.error("queue not reached", job_class=job_class.value, exc_info=error)
            return set(range(len(picked)))


def wake(batch: int) -> Statement[Woken]:
    """Move what time moves, so many jobs of each sort."""
    return lone(Woken, "select due, returned, lost, late from app.wake_jobs(%(batch)s)", batch=batch)


def pick(job_class: JobClass, room: int) -> Statement[list[Picked]]:
    """Whose turn it is, so many that `room` are under way."""
    sql: LiteralString = (
        "select tenant_id, id as job_id, token, request_id, waited from app.hand_over(%(job_class)s, %(room)s)"
    )
    return Statement(sql, {"job_class": job_class.value, "room": room}, lambda result: result.fetchall(), Picked)


def give_back(handed: Sequence[Handed]) -> Statement[None]:
    """Let these wait again."""
    tenants: list[TenantId] = [job.tenant_id for job in handed]
    ids: list[JobId] = [job.job_id for job in handed]
    tokens: list[UUID] = [job.token for job in handed]
    return done("select app.return_jobs(%(tenants)s, %(ids)s, %(tokens)s)", tenants=tenants, ids=ids, tokens=tokens)


def _message(handed: Picked) -> Message:
    return Message(group=str(handed.tenant_id), body=handed.model_dump_json(exclude={"waited"}))
