"""Messages to queues: the gateway to SQS.

SendMessageBatch takes ten messages, and answers 200 with those inside that it did not take.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from freehold.messaging.aws import AT_ONCE, client
from freehold.messaging.calls import refused_of
from freehold.messaging.chunks import chunks
from freehold.observability import calling_aws, logger

MOST_ENTRIES = 10
MOST_BYTES = 256 * 1024
"""Of a message, and of the messages of one call. SQS has taken more since 2025, and its targets may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a queue carries. Those of one group, which is a tenant's id, wait behind one another when there are many."""

    group: str
    body: str


class Queues(Protocol):
    """Where messages go."""

    def send(self, queue: str, messages: Sequence[Message]) -> set[int]:
        """Send them to the queue of this purpose; the indexes of those that it did not take.

        Raises what the client raises when not one call reached the queue: none of them may have been taken, or some.
        """


class Sqs:
    """The queues of this stage."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        """Take the address of each queue by its purpose."""
        self._urls = urls
        self.client = client("sqs")
        self._threads = ThreadPoolExecutor(AT_ONCE)

    def send(self, queue: str, messages: Sequence[Message]) -> set[int]:
        """As `Queues` says."""
        sizes = [len(message.body.encode()) for message in messages]
        too_large = {index for index, size in enumerate(sizes) if size > MOST_BYTES}
        for index in too_large:
            logger.error("message too large", queue=queue, group=messages[index].group, bytes=sizes[index])
        fitting = [index for index in range(len(messages)) if index not in too_large]
        calls = chunks(fitting, size=lambda index: sizes[index], most=MOST_ENTRIES, most_bytes=MOST_BYTES)
        return too_large | refused_of(lambda indexes: self._send(queue, messages, indexes), calls, self._threads)

    def _send(self, queue: str, messages: Sequence[Message], indexes: Sequence[int]) -> Iterator[int]:
        entries = [
            {"Id": str(index), "MessageBody": messages[index].body, "MessageGroupId": messages[index].group}
            for index in indexes
        ]
        with calling_aws("SQS", "SendMessageBatch"):
            answer = self.client.send_message_batch(QueueUrl=self._urls[queue], Entries=entries)
        for failed in answer.get("Failed", ()):
            logger.warning("message refused", queue=queue, code=failed["Code"], why=failed.get("Message", ""))
            yield int(failed["Id"])
