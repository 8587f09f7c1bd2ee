"""From a queue to its function: as Lambda polls, batch by batch, and deletes what did not fail."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from local.transport.queue import Message, Queue

type Event = dict[str, Any]
type Invoke = Callable[[Event], Any]
"""Calls the function; raises where it died or failed as a whole."""

ARN = "arn:aws:sqs:us-east-1:000000000000:{}"


def deliver(queue: Queue, name: str, batch: Sequence[Message], invoke: Invoke) -> int:
    """One batch, once; how many of it are done. What the function does not report as failed is deleted."""
    event = {"Records": [_record(message, name) for message in batch]}
    try:
        answer = invoke(event) or {}
        failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
    except (OSError, RuntimeError):
        return 0
    done = [message for message in batch if message.id not in failed]
    for message in done:
        queue.delete(message)
    return len(done)


class Poller:
    """Keeps up to `concurrency` invocations of one function going, until it is left."""

    def __init__(self, queue: Queue, name: str, *, batch: int, concurrency: int, invoke: Invoke) -> None:
        self._queue, self._name, self._batch, self._invoke = queue, name, batch, invoke
        self._concurrency = concurrency
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix=name)
        self._over = threading.Event()

    def __enter__(self) -> Self:
        for _ in range(self._concurrency):
            self._threads.submit(self._poll)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._threads.shutdown()

    def _poll(self) -> None:
        while not self._over.is_set():
            if batch := self._queue.receive(self._batch, wait=0.2):
                deliver(self._queue, self._name, batch, self._invoke)


def _record(message: Message, queue: str) -> Event:
    """As SQS hands it to Lambda."""
    return {
        "messageId": message.id,
        "receiptHandle": message.id,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.receives),
            "SentTimestamp": str(int(message.sent_at * 1000)),
            "SenderId": "000000000000",
            "ApproximateFirstReceiveTimestamp": str(int(message.sent_at * 1000)),
            "MessageGroupId": message.group,
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN.format(queue),
        "awsRegion": "us-east-1",
    }
