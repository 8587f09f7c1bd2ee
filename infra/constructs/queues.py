"""The queue of a purpose, where its failures end up, and the alarms on both."""

from collections.abc import Sequence

from aws_cdk import Acknowledgment, Duration, Stack, Validations
from aws_cdk.aws_sns import ITopic
from aws_cdk.aws_sqs import DeadLetterQueue, IQueue, QueueEncryption, RedriveAllowPolicy, RedrivePermission
from aws_cdk.aws_sqs import Queue as SqsQueue
from constructs import Construct

from functions.declaration import JOB_CLASSES, Function, Queue
from infra.constructs.alarms import alarm
from infra.stage import Stage

KEPT = Duration.days(14)
"""The longest that SQS keeps anything: as long as somebody has to look into a dead-letter queue."""

_WAITS = Duration.days(4)
"""Less, because a message that goes to the dead-letter queue keeps the age it has."""

_TIMEOUTS_HIDDEN = 6
"""Lambda's own advice: time for a try, and for being throttled before it."""
_PATIENCE = 2
"""A message that is older than so many visibility timeouts was tried and came back, or nobody takes it."""


class PurposeQueue(Construct):
    """A standard queue and its dead-letter queue. Fairness between tenants comes with the messages' group.

    Messages of jobs have no alarms of their own. A job is a row that is handed over again a minute later, so that what
    lies in its queue is stale; how long jobs wait is watched where they are handed over.
    """

    def __init__(
        self, scope: Construct, declared: Function, queue: Queue, *, stage: Stage, topic: ITopic | None
    ) -> None:
        super().__init__(scope, f"{queue.name.title().replace('_', '')}Queue")
        name, hidden = queue_name(stage, queue.name), _TIMEOUTS_HIDDEN * declared.timeout_seconds
        topic = None if queue.name in JOB_CLASSES else topic
        self.dead = dead_letters(self, "Dead", f"{name}-dead", topic=topic, sources=[_named(self, name)])
        self.queue = SqsQueue(
            self,
            "Queue",
            queue_name=name,
            visibility_timeout=Duration.seconds(hidden),
            retention_period=_WAITS,
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=DeadLetterQueue(queue=self.dead, max_receive_count=queue.receives),
        )
        alarm(
            self,
            "Late",
            metric=self.queue.metric_approximate_age_of_oldest_message(period=Duration.minutes(1)),
            at=_PATIENCE * hidden,
            means=f"{declared.name} does not keep up with its queue, or keeps failing: look into its log.",
            see="jobs-and-queues",
            topic=topic,
        )


def queue_name(stage: Stage, purpose: str) -> str:
    """As SQS knows it; its dead-letter queue has `-dead` behind it."""
    return f"freehold-{stage.name}-{purpose}"


def queue_arn(scope: Construct, stage: Stage, purpose: str) -> str:
    """By name, because the queue is another stack's."""
    return Stack.of(scope).format_arn(service="sqs", resource=queue_name(stage, purpose))


def dead_letters(
    scope: Construct, identifier: str, name: str, *, topic: ITopic | None, sources: Sequence[IQueue] = ()
) -> SqsQueue:
    """What could not be done, until somebody has looked. The first message there is an alarm."""
    queue = SqsQueue(
        scope,
        identifier,
        queue_name=name,
        retention_period=KEPT,
        encryption=QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        redrive_allow_policy=_only_from(sources),
    )
    Validations.of(queue).acknowledge(
        Acknowledgment(id="AwsSolutions::AwsSolutions-SQS3", reason="It is a dead-letter queue itself.")
    )
    alarm(
        queue,
        "Filled",
        metric=queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(1)),
        at=1,
        means=f"Something was given up and lies in {name}.",
        see="jobs-and-queues",
        topic=topic,
    )
    return queue


def _only_from(sources: Sequence[IQueue]) -> RedriveAllowPolicy:
    if not sources:
        return RedriveAllowPolicy(redrive_permission=RedrivePermission.DENY_ALL)
    return RedriveAllowPolicy(redrive_permission=RedrivePermission.BY_QUEUE, source_queues=[*sources])


def _named(scope: Construct, name: str) -> IQueue:
    """A queue by its name alone: the two refer to each other, which CloudFormation cannot resolve."""
    return SqsQueue.from_queue_arn(scope, "ByName", Stack.of(scope).format_arn(service="sqs", resource=name))
