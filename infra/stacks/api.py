"""The API's functions: the authorizer, one function per route group, and what operators invoke.

(gateway) ──▶ function:live ──▶ layers: dependencies, freehold, product
                  └──▶ the cell's database, where its parameters say
"""

from collections.abc import Iterable
from dataclasses import replace

from aws_cdk import Stack
from constructs import Construct

from functions.declaration import Function
from functions.manifest import FUNCTIONS
from infra.assets import Assets
from infra.constructs.complaints import count_complaints
from infra.constructs.function import LiveFunction, Needs
from infra.constructs.needs import needs_of
from infra.constructs.packages import Packages
from infra.constructs.parameters import read_parameter
from infra.constructs.release import Releases
from infra.constructs.telemetry import hand_lines_over
from infra.constructs.warmth import keep_warm
from infra.stage import Stage
from infra.target import Target


class ApiStack(Stack):
    """Everything between the gateway and the database. Functions without a database are outside the network."""

    def __init__(
        self,
        scope: Construct,
        *,
        stage: Stage,
        target: Target,
        assets: Assets,
        manifest: Iterable[Function] = FUNCTIONS,
    ) -> None:
        super().__init__(scope, f"freehold-{stage.name}-api", description=f"Freehold ({stage.name}): the API")
        packages, releases = Packages(self, "Packages", assets=assets, target=target), Releases(self, stage)
        for declared in manifest:
            if declared.stack == "api":
                needs = self._needs(declared, stage)
                function = LiveFunction(self, declared, stage=stage, packages=packages, needs=needs)
                count_complaints(function, declared, function.logs, stage)
                hand_lines_over(function, function.logs, stage)
                if stage.warm and declared.latency == "critical":
                    keep_warm(function, stage.warm)
                releases.shift(declared, function)

    def _needs(self, declared: Function, stage: Stage) -> Needs:
        needs = needs_of(self, declared, stage)
        if not declared.issuers:
            return needs
        return replace(
            needs,
            settings={**needs.settings, "FREEHOLD_ISSUERS": read_parameter(self, stage, "identity/issuers")},
            digest=read_parameter(self, stage, "identity/issuers-digest"),
        )
