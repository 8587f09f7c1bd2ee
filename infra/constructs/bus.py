"""The bus that events travel on, and the rules that hand them to the queues that want them."""

from aws_cdk import Duration, Stack
from aws_cdk.aws_events import EventBus, EventPattern, IEventBus, Rule
from aws_cdk.aws_events_targets import SqsQueue
from constructs import Construct

from functions.declaration import Function
from infra.constructs.queues import PurposeQueue
from infra.stage import Stage

SOURCE = "freehold"
"""Of every event of ours; the event's type is its `detail-type`, and its envelope the `detail`."""

TENANT = "$.detail.tenant_id"
"""The path in an event to what SQS is to be fair between. EventBridge puts the value there."""

_KEPT = Duration.days(30)
"""How far back events can be replayed from the archive."""
_TRIES_FOR = Duration.hours(24)
_TRIES = 185
"""EventBridge's own limits: a queue that cannot be reached for a day is not waited for any longer."""


def event_bus(scope: Construct, stage: Stage) -> EventBus:
    """With an archive of all that it carried."""
    bus = EventBus(scope, "Bus", event_bus_name=bus_name(stage))
    bus.archive(
        "Archive",
        archive_name=bus_name(stage),
        event_pattern=EventPattern(source=[SOURCE]),
        retention=_KEPT,
    )
    return bus


def bus_name(stage: Stage) -> str:
    """As EventBridge knows it."""
    return f"freehold-{stage.name}"


def bus_arn(scope: Construct, stage: Stage) -> str:
    """By name, because the bus is another stack's."""
    return Stack.of(scope).format_arn(service="events", resource="event-bus", resource_name=bus_name(stage))


def subscribe(scope: Construct, declared: Function, purpose: PurposeQueue, *, bus: IEventBus) -> None:
    """Hand the events that it wants to its queue."""
    types = None if "*" in declared.events else [*declared.events]
    pattern = EventPattern(source=[SOURCE], detail_type=types)
    hand_over(scope, f"{declared.name.title().replace('_', '')}Rule", pattern, purpose, bus=bus, group=TENANT)


def hand_over(  # noqa: PLR0913 (by name: which events of which bus, to whom, grouped how)
    scope: Construct,
    identifier: str,
    pattern: EventPattern,
    purpose: PurposeQueue,
    *,
    bus: IEventBus | None,
    group: str | None,
) -> None:
    """What EventBridge cannot hand over goes where the function's own failures go. Without a bus: the account's."""
    target = SqsQueue(
        purpose.queue,
        message_group_id=group,
        dead_letter_queue=purpose.dead,
        max_event_age=_TRIES_FOR,
        retry_attempts=_TRIES,
    )
    Rule(scope, identifier, event_bus=bus, event_pattern=pattern, targets=[target])
