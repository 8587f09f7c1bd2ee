"""Instances that wait for requests, for functions whose callers cannot wait for a cold start.

They belong to the version and not to the alias that leads to it: an alias with weights can have none, and weights are
what a canary is. So a new version is warm before its first request, and the one before stays warm until it is gone.
"""

from typing import cast

from aws_cdk import Fn
from aws_cdk.aws_applicationautoscaling import CfnScalableTarget, CfnScalingPolicy
from aws_cdk.aws_lambda import CfnFunction, CfnVersion

from infra.constructs.function import LiveFunction
from infra.stage import Warm

_BUSY = 0.7
"""The share of ready instances in use above which another one is started, and below which one goes."""
_COUNTED = "lambda:function:ProvisionedConcurrency"


def keep_warm(function: LiveFunction, warm: Warm) -> None:
    """Follow the load, and be there before the working day begins. The alias waits until the instances do.

    A version begins as the day does, because that is when people deploy. How many is fixed when it is made, so the
    function says it as well: another number is another version.
    """
    version = cast("CfnVersion", function.version.node.default_child)
    version.provisioned_concurrency_config = CfnVersion.ProvisionedConcurrencyConfigurationProperty(
        provisioned_concurrent_executions=warm.least_by_day
    )
    resource = cast("CfnFunction", function.function.node.default_child)
    resource.description = " ".join(filter(None, [resource.description, f"warm {warm.least_by_day}"]))
    first, last = warm.day
    instances = CfnScalableTarget(
        function,
        "Instances",
        service_namespace="lambda",
        scalable_dimension=_COUNTED,
        resource_id=Fn.join(":", ["function", function.name, function.version.version]),
        min_capacity=warm.least_by_day,
        max_capacity=warm.most,
        scheduled_actions=[
            _at(first, "Morning", least=warm.least_by_day),
            _at(last, "Evening", least=warm.least),
        ],
    )
    CfnScalingPolicy(
        function,
        "Load",
        policy_name="Load",
        policy_type="TargetTrackingScaling",
        scaling_target_id=instances.ref,
        target_tracking_scaling_policy_configuration=CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
            target_value=_BUSY,
            predefined_metric_specification=CfnScalingPolicy.PredefinedMetricSpecificationProperty(
                predefined_metric_type="LambdaProvisionedConcurrencyUtilization"
            ),
        ),
    )
    function.alias.node.add_dependency(instances)


def _at(hour: int, name: str, *, least: int) -> CfnScalableTarget.ScheduledActionProperty:
    return CfnScalableTarget.ScheduledActionProperty(
        scheduled_action_name=name,
        schedule=f"cron(0 {hour} ? * MON-FRI *)",
        scalable_target_action=CfnScalableTarget.ScalableTargetActionProperty(min_capacity=least),
    )
