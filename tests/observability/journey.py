"""From a request to the webhook that its customer receives: every hop by its own handler, with doubles of queues."""

import importlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from freehold.database import Database
from freehold.jobs.dispatcher import Dispatcher
from freehold.jobs.models import JobClass
from freehold.jobs.worker import work
from freehold.messaging.bus import Announced
from freehold.messaging.queues import Message
from freehold.messaging.relay import Relay
from freehold.webhooks.deliver import deliveries
from freehold.webhooks.egress import Egress
from local.companies import Company
from local.gateway import Answer
from local.lambda_context import Context
from tests.webhooks.listeners import Listener

MANY_AT_ONCE = "insert into app.job_quotas (job_class, concurrency) values ('deliveries', 1000)"
ENDPOINTS = "/v1/webhook-endpoints"


@dataclass
class Kept:
    """A bus and its queues, which keep what they were given."""

    events: list[Announced] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def publish(self, events: Sequence[Announced]) -> set[str]:
        self.events += events
        return set()

    def send(self, queue: str, messages: Sequence[Message]) -> set[int]:
        self.messages += messages
        return set()


@dataclass
class Journey:
    """`company` changes something; `listener` is where its endpoint is."""

    company: Company
    system: Database
    listener: Listener
    kept: Kept = field(default_factory=Kept)
    endpoint: dict[str, Any] = field(default_factory=dict)

    def subscribe(self) -> None:
        """One on loopback is no good to the API, so the database is told."""
        self.company.execute(MANY_AT_ONCE)
        body = {"url": "https://hooks.example.com/", "events": ["project.created"]}
        self.endpoint = self.company.call("POST", ENDPOINTS, body=body).json
        sql = "update app.webhook_endpoints set url = %(url)s where tenant_id = %(tenant_id)s and id = %(id)s"
        self.company.execute(sql, url=self.listener.url, id=UUID(self.endpoint["id"]))

    def change(self, **how: Any) -> Answer:
        """The request that everything follows from."""
        return self.company.call("POST", "/v1/projects", body={"name": "Apollo"}, **how)

    def relay(self) -> None:
        """The relay and the dispatcher, a turn each."""
        relay = Relay(self.system, self.kept, holder=str(uuid4()))
        while relay.turn():
            pass
        relay.finish()
        Dispatcher(self.system, self.kept, {JobClass.DELIVERIES: 1000}).turn()

    def fan_out(self) -> dict[str, Any]:
        """The function that makes deliveries of events."""
        ours = [event for event in self.kept.events if event.tenant_id == str(self.company.id)]
        bodies = [json.dumps({"source": "freehold", "detail": json.loads(event.envelope)}) for event in ours]
        self.kept.events = []
        handler = importlib.import_module("functions.fan_out.handler").handler
        answer: dict[str, Any] = handler(batch("webhooks", *bodies), context("fan_out"))
        return answer

    def deliver(self) -> None:
        """What the function of deliveries does, with a way out that reaches the listener."""
        bodies = [message.body for message in self.kept.messages if message.group == str(self.company.id)]
        self.kept.messages = []
        handler = work(deliveries(Egress(listeners={f"{self.listener.host}:{self.listener.port}"})))
        handler(batch("deliveries", *bodies), context("deliver_webhooks"))

    def travel(self, **how: Any) -> Answer:
        """All of it."""
        answer = self.change(**how)
        self.relay()
        self.fan_out()
        self.relay()
        self.deliver()
        return answer


def batch(queue: str, *bodies: str) -> dict[str, Any]:
    """As SQS hands them over."""
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "1768469400000"}
    arn = f"arn:aws:sqs:eu-central-1:000000000000:freehold-test-{queue}"
    return {
        "Records": [
            {
                "messageId": str(number),
                "body": body,
                "attributes": attributes,
                "eventSource": "aws:sqs",
                "eventSourceARN": arn,
            }
            for number, body in enumerate(bodies)
        ]
    }


def context(function: str) -> Context:
    return Context.in_process(f"freehold-test-{function}", timeout_seconds=60)
