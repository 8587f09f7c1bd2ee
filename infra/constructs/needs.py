"""What a declaration leads to: which settings a function is told, and what IAM lets it do."""

import json
from collections.abc import Iterator

from aws_cdk import Fn, Stack
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from functions.declaration import JOB_CLASSES, Function, Use
from infra.constructs.anchors import ANCHORS
from infra.constructs.bus import bus_arn
from infra.constructs.clock import minutes_between
from infra.constructs.database_access import DatabaseAccess, Permissions, entrance, writer
from infra.constructs.files import REPORTS
from infra.constructs.function import Needs
from infra.constructs.mail import configuration_set_name
from infra.constructs.parameters import POOL, Parameter, cluster_name, read_parameter
from infra.constructs.queues import queue_arn
from infra.stage import Stage

_SETTINGS: dict[Use, dict[str, Parameter]] = {
    "bus": {"FREEHOLD_BUS": "messaging/bus"},
    "queues": {"FREEHOLD_QUEUES": "messaging/queues"},
    "files": {"FREEHOLD_FILES": "messaging/files"},
    "anchors": {"FREEHOLD_ANCHORS": "messaging/anchors"},
    "mail": {"FREEHOLD_MAIL_FROM": "mail/from", "FREEHOLD_PUBLIC_URL": "mail/public-url"},
    "telemetry": {"FREEHOLD_TELEMETRY": "messaging/telemetry"},
    "stripe": {"FREEHOLD_STRIPE": "messaging/stripe", "FREEHOLD_PUBLIC_URL": "mail/public-url"},
}

_SECRETS: dict[Use, Parameter] = {"stripe": "messaging/stripe", "telemetry": "messaging/telemetry"}

_OWN_KEY = "Each report and each anchor has a key of its own."

_READ_QUEUE = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
"""What Lambda does in a function's name to feed it from its queue."""


def needs_of(scope: Construct, declared: Function, stage: Stage) -> Needs:
    """Of a function that requests, queues or the clock call."""
    return Needs(
        database=_database(scope, declared, stage),
        settings=_settings(scope, declared, stage),
        permissions=_permissions(scope, declared, stage),
        wide={resource: reason for use in declared.uses for resource, reason in _wide(scope, use, stage)}
        | ({"*": "CloudWatch gives all metrics or none."} if _looks(declared, stage) else {}),
        digest=_digest(scope, declared, stage),
    )


def _database(scope: Construct, declared: Function, stage: Stage) -> DatabaseAccess | None:
    """Whoever migrates needs a session to itself, which the proxy shares."""
    if declared.database is None:
        return None
    find = writer if declared.database == "migrator" else entrance
    return find(scope, stage, declared.database, *declared.also)


def _settings(scope: Construct, declared: Function, stage: Stage) -> dict[str, str]:
    told = {
        name: read_parameter(scope, stage, parameter)
        for use in declared.uses
        for name, parameter in _SETTINGS[use].items()
    }
    if _reports(declared):
        told["FREEHOLD_READ_DATABASE"] = read_parameter(scope, stage, "cell/reader/conninfo")
    if declared.schedule and _looks(declared, stage):
        told["FREEHOLD_SLEEPER"] = json.dumps(
            {"cluster": cluster_name(stage, POOL), "minutes": minutes_between(declared.schedule, stage)},
            separators=(",", ":"),
        )
    if declared.schedule and declared.schedule.every == "stage":
        told["FREEHOLD_RELAY_STAYS"] = str(stage.relay.stays_seconds)
        told["FREEHOLD_WORKERS_AT_ONCE"] = str(stage.workers_at_once)
    return told


def _digest(scope: Construct, declared: Function, stage: Stage) -> str | None:
    """Another one when a setting that is not the database's has another value, or when reports read elsewhere."""
    names: list[Parameter] = ["messaging/digest"] if declared.uses else []
    if {"mail", "stripe"}.intersection(declared.uses):
        names.append("mail/digest")
    said = [read_parameter(scope, stage, name) for name in names]
    if _reports(declared):
        said.append(_kind_of_entrance(read_parameter(scope, stage, "cell/reader/conninfo")))
    return " ".join(said) or None


