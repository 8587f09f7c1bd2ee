"""Workers: the functions that nobody waits for.

queue ──▶ function:live ──▶ the cell's database, the bus, SES, customers' addresses
            └── the messages that failed, and only those, come back
clock ──▶ function:live, at the relay's pace that the stage pays for
"""

from collections.abc import Iterable

from aws_cdk import Stack
from aws_cdk.aws_lambda import EventSourceMapping
from constructs import Construct

from functions.declaration import Function, Queue
from functions.manifest import FUNCTIONS
from infra.assets import Assets
from infra.constructs.alarms import topic_of
from infra.constructs.clock import Clock
from infra.constructs.complaints import count_complaints, watch_complaints
from infra.constructs.function import LiveFunction
from infra.constructs.lateness import watch_lateness
from infra.constructs.needs import needs_of
from infra.constructs.packages import Packages
from infra.constructs.queues import queue_arn
from infra.constructs.release import Releases
from infra.constructs.telemetry import hand_lines_over
from infra.stage import Stage
from infra.target import Target


class WorkersStack(Stack):
    """Every function that a queue or the clock calls, by its alias."""

    def __init__(
        self,
        scope: Construct,
        *,
        stage: Stage,
        target: Target,
        assets: Assets,
        manifest: Iterable[Function] = FUNCTIONS,
    ) -> None:
        super().__init__(scope, f"freehold-{stage.name}-workers", description=f"Freehold ({stage.name}): the workers")
        packages, releases = Packages(self, "Packages", assets=assets, target=target), Releases(self, stage)
        functions = {
            declared: LiveFunction(
                self, declared, stage=stage, packages=packages, needs=needs_of(self, declared, stage)
            )
            for declared in manifest
            if declared.stack == "workers"
        }
        for declared, function in functions.items():
            count_complaints(function, declared, function.logs, stage)
            if declared.queue:
                self._feed(function, declared.queue, stage)
            releases.shift(declared, function)
            hand_lines_over(function, function.logs, stage)
        clockwork = {declared: function.alias for declared, function in functions.items() if declared.schedule}
        topic = topic_of(self, stage)
        watch_complaints(self, manifest, stage=stage, topic=topic)
        if clockwork:
            Clock(self, "Clock", stage=stage, called=clockwork, topic=topic)
            for declared in clockwork:
                function = functions[declared]
                watch_lateness(function, declared, function.logs, stage=stage, topic=topic)

    def _feed(self, function: LiveFunction, queue: Queue, stage: Stage) -> None:
        """Lambda reads the queue for it, and deletes what it did not name as failed."""
        EventSourceMapping(
            function,
            "Queue",
            target=function.alias,
            event_source_arn=queue_arn(self, stage, queue.name),
            batch_size=queue.batch_size,
            max_concurrency=min(queue.concurrency, stage.workers_at_once),
            report_batch_item_failures=True,
        )
