"""Monitoring: who is woken by what AWS measures, and where whoever was woken looks.

API Gateway, Lambda, RDS, EC2 ──▶ their metrics ──▶ alarms ──▶ topic
                                       └──────────▶ dashboards: on call, founder
"""

from collections.abc import Iterable

from aws_cdk import Stack
from constructs import Construct

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.constructs.alarms import topic_of
from infra.constructs.burn_rates import BurnRates
from infra.constructs.database_health import watch_database
from infra.constructs.founder import founder
from infra.constructs.function_health import watch_functions
from infra.constructs.on_call import on_call
from infra.constructs.parameters import read_parameter
from infra.constructs.way_out_health import watch_way_out
from infra.stage import Stage


class MonitoringStack(Stack):
    """The last stack, of stages that wake somebody. What our own log lines say is watched where they are written."""

    def __init__(self, scope: Construct, *, stage: Stage, manifest: Iterable[Function] = FUNCTIONS) -> None:
        super().__init__(
            scope,
            f"freehold-{stage.name}-monitoring",
            description=f"Freehold ({stage.name}): alarms and dashboards",
        )
        manifest, topic = [*manifest], topic_of(self, stage)
        api_id = read_parameter(self, stage, "gateway/api")
        watch_functions(self, manifest, stage=stage, topic=topic)
        watch_database(self, stage=stage, topic=topic)
        watch_way_out(self, stage=stage, topic=topic)
        if topic and stage.watch.burn_rates:
            BurnRates(self, "BurnRates", stage=stage, api_id=api_id, topic=topic)
        on_call(self, stage=stage, api_id=api_id, manifest=manifest)
        founder(self, stage=stage, api_id=api_id)
