"""What requests, events and kept data cost: so many tenants, and so many requests of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.manifest import AUTHORIZER, FUNCTIONS
from infra.cost import database
from infra.cost.assumptions import of
from infra.cost.lines import Charge
from infra.cost.prices import HOURS
from infra.cost.running import MILLION, memory_gb
from infra.cost.template import Templates, declared_name, resources
from infra.errors import SynthesisError
from infra.stage import Serverless, Stage

_KB, _GB = 1 / MILLION, 1e-9
"""In GB: of a thousand bytes, and of one."""
_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A month's."""

    tenants: int
    requests: int
    """Of each tenant."""

    def __post_init__(self) -> None:
        if self.tenants < 1 or self.requests < 0:
            raise SynthesisError("There is at least one tenant, and a tenant makes no fewer than 0 requests.")

    @property
    def all_requests(self) -> float:
        """Of all tenants together."""
        return float(self.tenants * self.requests)


USUAL = {
    "sandbox": Usage(tenants=3, requests=10_000),
    "launch": Usage(tenants=50, requests=20_000),
    "growth": Usage(tenants=1_000, requests=50_000),
    "scale": Usage(tenants=5_000, requests=100_000),
}
"""By stage, where nobody says: the customers whom each is meant for, with programs that use the API all day."""


def used(templates: Templates, stage: Stage, usage: Usage) -> Iterator[Charge]:
    """Every line that grows with use."""
    functions = {
        declared_name(each.properties, stage.name): each.properties
        for each in resources(templates)
        if each.type == "AWS::Lambda::Function"
    }
    yield from _requests(functions, stage, usage)
    yield from _events(functions, stage, usage)
    yield from _archive(templates, usage)
    yield from _logs(stage, usage)
    yield from _database(templates, stage, usage)
    yield from _traffic(stage, usage)
    yield from _edge(stage, usage)
    yield Charge(name="Mails", price="ses", quantity=usage.tenants * of("mails") / 1000)
    yield Charge(name="Reports", price="s3.stored", quantity=usage.tenants * of("report_mb") / 1000)


def _requests(functions: Mapping[str, Mapping[str, Any]], stage: Stage, usage: Usage) -> Iterator[Charge]:
    """Of the functions with routes, as if each were asked as often as any."""
    asked, authorized = usage.all_requests, usage.all_requests * of("requests_authorized")
    serving = [each for each in FUNCTIONS if each.routes and each.name in functions]
    yield Charge(name="Requests: API Gateway", price="api.request", quantity=asked / MILLION)
    yield Charge(name="Requests: calls of Lambda", price="lambda.request", quantity=(asked + authorized) / MILLION)
    for declared, seconds in (
        *((each, asked / len(serving) * of("request_ms") / 1000) for each in serving),
        (AUTHORIZER, authorized * of("authorizer_ms") / 1000),
    ):
        worked = seconds * memory_gb(functions[declared.name])
        warm = worked * of("calls_warm") if stage.warm and declared.latency == "critical" else 0
        yield Charge(name="Requests: functions' time", price="lambda.gb-second", quantity=worked - warm)
        if warm:
            yield Charge(name="Requests: time of warm functions", price="lambda.warm-run", quantity=warm)


def _events(functions: Mapping[str, Mapping[str, Any]], stage: Stage, usage: Usage) -> Iterator[Charge]:
    events = usage.all_requests * of("writes")
    deliveries, mails = events * of("deliveries"), usage.tenants * of("mails")
    messages = events + deliveries + mails
    worked = (events + mails) * of("worker_ms") / 1000 * memory_gb(functions["fan_out"])
    delivered = deliveries * of("delivery_ms") / 1000 * memory_gb(functions["deliver_webhooks"])
    yield Charge(name="Events: bus", price="events.put", quantity=events / MILLION)
    yield Charge(name="Events and jobs: queues", price="sqs", quantity=messages * of("sqs_requests") / MILLION)
    yield Charge(name="Events and jobs: calls of Lambda", price="lambda.request", quantity=messages / MILLION)
    yield Charge(name="Events and jobs: functions' time", price="lambda.gb-second", quantity=worked + delivered)
    if stage.egress == "gateway":
        yield Charge(name="Way out: bytes", price="nat.gb", quantity=deliveries * of("delivery_kb") * _KB)


