"""The dashboard of whoever is on call: from what callers notice down to what may be the cause."""

from collections.abc import Iterable, Iterator
from itertools import chain

from aws_cdk import Stack
from constructs import Construct

from functions.declaration import JOB_CLASSES, Function
from infra.constructs.api_health import health_alarms
from infra.constructs.founder import rows
from infra.constructs.lateness import LATE_JOBS
from infra.constructs.parameters import POOL, cluster_name
from infra.constructs.queues import queue_name
from infra.constructs.widgets import Alarms, Formula, Graph, Line, Row, Words, dashboard, of_api, own
from infra.metrics import NAMESPACE
from infra.slos import AVAILABILITY, LATENCY
from infra.stage import Serverless, Stage

_WORDS = """## {stage}: who is woken looks here first

What each alarm means and what to type: `docs/runbooks/alarms.md`. What we promise: `docs/slos.md`.

| | |
|---|---|
| What was deployed when, and how far a canary is | `freehold deployments --stage {stage}` |
| Queues and what was given up | `freehold queues --stage {stage}` |
| Deployments that go on | `aws deploy list-deployments --include-only-statuses InProgress` |
| Whether somebody changed a stack by hand | `freehold drift --stage {stage}` |
"""


def on_call(scope: Construct, *, stage: Stage, api_id: str, manifest: Iterable[Function]) -> None:
    """Six hours of it; with the founder's rows behind, where those have no page of their own."""
    shown = _rows(scope, stage, api_id, [*manifest])
    besides = () if stage.watch.metrics else rows(stage, api_id)
    dashboard(scope, "OnCall", name=f"freehold-{stage.name}-on-call", rows=chain(shown, besides), since="-PT6H")


def _rows(scope: Construct, stage: Stage, api_id: str, manifest: list[Function]) -> Iterator[Row]:
    yield (
        Words(markdown=_WORDS.format(stage=stage.name), width=16),
        Alarms(title="The API", arns=[_arn(scope, name) for name in health_alarms(stage)]),
    )
    yield (_traffic(api_id), _faults(api_id), _latency(api_id))
    yield (_search(stage, "Errors"), _search(stage, "Throttles"), _cold_starts(stage))
    yield (_computing(stage), _connections(stage), _disk(stage))
    yield (_ages(stage, manifest), _dead(stage, manifest), _lateness(stage))


def _arn(scope: Construct, alarm: str) -> str:
    return Stack.of(scope).format_arn(service="cloudwatch", resource=f"alarm:{alarm}")


def _traffic(api_id: str) -> Graph:
    lines = (
        of_api(api_id, "Count", "requests"),
        of_api(api_id, "4xx", "refused (4xx)"),
        of_api(api_id, "5xx", "faults (5xx)"),
    )
    return Graph(title="Requests a minute", lines=lines)


def _faults(api_id: str) -> Graph:
    share = Formula(expression="100 * FILL(faults, 0) / requests", label="percent")
    lines = (of_api(api_id, "Count", "", id="requests"), of_api(api_id, "5xx", "", id="faults"), share)
    return Graph(title="Share of faults", lines=lines, limits={"objective": round(100 * AVAILABILITY.budget, 6)})


def _latency(api_id: str) -> Graph:
    lines = [of_api(api_id, "Latency", percentile, statistic=percentile) for percentile in ("p50", "p95", "p99")]
    return Graph(title="Latency, ms", lines=lines, limits={"objective for p95": LATENCY.limit or 0})


def _search(stage: Stage, metric: str) -> Graph:
    """Of each function that has any."""
    found = f"SEARCH('{{AWS/Lambda,FunctionName}} MetricName=\"{metric}\" \"freehold-{stage.name}-\"', 'Sum', 60)"
    return Graph(title=f"{metric} by function", lines=[Formula(expression=found, label="")])


def _cold_starts(stage: Stage) -> Graph | Words:
    if not stage.watch.metrics:
        return Words(
            markdown="### Cold starts\n\nAre no metric at this stage. The log says `cold_start` with each request:"
            " `log FUNCTION '{ $.message = \"request\" && $.cold_start IS TRUE }'` (`docs/runbooks/alarms.md`)."
        )
    found = f"SEARCH('{{{NAMESPACE},function,stage}} MetricName=\"ColdStarts\" stage=\"{stage.name}\"', 'Sum', 60)"
    return Graph(title="Cold starts by function", lines=[Formula(expression=found, label="")])


def _database(stage: Stage, name: str, label: str) -> Line:
    writer = {"DBClusterIdentifier": cluster_name(stage, POOL), "Role": "WRITER"}
    return Line(namespace="AWS/RDS", name=name, dimensions=writer, label=label)


def _proxy(stage: Stage, name: str, label: str) -> Line:
    return Line(namespace="AWS/RDS", name=name, dimensions={"ProxyName": cluster_name(stage, POOL)}, label=label)


def _computing(stage: Stage) -> Graph:
    lines = [_database(stage, "CPUUtilization", "CPU, percent")]
    if isinstance(stage.cell.compute, Serverless):
        lines.append(_database(stage, "ServerlessDatabaseCapacity", "capacity units"))
    return Graph(title="Database: time", lines=lines)


def _connections(stage: Stage) -> Graph:
    lines = [_database(stage, "DatabaseConnections", "to the database")]
    if stage.cell.proxy:
        lines += [
            _proxy(stage, "ClientConnections", "to the proxy"),
            _proxy(stage, "DatabaseConnectionsCurrentlySessionPinned", "pinned"),
        ]
    return Graph(title="Database: connections", lines=lines)


def _disk(stage: Stage) -> Graph:
    lines = (_database(stage, "FreeLocalStorage", "bytes free"), _database(stage, "Deadlocks", "deadlocks a second"))
    return Graph(title="Database: local disk, deadlocks", lines=lines)


def _queue(name: str, metric: str, label: str) -> Line:
    return Line(namespace="AWS/SQS", name=metric, dimensions={"QueueName": name}, label=label)


def _ages(stage: Stage, manifest: list[Function]) -> Graph:
    lines = [
        _queue(queue_name(stage, declared.queue.name), "ApproximateAgeOfOldestMessage", declared.queue.name)
        for declared in manifest
        if declared.queue
    ]
    return Graph(title="Queues: age of the oldest message, s", lines=lines)


def _dead(stage: Stage, manifest: list[Function]) -> Graph:
    purposes = [declared.queue.name for declared in manifest if declared.queue] + ["missed"]
    lines = [
        _queue(f"{queue_name(stage, purpose)}-dead", "ApproximateNumberOfMessagesVisible", _said(purpose))
        for purpose in purposes
    ]
    return Graph(title="What was given up", lines=lines)


def _said(purpose: str) -> str:
    return f"{purpose} (stale: its job is handed over again)" if purpose in JOB_CLASSES else purpose


def _lateness(stage: Stage) -> Graph:
    lines = (
        own(stage.name, "oldest-event", "oldest event, s", "Maximum"),
        own(stage.name, "oldest-unsealed", "oldest unsealed entry, s", "Maximum"),
        own(stage.name, LATE_JOBS, "classes of jobs that are late", "Sum"),
    )
    return Graph(title="What waits", lines=lines)
