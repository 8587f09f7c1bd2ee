"""Delivery: what all functions of a stage share that somebody watches.

CloudFormation ──▶ CodeDeploy ──▶ check_release: does the new version reach the database, through the door?
                      └──▶ 5 of 100 calls for ten minutes ──▶ all of them, or back at the first alarm
logs of all functions ──▶ export_traces ──▶ wherever a person wants spans and errors to be
"""

from aws_cdk import Acknowledgment, ArnFormat, Stack, Validations
from aws_cdk.aws_codedeploy import CfnApplication, CfnDeploymentConfig
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role
from constructs import Construct

from functions.manifest import CHECK_RELEASE, EXPORT_TRACES
from infra.assets import Assets
from infra.constructs.function import LiveFunction, Needs
from infra.constructs.needs import needs_of
from infra.constructs.packages import Packages
from infra.constructs.parameters import write_parameter
from infra.constructs.principals import service
from infra.constructs.release import application_name, configuration_name, watch_errors
from infra.constructs.telemetry import may_be_handed
from infra.stage import Canary, Stage
from infra.target import Target

"""Else another account's deployments could borrow the role."""
_HERE = "arn:<AWS::Partition>:{}:<AWS::Region>:<AWS::AccountId>"
_CHECKING = ("BatchGetDeploymentTargets", "ListDeploymentTargets", "PutLifecycleEventHookExecutionStatus")
_EVERY = "Every function of the stage is released in the same way, and the stage is named."


class DeliveryStack(Stack):
    """Only of stages with a canary."""

    def __init__(self, scope: Construct, *, stage: Stage, canary: Canary, target: Target, assets: Assets) -> None:
        super().__init__(scope, f"freehold-{stage.name}-delivery", description=f"Freehold ({stage.name}): delivery")
        application = CfnApplication(
            self, "Application", application_name=application_name(stage), compute_platform="Lambda"
        )
        _shift(self, stage, canary)
        watch_errors(self, stage, canary)
        packages = Packages(self, "Packages", assets=assets, target=target)
        checks = LiveFunction(
            self,
            CHECK_RELEASE,
            stage=stage,
            packages=packages,
            needs=self._may_check(stage),
        )
        checks.node.add_dependency(application)
        takes = LiveFunction(
            self, EXPORT_TRACES, stage=stage, packages=packages, needs=needs_of(self, EXPORT_TRACES, stage)
        )
        may_be_handed(takes, stage)
        write_parameter(self, stage, "delivery/role", self._shifter(stage, checks).role_arn)

    def _may_check(self, stage: Stage) -> Needs:
        """May ask what is being deployed, call it, and say whether it may go on."""
        groups = self.format_arn(
            service="codedeploy",
            resource="deploymentgroup",
            resource_name=f"{application_name(stage)}/*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        actions = [f"codedeploy:{action}" for action in _CHECKING]
        call = PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self._functions(stage)])
        return Needs(
            permissions={"Answer": [PolicyStatement(actions=actions, resources=[groups])], "Call": [call]},
            wide={
                f"{_HERE.format('codedeploy')}:deploymentgroup:{application_name(stage)}/*": _EVERY,
                f"{_HERE.format('lambda')}:function:freehold-{stage.name}-*": _EVERY,
            },
        )

    def _shifter(self, stage: Stage, checks: LiveFunction) -> Role:
        """CodeDeploy itself. Its own managed policy would let it call and move the functions of every stage."""
        move = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
        statements = [
            PolicyStatement(actions=move, resources=[self._functions(stage)]),
            PolicyStatement(actions=["lambda:InvokeFunction"], resources=[checks.function.function_arn]),
            PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"]),
        ]
        role = Role(
            self,
            "Shifter",
            assumed_by=service("codedeploy"),
            inline_policies={"Shift": PolicyDocument(statements=statements)},
        )
        wide = {
            "*": "CloudWatch describes all alarms or none.",
            f"{_HERE.format('lambda')}:function:freehold-{stage.name}-*": _EVERY,
        }
        for resource, reason in wide.items():
            Validations.of(role).acknowledge(
                Acknowledgment(id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]", reason=reason)
            )
        return role

    def _functions(self, stage: Stage) -> str:
        return self.format_arn(
            service="lambda",
            resource="function",
            resource_name=f"freehold-{stage.name}-*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )


def _shift(scope: Construct, stage: Stage, canary: Canary) -> None:
    CfnDeploymentConfig(
        scope,
        "Canary",
        deployment_config_name=configuration_name(stage),
        compute_platform="Lambda",
        traffic_routing_config=CfnDeploymentConfig.TrafficRoutingConfigProperty(
            type="TimeBasedCanary",
            time_based_canary=CfnDeploymentConfig.TimeBasedCanaryProperty(
                canary_percentage=canary.percent, canary_interval=canary.minutes
            ),
        ),
    )
