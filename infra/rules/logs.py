"""What is written down: everywhere, in one form, for as long as the stage says, and no longer."""

from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.rule import Rule
from infra.rules.values import references

GROUP, FUNCTION, FLOW, STAGE = (
    "AWS::Logs::LogGroup",
    "AWS::Lambda::Function",
    "AWS::EC2::FlowLog",
    "AWS::ApiGatewayV2::Stage",
)
_KEPT = {"Retain", "RetainExceptOnCreate"}


def _endless(deployed: Deployment) -> Iterator[Finding]:
    for group in deployed.every(GROUP):
        if group.properties.get("RetentionInDays") != deployed.stage.log_retention_days:
            yield group.found()


def _gone_with_their_stack(deployed: Deployment) -> Iterator[Finding]:
    for group in deployed.every(GROUP):
        policies = {group.body.get("DeletionPolicy"), group.body.get("UpdateReplacePolicy")}
        if deployed.stage.keeps_logs and not policies <= _KEPT:
            yield group.found()


def _born_by_themselves(deployed: Deployment) -> Iterator[Finding]:
    groups = deployed.names(GROUP)
    for each in deployed.every(FUNCTION, FLOW):
        named = each.properties.get("LoggingConfig", {}).get("LogGroup") or each.properties.get("LogGroupName")
        if not {(each.stack, name) for name in references(named)} & groups:
            yield each.found()


def _of_the_database(deployed: Deployment) -> Iterator[Finding]:
    declared = {group.said("LogGroupName") for group in deployed.every(GROUP)}
    for cluster in deployed.every("AWS::RDS::DBCluster"):
        identifier, exports = cluster.said("DBClusterIdentifier"), cluster.properties.get("EnableCloudwatchLogsExports")
        written = {f"/aws/rds/cluster/{identifier}/{export}" for export in exports or ()}
        if not written or not written <= declared:
            yield cluster.found(", ".join(sorted(written - declared)))
    for proxy in deployed.every("AWS::RDS::DBProxy"):
        if f"/aws/rds/proxy/{proxy.said('DBProxyName')}" not in declared:
            yield proxy.found()


def _unreadable(deployed: Deployment) -> Iterator[Finding]:
    for _, function in deployed.functions():
        if function.said("LoggingConfig", "LogFormat") != "JSON":
            yield function.found()


def _unseen_requests(deployed: Deployment) -> Iterator[Finding]:
    for stage in deployed.every(STAGE):
        groups = references(stage.properties.get("AccessLogSettings", {}).get("DestinationArn"))
        told = "$context.requestId" in stage.said("AccessLogSettings", "Format")
        if not told or not {(stage.stack, name) for name in groups} & deployed.names(GROUP):
            yield stage.found()


def _unseen_traffic(deployed: Deployment) -> Iterator[Finding]:
    logged = {
        name for flow in deployed.every(FLOW) if _of_all(flow) for name in references(flow.properties["ResourceId"])
    }
    yield from (vpc.found() for vpc in deployed.every("AWS::EC2::VPC") if vpc.name not in logged)


def _of_all(flow: Resource) -> bool:
    return flow.said("TrafficType") == "ALL" and "ResourceId" in flow.properties


RULES = (
    Rule(
        name="logs-end",
        says="A log group keeps what the stage's log_retention_days says, or it keeps it for ever: make it with "
        "log_group().",
        find=_endless,
    ),
    Rule(
        name="logs-outlive-their-stack",
        says="Where a stage keeps its logs, no deploy deletes them: make the group with log_group().",
        find=_gone_with_their_stack,
    ),
    Rule(
        name="logs-are-declared",
        says="What writes logs names a group of its stack; one that AWS makes by itself keeps for ever: name one.",
        find=_born_by_themselves,
    ),
    Rule(
        name="databases-write-logs",
        says="A cluster exports its log, and each group that RDS writes to is declared under RDS's own name: declare "
        "it.",
        find=_of_the_database,
    ),
    Rule(
        name="functions-log-json",
        says="Functions log JSON, which alarms and people search by field: set LogFormat.",
        find=_unreadable,
    ),
    Rule(
        name="requests-are-logged",
        says="Every request leaves a line with its id, also one that reaches no function: give the stage access logs.",
        find=_unseen_requests,
    ),
    Rule(
        name="traffic-is-logged",
        says="A network logs who talked to whom, what it refused included: give it a flow log of ALL.",
        find=_unseen_traffic,
    ),
)
