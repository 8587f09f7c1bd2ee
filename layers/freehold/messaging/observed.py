"""What a queue or the clock hands over as it is observed, and what goes on to others: lines, metrics and spans."""

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from freehold.observability import Observation, Span, SpanKind, begun, logger, traces
from freehold.observability.metrics import OF_RECORDS, embedded
from freehold.observability.observation import milliseconds
from freehold.observability.spans import Attributes
from freehold.settings import settings

SQS, EVENTBRIDGE = "aws.sqs", "aws.eventbridge"


class Announced(Protocol):
    """An event that was published."""

    @property
    def id(self) -> str:
        """The event's."""

    @property
    def tenant_id(self) -> str:
        """Whose it is."""

    @property
    def envelope(self) -> str:
        """As its consumers see it."""


class Sent(Protocol):
    """A job that was handed over."""

    @property
    def job_id(self) -> object:
        """The job's."""

    @property
    def tenant_id(self) -> object:
        """Whose it is."""

    @property
    def token(self) -> object:
        """Of this once."""

    @property
    def request_id(self) -> str:
        """What it is for."""


class Record:
    """A message while it is worked on. Whose it is, it says when it is read."""

    def __init__(self, given: SQSRecord, context: Any, *, cold_start: bool) -> None:  # noqa: ANN401 (Lambda's)
        self._given, self._began, self._began_at = given, time.perf_counter(), time.time_ns()
        self._age = _age(given)
        self._parent = ""
        said = begun(context, "", message_id=given.message_id, receives=self._receives, cold_start=cold_start)
        self.seen = Observation(said)

    @property
    def body(self) -> str:
        """As it came."""
        return self._given.body

    def read(self, said: Mapping[str, str], handed_by: tuple[str, object]) -> None:
        """It says which request it belongs to, and who has handed it on."""
        request_id = said.get("request_id", "")
        self.seen.fields |= {"correlation_id": request_id, "principal": "worker", **said}
        self._parent = traces.span_id(*handed_by) if handed_by[0] else traces.span_id("request", request_id)
        self.seen.join(request_id)

    def ended(self, outcome: str) -> None:
        """It is done."""
        logger.info("record", outcome=outcome, **self._measures(failed=False))
        self._write("")

    def put_off(self) -> None:
        """It was not begun, and so is no record that was worked on."""
        logger.warning("record", outcome="not_begun", **self._taken())

    def failed(self, outcome: str, error: Exception, **said: Any) -> None:  # noqa: ANN401 (what a line takes)
        """It comes again."""
        logger.error("record", outcome=outcome, **said, **self._measures(failed=True))
        self._write(type(error).__qualname__)

    def _measures(self, *, failed: bool) -> dict[str, Any]:
        return {**self._taken(), **embedded(OF_RECORDS, 1, failed, self._age)}

    def _taken(self) -> dict[str, Any]:
        return {"ms": milliseconds(time.perf_counter() - self._began), **self.seen.measures()}

    def _write(self, error: str) -> None:
        if not self.seen.trace:
            return
        said, queue = self.seen.fields, str(self._given.get("eventSourceARN", "")).rpartition(":")[2]
        Span(
            trace=self.seen.trace,
            id=self.seen.span_id,
            name=f"process {queue}",
            kind=SpanKind.CONSUMER,
            parent=self._parent,
            remote=True,
            began=self._began_at,
            error=error,
            attributes={
                "messaging.system": SQS,
                "messaging.operation.name": "process",
                "messaging.operation.type": "process",
                "messaging.destination.name": queue,
                "messaging.message.id": self._given.message_id,
                "faas.trigger": "pubsub",
                "faas.coldstart": said["cold_start"],
                "freehold.request.id": said["request_id"],
                "freehold.tenant.id": said.get("tenant_id"),
                "freehold.principal": said["principal"],
                "freehold.event.id": said.get("event_id"),
                "freehold.event.type": said.get("event_type"),
                "freehold.job.id": said.get("job_id"),
            },
        ).write()

    @property
    def _receives(self) -> int:
        return int(self._given.attributes.get("ApproximateReceiveCount") or 1)


def _age(given: SQSRecord) -> float:
    """Seconds since it was sent, when it is taken up."""
    at = int(given.attributes.get("SentTimestamp") or 0)
    return round(max(0.0, time.time() - at / 1000), 3) if at else 0.0


def published(bus: str, events: Iterable[Announced], began: int) -> None:
    """A span for each event whose trace is sampled, below the request that announced it."""
    for event in events if settings().traces else ():
        request_id = json.loads(event.envelope)["request_id"]
        _sent(
            "publish", event.id, request_id, EVENTBRIDGE, bus, began, event.tenant_id, {"freehold.event.id": event.id}
        )


def sent(purpose: str, jobs: Iterable[Sent], began: int) -> None:
    """The same for jobs that were handed over, below the request that they are for."""
    queue = settings().queues.get(purpose, purpose).rpartition("/")[2]
    for job in jobs if settings().traces else ():
        _sent("send", job.token, job.request_id, SQS, queue, began, job.tenant_id, {"freehold.job.id": str(job.job_id)})


def _sent(  # noqa: PLR0913, PLR0917 (what a span says)
    step: str, of: object, request_id: str, system: str, where: str, began: int, tenant_id: object, more: Attributes
) -> None:
    if not (trace := traces.sampled(request_id)):
        return
    Span(
        trace=trace,
        id=traces.span_id(step, of),
        name=f"{step} {where}",
        kind=SpanKind.PRODUCER,
        parent=traces.span_id("request", request_id),
        remote=True,
        began=began,
        attributes={
            "messaging.system": system,
            "messaging.operation.name": step,
            "messaging.operation.type": "send",
            "messaging.destination.name": where,
            "freehold.request.id": request_id,
            "freehold.tenant.id": str(tenant_id),
            **more,
        },
    ).write()
