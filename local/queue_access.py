"""The queues of one stage, and their dead letters: counted, looked at, sent back."""

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local import aws, instance
from local.errors import LocalError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef, SendMessageBatchRequestEntryTypeDef

_LARGEST_BATCH = 10
_HIDDEN = 60
"""Seconds that a message is nobody else's while we hold it."""
_LISTENS = 1
"""Seconds. SQS is many machines: who does not wait hears from a few of them only."""
_COUNTS = {
    "waiting": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}
_METRIC_MINUTES = 15
MISSED = "missed"
"""What is dead there are calls of the clock that nobody took. They have no queue of their own to go back to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """How many messages of a purpose are where; SQS counts roughly."""

    purpose: str
    waiting: int
    in_flight: int
    delayed: int
    dead: int
    oldest_seconds: int | None
    """Age of the oldest message that waits; None where nobody measures it, as on a laptop, or where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that was looked at."""

    id: str
    sent_at: str
    tries: int
    """How often it was received, this look included."""
    group: str | None
    """The tenant, where its sender named one."""
    body: str


class QueueAccess:
    """Of one stage, in one account and region."""

    def __init__(self, session: boto3.Session, stage: str, urls: Mapping[str, str], **target: Any) -> None:  # noqa: ANN401 (of clients)
        self._sqs: SQSClient = session.client("sqs", **target)
        self._cloudwatch: Any = session.client("cloudwatch", **target)
        self._stage, self._urls = stage, urls

    def states(self) -> Iterator[QueueState]:
        """By purpose."""
        for purpose, url in sorted(self._urls.items()):
            counts = self._counts(url)
            dead = self._counts(_dead(url))["waiting"]
            yield QueueState(purpose=purpose, dead=dead, oldest_seconds=self._oldest(url), **counts)
        if self._missed_url:
            dead = self._counts(self._missed_url)["waiting"]
            yield QueueState(purpose=MISSED, waiting=0, in_flight=0, delayed=0, dead=dead, oldest_seconds=None)

    def dead(self, purpose: str) -> int:
        """How many of that purpose were given up. Raises LocalError for an unknown one."""
        return self._counts(self._dead_url(purpose))["waiting"]

    def look(self, purpose: str, *, dead: bool, count: int) -> list[Letter]:
        """At most so many messages, which stay where they are. Raises LocalError for an unknown purpose."""
        url = self._dead_url(purpose) if dead else self._url(purpose)
        held: list[MessageTypeDef] = []
        while len(held) < count and (batch := self._receive(url, count - len(held))):
            held += batch
        for message in held:
            self._sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        return [_letter(message) for message in held]

    def send_back(self, purpose: str) -> int:
        """How many went back. Each is sent before it is deleted: whoever interrupts it doubles one, and loses none.

        Raises LocalError for an unknown purpose, and for calls of the clock.
        """
        if purpose == MISSED:
            raise LocalError("Calls that were missed do not go back: the clock has called again since.")
        url, left, sent = self._url(purpose), self.dead(purpose), 0
        while sent < left and (batch := self._receive(_dead(url), left - sent)):
            sent += self._move(batch, url)
        return sent

    def _move(self, batch: "list[MessageTypeDef]", url: str) -> int:
        answer = self._sqs.send_message_batch(
            QueueUrl=url, Entries=[_again(number, message) for number, message in enumerate(batch)]
        )
        if refused := answer.get("Failed"):
            raise LocalError(
                f"SQS refused {len(refused)} of {len(batch)}: {refused[0].get('Message', 'no reason given')}"
            )
        for message in batch:
            self._sqs.delete_message(QueueUrl=_dead(url), ReceiptHandle=message["ReceiptHandle"])
        return len(batch)

    def _receive(self, url: str, most: int) -> "list[MessageTypeDef]":
        answer = self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(most, _LARGEST_BATCH),
            VisibilityTimeout=_HIDDEN,
            WaitTimeSeconds=_LISTENS,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages", [])

    def _counts(self, url: str) -> dict[str, int]:
        found: dict[Any, str] = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return {word: int(found[name]) for word, name in _COUNTS.items()}

    def _oldest(self, url: str) -> int | None:
        """As CloudWatch last heard it: to ask the queue itself would count as a try of its messages."""
        now = dt.datetime.now(dt.UTC)
        points = self._cloudwatch.get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
            StartTime=now - dt.timedelta(minutes=_METRIC_MINUTES),
            EndTime=now,
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        return int(max(points, key=lambda point: point["Timestamp"])["Maximum"]) if points else None

    @cached_property
    def _missed_url(self) -> str | None:
        """None where the workers are not deployed yet."""
        name = f"freehold-{self._stage}-{MISSED}-dead"
        try:
            return self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        except self._sqs.exceptions.QueueDoesNotExist:
            return None

    def _dead_url(self, purpose: str) -> str:
        if purpose == MISSED and self._missed_url:
            return self._missed_url
        return _dead(self._url(purpose))

    def _url(self, purpose: str) -> str:
        if purpose not in self._urls:
            raise LocalError(f"There is no queue {purpose}: choose one of {', '.join(sorted(self._urls))}.")
        return self._urls[purpose]


def queues_of(stage: str | None) -> QueueAccess:
    """Of a deployed stage, in the account that the environment names, or else of the running `make dev`."""
    if stage is None:
        return on_laptop(instance.require())
    try:
        session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
        return access(session, stage)
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"The queues of {stage} cannot be listed: {error}") from error


def on_laptop(running: instance.Instance) -> QueueAccess:
    """Of the emulator behind the running API."""
    endpoint = running.url.partition("/_aws/")[0]
    return access(aws.session(), running.stage, **aws.at(endpoint))


def access(session: boto3.Session, stage: str, **target: Any) -> QueueAccess:  # noqa: ANN401 (arguments of clients)
    """Where the messaging stack says that they are. Raises LocalError where it was not deployed."""
    ssm = session.client("ssm", **target)
    try:
        urls = ssm.get_parameter(Name=f"/freehold/{stage}/messaging/queues")["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        raise LocalError(
            f"No queues of {stage} are deployed here: `make deploy STAGE={stage}`, or another AWS_PROFILE."
        ) from None
    return QueueAccess(session, stage, json.loads(urls), **target)


def _dead(url: str) -> str:
    return f"{url}-dead"


def _letter(message: "MessageTypeDef") -> Letter:
    said = message["Attributes"]
    sent = dt.datetime.fromtimestamp(int(said["SentTimestamp"]) / 1000, dt.UTC)
    return Letter(
        id=message["MessageId"],
        sent_at=sent.isoformat(timespec="seconds"),
        tries=int(said["ApproximateReceiveCount"]),
        group=said.get("MessageGroupId"),
        body=message["Body"],
    )


def _again(number: int, message: "MessageTypeDef") -> "SendMessageBatchRequestEntryTypeDef":
    """The same message, for the same tenant."""
    entry: SendMessageBatchRequestEntryTypeDef = {"Id": str(number), "MessageBody": message["Body"]}
    if group := message.get("Attributes", {}).get("MessageGroupId"):
        entry["MessageGroupId"] = group
    return entry
