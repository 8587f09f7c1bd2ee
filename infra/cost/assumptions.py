"""What the template does not say: how much one request, event or tenant needs. Each says where it comes from.

*Measured* was measured with this code; *documented* is AWS's own word; *assumed* is a guess, to be replaced by what
CloudWatch says of your stage.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One number, and why it."""

    value: float
    unit: str
    source: str


_MEASURED = "tests/infra/test_cost_assumptions.py"

ASSUMED = {
    "requests_authorized": Assumption(
        value=0.2, unit="of requests", source="assumed: five requests with one header within the minute it is cached"
    ),
    "request_ms": Assumption(
        value=25,
        unit="ms",
        source="measured 1 to 6 ms on a whole processor, by the line `request`; 512 MB has 0.29 of one",
    ),
    "authorizer_ms": Assumption(value=10, unit="ms", source="assumed: a signature, or the form of a key"),
    "calls_warm": Assumption(
        value=0.9, unit="of a warm function's calls", source="assumed: bursts go beyond what is kept warm by day"
    ),
    "writes": Assumption(value=0.3, unit="of requests", source="assumed: a change, which announces one event"),
    "deliveries": Assumption(value=0.5, unit="of events", source="assumed: every second event has one endpoint"),
    "delivery_ms": Assumption(value=300, unit="ms", source="assumed: mostly the receiver's time"),
    "worker_ms": Assumption(value=60, unit="ms", source="assumed: one unit of work for each event or job"),
    "sqs_requests": Assumption(value=3, unit="a message", source="documented: send, receive, delete"),
    "mails": Assumption(value=20, unit="a tenant and month", source="assumed"),
    "function_log_bytes": Assumption(
        value=495, unit="a request", source=f"measured: the line `request` of a read ({_MEASURED})"
    ),
    "function_metrics_bytes": Assumption(
        value=400,
        unit="a request",
        source=f"measured: what that line says besides, where there are metrics ({_MEASURED})",
    ),
    "record_log_bytes": Assumption(
        value=730, unit="an event or job", source=f"measured: the line `record` of a delivery ({_MEASURED})"
    ),
    "record_metrics_bytes": Assumption(
        value=267,
        unit="an event or job",
        source=f"measured: what that line says besides, where there are metrics ({_MEASURED})",
    ),
    "job_log_bytes": Assumption(value=515, unit="a job", source=f"measured: the line `job` ({_MEASURED})"),
    "platform_log_bytes": Assumption(
        value=620, unit="a call", source="documented examples of platform.start and platform.report, as JSON"
    ),
    "access_log_bytes": Assumption(
        value=285,
        unit="a request",
        source=f"measured: the format of the access log, filled in ({_MEASURED})",
    ),
    "flow_log_bytes": Assumption(value=60, unit="a request", source="assumed: a record for every other request"),
    "trace_bytes": Assumption(value=2000, unit="a traced request", source="assumed: four spans of 500 bytes"),
    "logs_compressed": Assumption(value=0.15, unit="of what was written", source="documented: how logs are stored"),
    "response_kb": Assumption(value=2, unit="KB a request", source="assumed: a page of a list is 10, a change under 1"),
    "delivery_kb": Assumption(value=2, unit="KB a delivery", source="assumed: a small event, TLS included"),
    "ios": Assumption(
        value=3, unit="a request", source="assumed: data fits into memory, a change writes its log, audit and event"
    ),
    "tenant_gb": Assumption(value=0.05, unit="GB a tenant", source="assumed: 50 MB of rows, audit and history"),
    "daily_change": Assumption(value=0.03, unit="of the data a day", source="assumed: what backups add"),
    "report_mb": Assumption(value=2, unit="MB a tenant", source="assumed: reports, which are kept for a week"),
    "requests_an_acu": Assumption(value=100, unit="a second", source="assumed: half a processor at 5 ms a request"),
    "sandbox_hours": Assumption(
        value=20, unit="hours a month", source="assumed: people keep a database that sleeps awake for an hour a workday"
    ),
    "acus_awake": Assumption(value=0.5, unit="ACU", source="documented: the least that a database has that is awake"),
    "seconds_to_sleep": Assumption(
        value=300, unit="seconds", source="documented: SecondsUntilAutoPause, where the template does not say"
    ),
    "pollers": Assumption(
        value=5,
        unit="at once",
        source="assumed: Lambda begins with five long polls of 20 seconds, or as many as may call a function at once",
    ),
    "root_gb": Assumption(value=8, unit="GB", source="documented: the root volume of Amazon Linux 2023"),
    "schedule_seconds": Assumption(
        value=1, unit="a call", source="assumed: what the clock calls and does not stay; a look that finds little"
    ),
}


def of(name: str) -> float:
    """The number alone."""
    return ASSUMED[name].value