def _archive(templates: Templates, usage: Usage) -> Iterator[Charge]:
    """What the bus carried is kept for as long as its archive says; by then as much goes as comes."""
    gigabytes = usage.all_requests * of("writes") * _KB
    for resource in resources(templates):
        if resource.type == "AWS::Events::Archive":
            months = float(resource.properties["RetentionDays"]) / _DAYS
            yield Charge(name="Events: archive", price="events.archive", quantity=gigabytes)
            yield Charge(name="Events: archive, kept", price="events.stored", quantity=gigabytes * months)


def _logs(stage: Stage, usage: Usage) -> Iterator[Charge]:
    asked, events = usage.all_requests, usage.all_requests * of("writes")
    jobs = events * of("deliveries") + usage.tenants * of("mails")
    calls = asked * (1 + of("requests_authorized")) + events + jobs
    metrics = stage.watch.metrics
    written = (
        asked * (_line("function", metrics=metrics) + of("access_log_bytes") + of("flow_log_bytes"))
        + (events + jobs) * _line("record", metrics=metrics)
        + jobs * of("job_log_bytes")
        + calls * of("platform_log_bytes")
        + asked * stage.watch.traces * of("trace_bytes")
    ) * _GB
    kept = written * of("logs_compressed") * stage.log_retention_days / _DAYS
    yield Charge(name="Logs: written", price="logs.ingested", quantity=written)
    yield Charge(name="Logs: kept", price="logs.stored", quantity=kept)


def _line(of_what: str, *, metrics: bool) -> float:
    """The bytes of one line, with what it says for CloudWatch to count."""
    return of(f"{of_what}_log_bytes") + (of(f"{of_what}_metrics_bytes") if metrics else 0)


def _database(templates: Templates, stage: Stage, usage: Usage) -> Iterator[Charge]:
    gigabytes = 1 + usage.tenants * of("tenant_gb")
    changed = gigabytes * of("daily_change") * (stage.cell.backup_days - 1)
    yield Charge(name="Database: data", price="aurora.storage", quantity=gigabytes)
    yield Charge(name="Database: disk", price="aurora.io", quantity=usage.all_requests * of("ios") / MILLION)
    yield Charge(name="Database: backups", price="aurora.backup", quantity=changed)
    if isinstance(stage.cell.compute, Serverless):
        needed = usage.all_requests / of("requests_an_acu") / 3600
        ready = stage.cell.compute.least * HOURS
        if stage.cell.sleeps:
            ready, needed = 0, max(needed, _by_day(templates) * of("acus_awake"))
        if needed > ready:
            yield Charge(name="Database: ACU above the least", price="aurora.acu", quantity=needed - ready)


def _by_day(templates: Templates) -> float:
    """Hours that people keep it awake in which the clock does not."""
    return of("sandbox_hours") * (1 - database.awake_hours(templates) / HOURS)


def _traffic(stage: Stage, usage: Usage) -> Iterator[Charge]:
    answered = usage.all_requests * of("response_kb") * _KB
    delivered = usage.all_requests * of("writes") * of("deliveries") * of("delivery_kb") * _KB
    if not stage.edge:
        yield Charge(name="Bytes to the internet", price="transfer.out", quantity=answered + delivered)
        return
    yield Charge(name="Bytes to the internet", price="transfer.out", quantity=delivered)
    yield Charge(name="Edge: bytes", price="cloudfront.gb", quantity=answered)


def _edge(stage: Stage, usage: Usage) -> Iterator[Charge]:
    if stage.edge:
        asked = usage.all_requests / MILLION
        yield Charge(name="Edge: requests", price="cloudfront.request", quantity=asked)
        yield Charge(name="Edge: requests looked at", price="waf.request", quantity=asked)
        yield Charge(name="Edge: calls of its function", price="cloudfront.function", quantity=asked)
