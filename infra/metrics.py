"""The metrics that alarms and dashboards read: AWS's own, as AWS documents them, and ours.

A test holds every alarm and every graph to this list: one that names a metric wrongly would stay silent for ever.
"""

from dataclasses import dataclass

_API = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"
_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html"
_PROXY = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.monitoring.html"
_AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html"
_SQS = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"
)
_EC2 = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html"
_NAT = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway-cloudwatch.html"

NAMESPACE = "Freehold"
"""Of our own metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A metric, and the dimensions that it has to be asked for by: with others there is none."""

    namespace: str
    name: str
    dimensions: tuple[str, ...]
    statistic: str
    """What an alarm and a graph ask it for, unless they say otherwise."""
    source: str
    """Where AWS documents it; of ours, who writes it."""


def _of(namespace: str, source: str, *dimensions: str, **named: str) -> tuple[Known, ...]:
    return tuple(
        Known(namespace=namespace, name=name, dimensions=dimensions, statistic=statistic, source=source)
        for name, statistic in named.items()
    )


_FAULTS = Known(namespace="AWS/ApiGateway", name="5xx", dimensions=("ApiId",), statistic="Sum", source=_API)
_REFUSALS = Known(namespace="AWS/ApiGateway", name="4xx", dimensions=("ApiId",), statistic="Sum", source=_API)

KNOWN = (
    _FAULTS,
    _REFUSALS,
    *_of("AWS/ApiGateway", _API, "ApiId", Count="Sum", Latency="p95", IntegrationLatency="p95"),
    *_of("AWS/Lambda", _LAMBDA, Throttles="Sum", ConcurrentExecutions="Maximum"),
    *_of("AWS/Lambda", _LAMBDA, "FunctionName", Invocations="Sum", Errors="Sum", Throttles="Sum", Duration="p95"),
    *_of("AWS/Lambda", _LAMBDA, "FunctionName", "Resource", Invocations="Sum", Errors="Sum"),
    *_of("AWS/Lambda", _LAMBDA, "FunctionName", "Resource", Duration="p90"),
    *_of("AWS/Lambda", _LAMBDA, "FunctionName", "Resource", "ExecutedVersion", Invocations="Sum", Duration="p90"),
    *_of("AWS/Lambda", _LAMBDA, "FunctionName", "Resource", "ExecutedVersion", Errors="Sum"),
    *_of("AWS/Lambda", _LAMBDA, "FunctionName", ProvisionedConcurrencySpilloverInvocations="Sum"),
    *_of("AWS/RDS", _PROXY, "ProxyName", DatabaseConnectionsCurrentlySessionPinned="Sum", ClientConnections="Sum"),
    *_of("AWS/RDS", _PROXY, "ProxyName", DatabaseConnections="Sum", MaxDatabaseConnectionsAllowed="Sum"),
    *_of(
        "AWS/RDS",
        _PROXY,
        "ProxyName",
        "TargetGroup",
        "TargetRole",
        DatabaseConnections="Sum",
        MaxDatabaseConnectionsAllowed="Sum",
    ),
    *_of("AWS/RDS", _AURORA, "DBClusterIdentifier", "Role", CPUUtilization="Average", FreeLocalStorage="Minimum"),
    *_of("AWS/RDS", _AURORA, "DBClusterIdentifier", "Role", DatabaseConnections="Maximum", Deadlocks="Maximum"),
    *_of("AWS/RDS", _AURORA, "DBClusterIdentifier", "Role", ACUUtilization="Average"),
    *_of("AWS/RDS", _AURORA, "DBClusterIdentifier", "Role", ServerlessDatabaseCapacity="Average"),
    *_of("AWS/SQS", _SQS, "QueueName", ApproximateAgeOfOldestMessage="Maximum"),
    *_of("AWS/SQS", _SQS, "QueueName", ApproximateNumberOfMessagesVisible="Maximum"),
    *_of("AWS/EC2", _EC2, "InstanceId", StatusCheckFailed_System="Maximum", StatusCheckFailed_Instance="Maximum"),
    *_of("AWS/NATGateway", _NAT, "NatGatewayId", ErrorPortAllocation="Sum"),
    *_of(NAMESPACE, "infra/constructs/release.py", "stage", "function", "version", Errors="Sum"),
    *_of(
        NAMESPACE, "layers/freehold/observability", "stage", "function", Latency="p95", Faults="Sum", ColdStarts="Sum"
    ),
    *_of(NAMESPACE, "layers/freehold/observability", "stage", "function", DatabaseTime="p95", RoundTrips="Average"),
    *_of(NAMESPACE, "layers/freehold/observability", "stage", "function", Records="Sum", Failures="Sum", Age="Maximum"),
)
"""A metric of AWS that is asked for without dimensions is of the whole account in this region. What our log's lines say
becomes metrics by filters, which the templates hold."""


def known(namespace: str, name: str, *dimensions: str) -> Known:
    """The one that is asked for by these dimensions. Raises LookupError for one that nobody has written down."""
    for each in KNOWN:
        if (each.namespace, each.name, sorted(each.dimensions)) == (namespace, name, sorted(dimensions)):
            return each
    raise LookupError(
        f"infra/metrics.py knows no metric {name} of {namespace} by {', '.join(dimensions) or 'nothing'}."
    )
