"""The API: clients, gateway, authorizer, one function per route group.

clients ──▶ Gateway ──▶ authorizer:live (who is this? cached for a minute)
                │ one route, one integration
                ▼
            function:live ──▶ layers: dependencies, freehold, product
                └──▶ the cell's database, where its parameter says
"""

from collections.abc import Iterable

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from functions.manifest import AUTHORIZER, FUNCTIONS, Function
from infra.assets import Assets
from infra.constructs.function import LiveFunction
from infra.constructs.http_api import Gateway
from infra.constructs.packages import Packages
from infra.stage import Stage
from infra.target import Target


class ApiStack(Stack):
    """Everything between a client and the database. Network and cell come as SSM parameters, never as imports."""

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
        self._stage = stage
        packages = Packages(self, "Packages", assets=assets, target=target)
        functions = {
            declared: LiveFunction(
                self, declared, stage=stage, packages=packages, environment=self._environment(declared)
            )
            for declared in manifest
        }
        gateway = Gateway(self, "Gateway", stage=stage, authorizer=functions[AUTHORIZER].alias)
        for declared, function in functions.items():
            gateway.route(declared, function.alias)
        CfnOutput(self, "ApiUrl", value=gateway.api.api_endpoint)
        CfnOutput(self, "ApiId", value=gateway.api.api_id)

    def _environment(self, declared: Function) -> dict[str, str]:
        """One name has one value wherever it occurs; a function gets only the names that it needs."""
        everywhere = {
            "FREEHOLD_STAGE": self._stage.name,
            "FREEHOLD_KEY_MODE": self._stage.key_mode,
            "POWERTOOLS_SERVICE_NAME": "freehold",
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }
        database = {"FREEHOLD_DATABASE": self._parameter("cell/pool/conninfo")} if declared.database else {}
        issuers = {"FREEHOLD_ISSUERS": self._parameter("identity/issuers")} if declared == AUTHORIZER else {}
        return everywhere | database | issuers

    def _parameter(self, name: str) -> str:
        """Read when the stack is deployed, so that neither synthesis nor a request waits for it."""
        return StringParameter.value_for_string_parameter(self, f"/freehold/{self._stage.name}/{name}")
