"""Measurements from CloudWatch: one request for all that it knows of a stage. It has not run in an account yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from functions.manifest import FUNCTIONS
from infra.advice.measurements import Measurements, validated
from infra.errors import SynthesisError
from infra.stage import Stage

_HOUR = 3600
_MOST_QUERIES = 500
"""That one request may hold."""


class CloudWatch(Protocol):
    """What is used of boto3's client."""

    def get_metric_data(self, **asked: Any) -> Mapping[str, Any]:  # noqa: ANN401 (AWS's own shape)
        """AWS's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One metric, hour by hour, and what of those hours becomes which measurement."""

    measurement: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str
    take: Literal["most", "sum"] = "most"
    scale: float = 1


def queries(stage: Stage, api: str) -> list[Query]:
    """Of one stage; `api` is the id of its HTTP API, the output ApiId of its stack."""
    name = f"freehold-{stage.name}"
    cluster, proxy = {"DBClusterIdentifier": f"{name}-pool"}, {"ProxyName": f"{name}-pool"}
    writer = cluster | {"Role": "WRITER"}
    found = [
        _rds("database_cpu_percent", "CPUUtilization", writer, "p95"),
        _rds("connections", "DatabaseConnections", writer, "Maximum"),
        _rds("acu_percent", "ACUUtilization", writer, "Maximum"),
        _rds("pinned_sessions", "DatabaseConnectionsCurrentlySessionPinned", proxy, "Maximum"),
        Query(
            measurement="p99_ms",
            namespace="AWS/ApiGateway",
            metric="Latency",
            dimensions={"ApiId": api},
            statistic="p99",
        ),
        Query(
            measurement="relay_late_seconds",
            namespace="Freehold",
            metric=f"{stage.name}-oldest-event",
            dimensions={},
            statistic="Maximum",
        ),
    ]
    for declared in FUNCTIONS:
        function = {"FunctionName": f"{name}-{declared.name}"}
        found.append(_function("throttles", "Throttles", function, "Sum", take="sum"))
        if declared.code == "run_jobs":
            found.append(_function("slowest_job_seconds", "Duration", function, "Maximum", scale=0.001))
        if stage.warm and declared.latency == "critical":
            found.append(_function("warm_utilization", "ProvisionedConcurrencyUtilization", function, "Maximum"))
            spilled = "ProvisionedConcurrencySpilloverInvocations"
            found.append(_function("warm_spillovers", spilled, function, "Sum", take="sum"))
    return found


def _rds(measurement: str, metric: str, dimensions: Mapping[str, str], statistic: str) -> Query:
    return Query(
        measurement=measurement, namespace="AWS/RDS", metric=metric, dimensions=dimensions, statistic=statistic
    )


def _function(  # noqa: PLR0913 (a query has this many parts)
    measurement: str,
    metric: str,
    dimensions: Mapping[str, str],
    statistic: str,
    *,
    take: Literal["most", "sum"] = "most",
    scale: float = 1,
) -> Query:
    return Query(
        measurement=measurement,
        namespace="AWS/Lambda",
        metric=metric,
        dimensions=dimensions,
        statistic=statistic,
        take=take,
        scale=scale,
    )


def measure(client: CloudWatch, asked: Sequence[Query], *, until: datetime, days: int) -> Measurements:
    """The last days. A metric that nobody wrote is not measured. Raises SynthesisError where one fails."""
    if len(asked) > _MOST_QUERIES:
        raise SynthesisError(f"CloudWatch answers at most {_MOST_QUERIES} queries at once, and {len(asked)} are asked.")
    points: dict[str, list[float]] = {}
    token: dict[str, str] = {}
    while True:
        answer = client.get_metric_data(
            MetricDataQueries=[_as_aws(number, query) for number, query in enumerate(asked)],
            StartTime=until - timedelta(days=days),
            EndTime=until,
            **token,
        )
        for result in answer["MetricDataResults"]:
            if result["StatusCode"] in {"InternalError", "Forbidden"}:
                raise SynthesisError(f"CloudWatch does not say {result['Id']}: {result['StatusCode']}. Try again.")
            points.setdefault(result["Id"], []).extend(result["Values"])
        if not answer.get("NextToken"):
            break
        token = {"NextToken": answer["NextToken"]}
    return validated(_combined(asked, points), "CloudWatch")


def _combined(asked: Iterable[Query], points: Mapping[str, list[float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for number, query in enumerate(asked):
        values = points.get(_id(number), [])
        if not values:
            continue
        value = (sum(values) if query.take == "sum" else max(values)) * query.scale
        known = found.get(query.measurement)
        if known is None:
            found[query.measurement] = value
        else:
            found[query.measurement] = known + value if query.take == "sum" else max(known, value)
    return found


def _as_aws(number: int, query: Query) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in query.dimensions.items()]
    metric = {"Namespace": query.namespace, "MetricName": query.metric, "Dimensions": dimensions}
    stat = {"Metric": metric, "Period": _HOUR, "Stat": query.statistic}
    return {"Id": _id(number), "MetricStat": stat, "ReturnData": True}


def _id(number: int) -> str:
    return f"q{number}"
