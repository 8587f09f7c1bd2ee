"""One declared function with everything that is its own: log group, role, and the alias that callers use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from aws_cdk import Acknowledgment, ArnFormat, Duration, Stack, Validations
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Alias, CfnFunction, IFunction, LoggingFormat, VersionOptions
from aws_cdk.aws_lambda import Function as LambdaFunction
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from functions.declaration import Function
from infra.constructs.database_access import DatabaseAccess, Permissions
from infra.constructs.logs import log_group
from infra.constructs.packages import Packages
from infra.stage import Stage

LIVE = "live"
"""The alias of every function. Nothing calls a function past it, so that a deploy can shift traffic and go back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a function needs of the deployed stage."""

    database: DatabaseAccess | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    permissions: Permissions = field(default_factory=dict)
    wide: Mapping[str, str] = field(default_factory=dict)
    """Resources with a wildcard among the permissions, as cdk-nag spells them, and why that cannot be narrower."""
    digest: str | None = None
    """Of settings that are too long to stand in a description."""

    @property
    def description(self) -> str | None:
        """What a version says of the values that were given to it."""
        said = [self.database.address if self.database else None, self.digest]
        return " ".join(filter(None, said)) or None


class LiveFunction(Construct):
    """A function as the manifest declares it.

    A version describes itself by what it was given: its database's address, or a digest. Those are parameters: when one
    changes, callers would go on with the version from before, did its description not ask for a new one. The function
    describes itself so too, because Lambda makes no version of a function that is as it was.
    """

    def __init__(self, scope: Construct, declared: Function, *, stage: Stage, packages: Packages, needs: Needs) -> None:
        super().__init__(scope, declared.name.title().replace("_", ""))
        name, logs = function_name(declared, stage), log_group(self, "Logs", stage)
        function = LambdaFunction(
            self,
            "Function",
            function_name=name,
            description=needs.description,
            runtime=packages.runtime,
            architecture=packages.architecture,
            code=packages.code(declared),
            layers=packages.layers(declared),
            handler=f"functions.{declared.code}.handler.handler",
            memory_size=declared.memory_mb,
            timeout=Duration.seconds(declared.timeout_seconds),
            environment=_settings(stage, needs),
            role=self._role(name, logs, needs),
            log_group=logs,
            logging_format=LoggingFormat.JSON,
            current_version_options=VersionOptions(description=needs.description),
        )
        if needs.database:
            _join_network(function, needs.database)
        self.name, self.logs, self.function = name, logs, function
        self.version = function.current_version
        self.alias = Alias(self, "Live", alias_name=LIVE, version=self.version)
        Validations.of(function).acknowledge(
            Acknowledgment(
                id="AwsSolutions::AwsSolutions-L1",
                reason="Python 3.13 on arm64 starts faster than 3.14.",
            )
        )

    def _role(self, name: str, logs: LogGroup, needs: Needs) -> Role:
        """May do what is listed, and nothing else; AWS's managed policy would open every log group."""
        write = PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[logs.log_group_arn])
        reach = needs.database.permissions(self._arn(name)) if needs.database else {}
        permissions: Permissions = {"WriteOwnLogs": [write], **reach, **needs.permissions}
        role = Role(
            self,
            "Role",
            assumed_by=ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={policy: PolicyDocument(statements=[*may]) for policy, may in permissions.items()},
        )
        for resource, reason in needs.wide.items():
            Validations.of(role).acknowledge(
                Acknowledgment(id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]", reason=reason)
            )
        return role

    def _arn(self, name: str) -> str:
        """Known before the function is, so that its role can name it."""
        return Stack.of(self).format_arn(
            service="lambda", resource="function", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )


def function_name(declared: Function, stage: Stage) -> str:
    """As AWS knows it."""
    return f"freehold-{stage.name}-{declared.name}"


def through_alias(declared: Function, stage: Stage) -> dict[str, str]:
    """The dimensions of AWS's metrics that are about whoever calls it."""
    name = function_name(declared, stage)
    return {"FunctionName": name, "Resource": f"{name}:{LIVE}"}


def live(scope: Construct, declared: Function, stage: Stage) -> IFunction:
    """What callers of another stack call: its alias, by name."""
    return LambdaFunction.from_function_attributes(
        scope,
        declared.name.title().replace("_", ""),
        function_arn=live_arn(scope, declared, stage),
        same_environment=True,
    )


def live_arn(scope: Construct, declared: Function, stage: Stage) -> str:
    """Of its alias."""
    name = f"{function_name(declared, stage)}:{LIVE}"
    return Stack.of(scope).format_arn(
        service="lambda", resource="function", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )


def _join_network(function: LambdaFunction, database: DatabaseAccess) -> None:
    """Not in CDK's own way, which would give the role a policy of AWS's that opens every log group."""
    cast("CfnFunction", function.node.default_child).vpc_config = database.network
    Validations.of(cast("Role", function.role)).acknowledge(
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            reason="Lambda's own calls about network interfaces; the function's code is denied them.",
        )
    )


def _settings(stage: Stage, needs: Needs) -> dict[str, str]:
    """One name has one value wherever it occurs; a function gets only the names that it needs."""
    everywhere = {
        "FREEHOLD_STAGE": stage.name,
        "FREEHOLD_KEY_MODE": stage.key_mode,
        "POWERTOOLS_SERVICE_NAME": "freehold",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        **({"FREEHOLD_METRICS": "true"} if stage.watch.metrics else {}),
        **({"FREEHOLD_TRACES": str(stage.watch.traces)} if stage.watch.traces else {}),
    }
    database = {"FREEHOLD_DATABASE": needs.database.conninfo} if needs.database else {}
    return {**everywhere, **database, **needs.settings}
