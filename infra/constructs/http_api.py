"""The gateway: one HTTP API, one route per declared route, one integration per function."""

import json
from collections.abc import Iterable, Sequence
from typing import cast

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk.aws_apigatewayv2 import (
    CfnApi,
    CfnStage,
    HttpApi,
    HttpMethod,
    HttpNoneAuthorizer,
    HttpRoute,
)
from aws_cdk.aws_apigatewayv2_authorizers import HttpLambdaAuthorizer, HttpLambdaResponseType
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from functions.declaration import Function
from infra import cors
from infra.constructs.custom_domain import CustomDomain
from infra.constructs.logs import arn_of, log_group
from infra.domain import Domain
from infra.stage import Stage

AUTHORIZER_CACHE = Duration.seconds(60)
"""Safe to cache, because it says only who somebody is: what they may do is checked by the database, every time."""

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "source_ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "response_bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "function_ms": "$context.integrationLatency",
    "function_error": "$context.integrationErrorMessage",
    "authorizer_ms": "$context.authorizer.latency",
    "authorizer_error": "$context.authorizer.error",
}
"""Of whoever calls the address alone: who floods us or guesses keys is nobody that we know, and shows nowhere else. A
path holds ids and whatever a stranger types, so the route stands for it."""


class Gateway(Construct):
    """An HTTP API whose default stage is throttled and logs every request, also those that reach no function.

    With a domain, the address that API Gateway makes up answers nobody.
    """

    def __init__(  # noqa: PLR0913 (what a person may choose of it, by name)
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        authorizer: IFunction,
        origins: Sequence[str] = (),
        domain: Domain | None = None,
    ) -> None:
        super().__init__(scope, name)
        self.api = HttpApi(
            self,
            "Api",
            api_name=f"freehold-{stage.name}",
            create_default_stage=False,
            disable_execute_api_endpoint=True if domain else None,
        )
        if origins:
            written = cast("CfnApi", self.api.node.default_child)
            written.add_property_override("CorsConfiguration", cors.configuration(origins))
        default = self._default_stage(stage, log_group(self, "AccessLogs", stage))
        if domain:
            CustomDomain(self, domain, stage=default)
        self.url = f"https://{domain.name}" if domain else self.api.api_endpoint
        self._authorizer = HttpLambdaAuthorizer(
            "Authorizer",
            authorizer,
            response_types=[HttpLambdaResponseType.SIMPLE],
            identity_source=["$request.header.Authorization"],
            results_cache_ttl=AUTHORIZER_CACHE,
        )

    def route(self, declared: Function, alias: IFunction) -> None:
        """Lead the function's routes to its alias: one integration and one permission for all of them together."""
        integration = HttpLambdaIntegration(declared.name, alias, scope_permission_to_route=False)
        for route in declared.routes:
            method, path = route.split(" ")
            added = self.api.add_routes(
                path=path,
                methods=[HttpMethod[method]],
                integration=integration,
                authorizer=HttpNoneAuthorizer() if declared.public else self._authorizer,
            )
            if declared.public:
                _acknowledge_public(added)

    def _default_stage(self, stage: Stage, logs: LogGroup) -> CfnStage:
        return CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=CfnStage.AccessLogSettingsProperty(
                destination_arn=arn_of(logs), format=json.dumps(ACCESS_LOG)
            ),
            default_route_settings=CfnStage.RouteSettingsProperty(
                throttling_rate_limit=stage.requests_per_second, throttling_burst_limit=2 * stage.requests_per_second
            ),
        )


def _acknowledge_public(routes: Iterable[HttpRoute]) -> None:
    for route in routes:
        Validations.of(route).acknowledge(
            Acknowledgment(id="AwsSolutions::AwsSolutions-APIG4", reason="The manifest declares this route public.")
        )
