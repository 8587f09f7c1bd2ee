"""The API: clients, gateway, authorizer, one function per route group.

clients ──▶ Gateway ──▶ authorizer:live (who is this? cached for a minute)
                │ one route, one integration
                ▼
            function:live ──▶ layers: dependencies, freehold, product
                └──▶ the cell's database, where its parameters say
"""

from collections.abc import Iterable
from dataclasses import replace

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from functions.declaration import Function
from functions.manifest import AUTHORIZER, FUNCTIONS
from infra.assets import Assets
from infra.constructs.complaints import count_complaints
from infra.constructs.function import LiveFunction, Needs
from infra.constructs.http_api import Gateway
from infra.constructs.needs import needs_of
from infra.constructs.packages import Packages
from infra.constructs.parameters import read_parameter
from infra.constructs.telemetry import hand_lines_over
from infra.constructs.warmth import keep_warm
from infra.stage import Stage
from infra.target import Target


class ApiStack(Stack):
    """Everything between a client and the database. Functions without a database are outside the network."""

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
        packages = Packages(self, "Packages", assets=assets, target=target)
        functions = {
            declared: LiveFunction(self, declared, stage=stage, packages=packages, needs=self._needs(declared, stage))
            for declared in manifest
            if declared.stack == "api"
        }
        gateway = Gateway(self, "Gateway", stage=stage, authorizer=functions[AUTHORIZER].alias)
        for declared, function in functions.items():
            gateway.route(declared, function.alias)
            count_complaints(function, declared, function.logs, stage)
            if stage.warm and declared.latency == "critical":
                keep_warm(function.alias, stage.warm)
        hand_lines_over(self, functions, stage)
        CfnOutput(self, "ApiUrl", value=gateway.api.api_endpoint)
        CfnOutput(self, "ApiId", value=gateway.api.api_id)
        CfnOutput(self, "StripeWebhookUrl", value=f"{gateway.api.api_endpoint}/stripe/webhooks")

    def _needs(self, declared: Function, stage: Stage) -> Needs:
        needs = needs_of(self, declared, stage)
        if not declared.issuers:
            return needs
        return replace(
            needs,
            settings={**needs.settings, "FREEHOLD_ISSUERS": read_parameter(self, stage, "identity/issuers")},
            digest=read_parameter(self, stage, "identity/issuers-digest"),
        )
