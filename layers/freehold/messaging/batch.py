"""From a queue's batch to its messages, one after the other; exactly those that failed come again.

SQS hands a message out again until it was received as often as its queue allows, then puts it into the dead-letter
queue. So a message that nobody can read ends there, and whatever must not get lost is a row as well.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from itertools import chain, repeat
from typing import Any, cast

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import BaseModel, ConfigDict, ValidationError

from freehold import clock
from freehold.database import Replay, TenantGone
from freehold.messaging.events import Event
from freehold.messaging.observed import Record
from freehold.observability import is_cold, logger, observing
from freehold.releases import ASKED, WORKER, check

type Failures = dict[str, Any]
"""`{"batchItemFailures": [{"itemIdentifier": …}]}`, as Lambda takes it."""

TO_ANSWER = 1.0  # seconds
ENOUGH = 15.0  # seconds; to connect, and for a transaction that takes as long as it may


class Body(BaseModel):
    """What a message holds."""

    model_config = ConfigDict(frozen=True)

    @property
    @abstractmethod
    def traced(self) -> Mapping[str, str]:
        """What each line of the log says while it is worked on: `request_id`, `tenant_id` and which one it is."""

    @property
    def handed_by(self) -> tuple[str, object]:
        """The step that handed it on, and the id of what that was a step of; nothing where nobody of ours did."""
        return "", ""


class BusMessage(Body):
    """An event of ours as the bus wraps it up."""

    detail: Event

    @property
    def traced(self) -> Mapping[str, str]:
        """The request that did it, and the event."""
        event = self.detail
        return {
            "request_id": event.request_id,
            "tenant_id": str(event.tenant_id),
            "event_id": str(event.id),
            "event_type": event.type,
        }

    @property
    def handed_by(self) -> tuple[str, object]:
        """The relay."""
        return "publish", self.detail.id


class Unreadable(Exception):
    """The message is not what its queue carries. It comes again, until it ends in the dead-letter queue."""


class NoTimeLeft(Exception):
    """The message was not begun: what was left of the invocation was not enough. It comes again."""


def consume[B: Body](
    event: dict[str, Any],
    context: Any,  # noqa: ANN401 (Lambda's; None where there is no Lambda)
    handle: Callable[[B], object],
    *,
    body: type[B],
    enough: float = ENOUGH,
) -> Failures:
    """Hand each message to `handle`, and say which of them failed.

    The first is begun whatever time is left, another one where `enough` seconds are. What was done before (`Replay`),
    and what is of a tenant that is gone, counts as done.
    """
    if ASKED in event:
        return check(WORKER)
    needed, cold = chain([0.0], repeat(enough)), is_cold()

    def one(record: SQSRecord) -> None:
        left = clock.left(context) - TO_ANSWER
        clock.allow(left)
        logger.thread_safe_clear_keys()
        observed = Record(record, context, cold_start=cold)
        with observing(observed.seen):
            try:
                _require(left, next(needed))
                observed.ended(_handled(observed, body, handle))
            except Exception as error:
                _log_failure(error, observed)
                raise

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    try:
        return cast("Failures", process_partial_response(event, one, processor))
    finally:
        logger.thread_safe_clear_keys()


def _require(left: float, needed: float) -> None:
    if left < needed:
        raise NoTimeLeft(NoTimeLeft.__doc__)


def _handled[B: Body](record: Record, body: type[B], handle: Callable[[B], object]) -> str:
    """What became of it, in a word. Raises Unreadable, and what `handle` raises."""
    try:
        message = body.model_validate_json(record.body)
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Unreadable(
            f"{what['msg']} ({'.'.join(map(str, what['loc'])) or 'all of it'}). {Unreadable.__doc__}"
        ) from None
    record.read(message.traced, message.handed_by)
    try:
        handle(message)
    except Replay:
        return "replayed"
    except TenantGone:
        return "tenant_gone"
    return "done"


def _log_failure(error: Exception, record: Record) -> None:
    if isinstance(error, NoTimeLeft):
        record.put_off()
    elif isinstance(error, Unreadable):
        record.failed("unreadable", error, why=str(error))
    else:
        record.failed("failed", error, exc_info=error)
