"""One declared function with everything that is its own: log group, role, and the alias that callers use."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Alias, LoggingFormat
from aws_cdk.aws_lambda import Function as LambdaFunction
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from functions.manifest import Function
from infra.constructs.logs import log_group
from infra.constructs.packages import Packages
from infra.stage import Stage

LIVE = "live"
"""The alias of every function. Nothing calls a function past it, so that a deploy can shift traffic and go back."""


class LiveFunction(Construct):
    """A function as the manifest declares it."""

    def __init__(
        self,
        scope: Construct,
        declared: Function,
        *,
        stage: Stage,
        packages: Packages,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, declared.name.title().replace("_", ""))
        logs = log_group(self, "Logs", stage)
        function = LambdaFunction(
            self,
            "Function",
            function_name=f"freehold-{stage.name}-{declared.name}",
            runtime=packages.runtime,
            architecture=packages.architecture,
            code=packages.code(declared),
            layers=packages.layers(declared),
            handler=f"functions.{declared.code}.handler.handler",
            memory_size=declared.memory_mb,
            timeout=Duration.seconds(declared.timeout_seconds),
            environment=environment,
            role=self._role(logs),
            log_group=logs,
            logging_format=LoggingFormat.JSON,
        )
        self.alias = Alias(self, "Live", alias_name=LIVE, version=function.current_version)
        Validations.of(function).acknowledge(
            Acknowledgment(
                id="AwsSolutions::AwsSolutions-L1",
                reason="Python 3.13 on arm64 starts faster than 3.14.",
            )
        )

    def _role(self, logs: LogGroup) -> Role:
        """May write to its own log group, and nothing else; AWS's managed policy would open every log group."""
        write_logs = PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[logs.log_group_arn],
        )
        return Role(
            self,
            "Role",
            assumed_by=ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"WriteOwnLogs": PolicyDocument(statements=[write_logs])},
        )
