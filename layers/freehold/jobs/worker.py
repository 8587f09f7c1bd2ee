"""Runs jobs: takes what was handed over, and makes an attempt at it.

    handler = work(EXPORT, IMPORT)

Whoever holds a job's token runs it, and nobody else: a message that comes twice or late begins nothing, and what a
worker does after its lease was lost is rolled back. What goes wrong on the way leaves the job to its lease, which gives
it back.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel

from freehold import clock
from freehold.database import Database, LeaseLost, Statement, WorkerCaller, Works, database
from freehold.errors import Unavailable
from freehold.jobs import leases
from freehold.jobs.attempt import Attempt
from freehold.jobs.handed import Handed
from freehold.jobs.kinds import Again, Kind
from freehold.jobs.leases import Held, Taken
from freehold.jobs.running import Running
from freehold.messaging.batch import Failures, consume
from freehold.messaging.warm import open_connections
from freehold.observability import SpanKind, current, logger, step
from freehold.observability.spans import Attributes

ROLE, NAME = "freehold_worker", "jobs"
SUBMITTERS = ("member:", "api_key:")


class Anything(BaseModel):
    """What a job was given whose kind is not known here."""


type Kinds = Mapping[str, Kind[Any]]


def work(*kinds: Kind[Any]) -> Callable[[dict[str, Any], Any], Failures]:
    """The handler of a queue of jobs of these kinds. Opens the database connection now."""
    by_name = {kind.name: kind for kind in kinds}
    open_connections(ROLE)

    def handler(event: dict[str, Any], context: Any) -> Failures:  # noqa: ANN401 (Lambda's)
        return consume(event, context, partial(perform, by_name, database(ROLE)), body=Handed)

    return handler


def perform(kinds: Kinds, workers: Database, handed: Handed) -> str:
    """Make an attempt at a job; what became of it, in a word. Raises Unavailable, and TenantGone."""
    caller = WorkerCaller(tenant_id=handed.tenant_id, worker=NAME, request_id=handed.request_id)
    works, held = workers.working(caller), Held(handed.job_id, handed.token)
    taken = _start(works, held)
    if taken is None:
        return _logged("stale")
    logger.thread_safe_append_keys(kind=taken.kind, attempt=taken.attempt)
    if seen := current():
        seen.acts_for(taken.created_by)
    try:
        kind = kinds.get(taken.kind) or _unknown(taken)
        running = _running(handed, held, taken, _on_behalf(workers, caller, kind, taken))
        return _logged(_made(Attempt(kind=kind, taken=taken, running=running, works=works)))
    except LeaseLost:
        return _logged("lease_lost")


def _made(attempt: Attempt) -> str:
    """The attempt, as a span of its own."""
    taken = attempt.taken
    said: Attributes = {"freehold.job.id": str(taken.id), "freehold.job.attempt": taken.attempt}
    with step(f"job {attempt.kind.name}", SpanKind.INTERNAL, said) as span:
        outcome = attempt.make()
        if span:
            span.attributes["freehold.job.outcome"] = outcome
            span.error = outcome if outcome == "failed" else ""
        return outcome


def _start(works: Works, held: Held) -> Taken | None:
    """Twice, if need be: of the first time, the answer alone may have been lost."""
    try:
        return _answered(works, leases.start(held))
    except Unavailable:
        return _answered(works, leases.start(held)) or _answered(works, leases.begun(held))


def _answered(works: Works, statement: Statement[Taken | None]) -> Taken | None:
    with works.transaction() as tx:
        taken = tx.put(statement)
    return taken.value


def _on_behalf(workers: Database, caller: WorkerCaller, kind: Kind[Any], taken: Taken) -> Works:
    """The database as whoever submitted the job may use it; what a machine submitted is the worker's own."""
    if kind.permission is None or not taken.created_by.startswith(SUBMITTERS):
        return workers.working(caller)
    return workers.working(
        WorkerCaller(
            tenant_id=caller.tenant_id,
            worker=NAME,
            request_id=caller.request_id,
            behalf=taken.created_by,
            permission=kind.permission,
        )
    )


def _unknown(taken: Taken) -> Kind[Any]:
    """A kind that a newer worker may know: while a deploy shifts from one version to the next, both are at work."""
    reason = f"Nobody here knows jobs of the kind {taken.kind}."
    return Kind(name=taken.kind, job_class=taken.job_class, input=Anything, run=lambda *_: Again(None, reason))


def _running(handed: Handed, held: Held, taken: Taken, works: Works) -> Running:
    return Running(
        tenant_id=handed.tenant_id,
        held=held,
        attempt=taken.attempt,
        attempts=taken.attempts,
        request_id=taken.request_id,
        checkpoint=taken.checkpoint,
        works=works,
        seconds_left=clock.seconds_left,
    )


def _logged(outcome: str) -> str:
    logger.info("job", outcome=outcome)
    return outcome
