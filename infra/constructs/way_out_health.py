"""Whether the way out of the network works: without it no worker reaches Stripe, SES, SQS or the bus."""

from datetime import timedelta

from aws_cdk import Fn
from aws_cdk.aws_cloudwatch_actions import Ec2Action, Ec2InstanceAction
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from infra.constructs.alarms import alarm, measured
from infra.constructs.parameters import read_parameter
from infra.stage import Stage

_MINUTE, _FIVE = timedelta(minutes=1), timedelta(minutes=5)
_LASTS = (2, 2)
_RECOVERS = (3, 3)


def watch_way_out(scope: Construct, *, stage: Stage, topic: ITopic | None) -> None:
    """Of an instance, mend what can be mended by itself; AWS's gateway says only that it has no ports left."""
    ids = Fn.split(",", read_parameter(scope, stage, "network/ways-out"), stage.ways_out)
    for number in range(stage.ways_out):
        way_out = Fn.select(number, ids)
        if stage.egress == "gateway":
            _watch_gateway(scope, number, way_out, topic)
        else:
            _watch_instance(scope, number, way_out, topic)


def _watch_gateway(scope: Construct, number: int, gateway: str, topic: ITopic | None) -> None:
    alarm(
        scope,
        f"WayOut{number}Full",
        metric=measured("AWS/NATGateway", "ErrorPortAllocation", within=_FIVE, NatGatewayId=gateway),
        at=1,
        means=f"NAT gateway {number + 1} has no ports left to one address: some calls to the outside fail.",
        see="the-network",
        topic=topic,
    )


def _watch_instance(scope: Construct, number: int, instance: str, topic: ITopic | None) -> None:
    """Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/UsingAlarmActions.html."""
    alarm(
        scope,
        f"WayOut{number}Host",
        metric=measured("AWS/EC2", "StatusCheckFailed_System", within=_MINUTE, InstanceId=instance),
        at=1,
        times=_LASTS,
        means="The machine under the NAT instance fails: AWS moves the instance to another.",
        see="the-network",
        topic=topic,
        does=[Ec2Action(Ec2InstanceAction.RECOVER)],
    )
    alarm(
        scope,
        f"WayOut{number}Down",
        metric=measured("AWS/EC2", "StatusCheckFailed_Instance", within=_MINUTE, InstanceId=instance),
        at=1,
        times=_RECOVERS,
        means="The NAT instance does not answer: it is started again.",
        see="the-network",
        topic=topic,
        does=[Ec2Action(Ec2InstanceAction.REBOOT)],
    )
