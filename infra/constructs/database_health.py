"""Whether the database of a cell has room left: time, connections, disk; and whether its proxy still shares it."""

from datetime import timedelta

from aws_cdk.aws_sns import ITopic
from constructs import Construct

from infra.constructs.alarms import alarm, calculated, measured
from infra.constructs.parameters import POOL, cluster_name
from infra.stage import Serverless, Stage

_MINUTE = timedelta(minutes=1)
_BUSY, _NEARLY_ALL = 80, 80
"""Percent. At 70 `freehold advise` says what to turn; this is when it has become urgent."""
_AT_ITS_CEILING = 95
_LEAST_DISK = 2 * 1024**3
"""Bytes. What sorts and new indexes put there is gone when they end, or when they fail because it is full."""
_FOR_A_WHILE = (10, 15)
_LASTS = (5, 5)


def watch_database(scope: Construct, *, stage: Stage, topic: ITopic | None) -> None:
    """Wake somebody before requests notice."""
    writer = {"DBClusterIdentifier": cluster_name(stage, POOL), "Role": "WRITER"}
    alarm(
        scope,
        "DatabaseBusy",
        metric=measured("AWS/RDS", "CPUUtilization", within=_MINUTE, **writer),
        at=_BUSY,
        times=_FOR_A_WHILE,
        means="The database computes at four fifths of what it can, for minutes.",
        see="the-database",
        topic=topic,
    )
    alarm(
        scope,
        "DatabaseDisk",
        metric=measured("AWS/RDS", "FreeLocalStorage", within=_MINUTE, **writer),
        at=_LEAST_DISK,
        below=True,
        times=_LASTS,
        means="The database has hardly any disk left for sorting and for new indexes.",
        see="the-database",
        topic=topic,
    )
    if isinstance(stage.cell.compute, Serverless):
        alarm(
            scope,
            "DatabaseAtItsCeiling",
            metric=measured("AWS/RDS", "ACUUtilization", within=_MINUTE, **writer),
            at=_AT_ITS_CEILING,
            times=_FOR_A_WHILE,
            means="The database is as large as this stage lets it be, and would be larger.",
            see="the-database",
            topic=topic,
        )
    if stage.cell.proxy:
        _watch_proxy(scope, stage, topic)


def _watch_proxy(scope: Construct, stage: Stage, topic: ITopic | None) -> None:
    proxy = {"ProxyName": cluster_name(stage, POOL)}
    to_writer = {**proxy, "TargetGroup": "default", "TargetRole": "READ_WRITE"}
    alarm(
        scope,
        "ConnectionsPinned",
        metric=measured("AWS/RDS", "DatabaseConnectionsCurrentlySessionPinned", within=_MINUTE, **proxy),
        at=1,
        times=_LASTS,
        means="The proxy keeps connections for single sessions, which nothing of ours should make it do.",
        see="the-database",
        topic=topic,
    )
    alarm(
        scope,
        "ConnectionsNearlyAll",
        metric=calculated(
            "100 * used / most",
            within=_MINUTE,
            label="Share of connections, percent",
            used=measured("AWS/RDS", "DatabaseConnections", within=_MINUTE, **to_writer),
            most=measured("AWS/RDS", "MaxDatabaseConnectionsAllowed", within=_MINUTE, **to_writer),
        ),
        at=_NEARLY_ALL,
        times=_LASTS,
        means="The proxy uses four fifths of the connections that it may have to the writer.",
        see="the-database",
        topic=topic,
    )
