"""Messaging: how what a request announced reaches the functions that do something about it.

relay ──▶ bus ──▶ one rule per function ──▶ its queue ──▶ (workers)
            └── archive                        └── dead letters ──▶ alarm
relay ──▶ queue of a class of jobs ──▶ (workers)
SES ──▶ the account's bus ──▶ rule ──▶ queue of bounces and complaints
Stripe ──▶ its partner's bus, where there is one ──▶ rule ──▶ queue of its events
reports ──▶ files, for a week
the audit trail ──▶ anchors, which nobody can change
the keys to Stripe, in a secret; where spans and errors go, in another
"""

import hashlib
from collections.abc import Iterable

from aws_cdk import CfnOutput, Fn, Stack
from constructs import Construct

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.constructs.alarms import alarm_topic
from infra.constructs.anchors import anchors_bucket
from infra.constructs.bus import event_bus, subscribe
from infra.constructs.files import files_bucket
from infra.constructs.mail import FEEDBACK, configuration_set, hand_feedback
from infra.constructs.parameters import write_parameter
from infra.constructs.queues import PurposeQueue
from infra.constructs.stripe import EVENTS, hand_events, stripe_secret
from infra.constructs.telemetry import telemetry_secret
from infra.stage import Stage


class MessagingStack(Stack):
    """Which queues and rules there are is the manifest's to say."""

    def __init__(
        self, scope: Construct, *, stage: Stage, manifest: Iterable[Function] = FUNCTIONS, stripe_source: str = ""
    ) -> None:
        super().__init__(
            scope,
            f"freehold-{stage.name}-messaging",
            description=f"Freehold ({stage.name}): events, queues and files",
        )
        topic, bus = alarm_topic(self, stage), event_bus(self, stage)
        queues: dict[str, PurposeQueue] = {}
        for declared in manifest:
            if declared.queue:
                purpose = PurposeQueue(self, declared, declared.queue, stage=stage, topic=topic)
                queues[declared.queue.name] = purpose
                if declared.events:
                    subscribe(self, declared, purpose, bus=bus)
        configuration_set(self, stage)
        if FEEDBACK in queues:
            hand_feedback(self, stage, queues[FEEDBACK])
        if stripe_source and EVENTS in queues:
            hand_events(self, stripe_source, queues[EVENTS])
        files = files_bucket(self)
        urls = {name: purpose.queue.queue_url for name, purpose in sorted(queues.items())}
        write_parameter(self, stage, "messaging/bus", bus.event_bus_name)
        write_parameter(self, stage, "messaging/queues", self.to_json_string(urls))
        write_parameter(self, stage, "messaging/files", files.bucket_name)
        write_parameter(self, stage, "messaging/anchors", anchors_bucket(self, stage).bucket_name)
        write_parameter(self, stage, "messaging/stripe", stripe_secret(self, stage).secret_arn)
        if stage.watch.wakes:
            write_parameter(self, stage, "messaging/telemetry", telemetry_secret(self, stage).secret_arn)
        write_parameter(self, stage, "messaging/digest", self._digest(urls))
        if topic:
            CfnOutput(self, "AlarmTopic", value=topic.topic_arn)

    def _digest(self, queues: Iterable[str]) -> str:
        """Another one when the values of the other parameters are: after a new queue, or in a stack made anew."""
        made = Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", self.stack_id))))
        names = hashlib.sha256(",".join(queues).encode()).hexdigest()[:8]
        return f"{names}-{made}"