def _reports(declared: Function) -> bool:
    return "report" in (declared.database, *declared.also)


def _kind_of_entrance(conninfo: str) -> str:
    """`cluster`, `proxy` or `endpoint` of `host=name.proxy-abc.…`: a description has no room for all of it."""
    return Fn.select(0, Fn.split("-", Fn.select(1, Fn.split(".", conninfo))))


def _looks(declared: Function, stage: Stage) -> bool:
    """Whether it finds out first if the database sleeps. What comes once a day wakes it."""
    return declared.schedule is not None and declared.schedule.every != "day" and stage.cell.sleeps


def _permissions(scope: Construct, declared: Function, stage: Stage) -> Permissions:
    allowed = {use.title(): _allowed(scope, declared, use, stage) for use in declared.uses}
    if _looks(declared, stage):
        look = PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"])
        allowed |= {"LookWhoIsThere": [look]}
    if declared.queue:
        read = PolicyStatement(actions=_READ_QUEUE, resources=[queue_arn(scope, stage, declared.queue.name)])
        return {"ReadQueue": [read], **allowed}
    return allowed


def _allowed(scope: Construct, declared: Function, use: Use, stage: Stage) -> list[PolicyStatement]:
    match use:
        case "bus":
            return [PolicyStatement(actions=["events:PutEvents"], resources=[bus_arn(scope, stage)])]
        case "queues":
            queues = [queue_arn(scope, stage, purpose) for purpose in JOB_CLASSES]
            return [PolicyStatement(actions=["sqs:SendMessage"], resources=queues)]
        case "mail":
            return [PolicyStatement(actions=["ses:SendEmail"], resources=_senders(scope, stage))]
        case "files":
            actions = ["s3:GetObject"] if declared.routes else ["s3:AbortMultipartUpload", "s3:PutObject"]
            return [PolicyStatement(actions=actions, resources=[_keys(scope, stage, "messaging/files", REPORTS)])]
        case "stripe" | "telemetry":
            secret = read_parameter(scope, stage, _SECRETS[use])
            return [PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret])]
        case "anchors":
            return [
                PolicyStatement(actions=["s3:PutObject"], resources=[_keys(scope, stage, "messaging/anchors", ANCHORS)])
            ]


def _senders(scope: Construct, stage: Stage) -> list[str]:
    """Whichever identity of this account covers the sender: its address, its domain, or the domain above."""
    return [
        Stack.of(scope).format_arn(service="ses", resource=resource, resource_name=name)
        for resource, name in (("identity", "*"), ("configuration-set", configuration_set_name(stage)))
    ]


def _keys(scope: Construct, stage: Stage, bucket: Parameter, folder: str) -> str:
    """Every key below the folder."""
    name = read_parameter(scope, stage, bucket)
    return Stack.of(scope).format_arn(service="s3", region="", account="", resource=f"{name}/{folder}*")


def _wide(scope: Construct, use: Use, stage: Stage) -> Iterator[tuple[str, str]]:
    """What cdk-nag asks about."""
    if use == "mail":
        yield (
            "arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*",
            "Which identity covers the sender is known to whoever verified it; the configuration set is named.",
        )
    if use == "files":
        yield f"arn:<AWS::Partition>:s3:::<{_named(scope, stage, 'messaging/files')}>/{REPORTS}*", _OWN_KEY
    if use == "anchors":
        yield f"arn:<AWS::Partition>:s3:::<{_named(scope, stage, 'messaging/anchors')}>/{ANCHORS}*", _OWN_KEY


def _named(scope: Construct, stage: Stage, bucket: Parameter) -> str:
    """The template's own name for the value."""
    return str(Stack.of(scope).resolve(read_parameter(scope, stage, bucket))["Ref"])
