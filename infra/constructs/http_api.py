"""The gateway: one HTTP API, one route per declared route, one integration per function."""

import json
from collections.abc import Iterable

from aws_cdk import Acknowledgment, ArnFormat, Duration, Stack, Validations
from aws_cdk.aws_apigatewayv2 import CfnStage, HttpApi, HttpMethod, HttpNoneAuthorizer, HttpRoute
from aws_cdk.aws_apigatewayv2_authorizers import HttpLambdaAuthorizer, HttpLambdaResponseType
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from functions.declaration import Function
from infra.constructs.logs import log_group
from infra.stage import Stage

AUTHORIZER_CACHE = Duration.seconds(60)
"""Safe to cache, because it says only who somebody is: what they may do is checked by the database, every time."""

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "source_ip": "$context.identity.sourceIp",
    "user_agent": "$context.identity.userAgent",
    "route": "$context.routeKey",
    "path": "$context.path",
    "status": "$context.status",
    "response_bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "function_ms": "$context.integrationLatency",
    "function_error": "$context.integrationErrorMessage",
    "authorizer_ms": "$context.authorizer.latency",
    "authorizer_error": "$context.authorizer.error",
}


class Gateway(Construct):
    """An HTTP API whose default stage is throttled and logs every request, also those that reach no function."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, authorizer: IFunction) -> None:
        super().__init__(scope, name)
        self.api = HttpApi(self, "Api", api_name=f"freehold-{stage.name}", create_default_stage=False)
        self._default_stage(stage, log_group(self, "AccessLogs", stage))
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

    def _default_stage(self, stage: Stage, logs: LogGroup) -> None:
        CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=CfnStage.AccessLogSettingsProperty(
                destination_arn=_destination_arn(logs), format=json.dumps(ACCESS_LOG)
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


def _destination_arn(logs: LogGroup) -> str:
    """API Gateway writes down the ARN without the `:*` that CloudFormation ends a log group's with."""
    return Stack.of(logs).format_arn(
        service="logs",
        resource="log-group",
        resource_name=logs.log_group_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
