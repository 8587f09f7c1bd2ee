"""What the bench measures, and what each figure has to reach. The table in docs/performance.md follows this order."""

from dataclasses import dataclass
from typing import Literal

type Direction = Literal["at most", "at least"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One figure: a ratio, or a count of something."""

    name: str
    against: str
    """What the ratio is over, or what is counted."""
    limit: float
    direction: Direction = "at most"
    counts: bool = False

    def reached(self, value: float) -> bool:
        """Whether the value, as it is shown, holds."""
        return value <= self.limit if self.direction == "at most" else value >= self.limit


READ = Goal(name="read, 1 ms away", against="a bare `select 1`", limit=1.40)
WRITE = Goal(name="write with audit and event, 1 ms away", against="a bare `select 1`", limit=1.55)
READ_MODIFY_WRITE = Goal(name="read, then write, 1 ms away", against="a bare `select 1`", limit=2.60)
READ_TRIPS = Goal(name="round trips of a read", against="round trips on the wire", limit=1, counts=True)
WRITE_TRIPS = Goal(name="round trips of a write", against="round trips on the wire", limit=1, counts=True)
ISOLATION = Goal(name="row-level security, median statement", against="a role that bypasses it", limit=1.08)
WORST_ISOLATION = Goal(name="row-level security, worst statement", against="a role that bypasses it", limit=1.15)
ISOLATION_ALONE = Goal(name="the same, the server's time alone, median", against="a role that bypasses it", limit=1.08)
WORST_ISOLATION_ALONE = Goal(
    name="the same, the server's time alone, worst", against="a role that bypasses it", limit=1.15
)
PLANS = Goal(name="plans that would not scale", against="statements", limit=0, counts=True)
POOLED = Goal(
    name="throughput per pooled connection",
    against="begin, set, query, commit as four trips",
    limit=10,
    direction="at least",
)
POINT_GROWTH = Goal(name="point read, 20 to 2,000 tenants", against="the same with 20 tenants", limit=1.15)
LIST_GROWTH = Goal(name="list of 50, 20 to 2,000 tenants", against="the same with 20 tenants", limit=1.30)
COLD_FASTAPI = Goal(name="cold start, a FastAPI route", against="the usual packaging and imports", limit=0.40)
COLD_LEAN = Goal(name="cold start, a lean route", against="the usual packaging and imports", limit=0.15)
COLD_WEBHOOK = Goal(
    name="cold start, Stripe's webhook", against="a lean route that only asks whether the database is there", limit=1.20
)
FROM_SOURCE = Goal(name="modules loaded from source", against="modules of the built routes", limit=0, counts=True)
LISTS = Goal(name="list of 50, client CPU", against="rows to pydantic to JSON", limit=0.35)
FAIR_PICK = Goal(name="fair pick of jobs, throughput", against="taking the oldest", limit=0.45, direction="at least")
FAIR_SHARES = Goal(name="shares of jobs, worst tenant off its weight", against="its share by weight", limit=0.10)
QUIET_JOB = Goal(name="a job beside 10,000 of another tenant", against="the same job alone", limit=3)
QUIET_DELIVERY = Goal(
    name="a webhook beside 5,000 to a dead endpoint", against="the same webhook alone, from its commit", limit=3
)
ARRIVAL = Goal(
    name="commit to received webhook, p99, 100/s", against="milliseconds on this machine", limit=1000, counts=True
)
RELAY = Goal(
    name="relay, events drained 1 ms away", against="a transaction for each row", limit=250, direction="at least"
)
RELAY_RATE = Goal(
    name="events that one relay drains", against="events a second", limit=20_000, direction="at least", counts=True
)
USAGE_INGEST = Goal(name="recording 1,000 events of usage", against="one INSERT of the same rows", limit=2.0)
DECISION = Goal(name="deciding one of 200 flags", against="microseconds on this machine", limit=20, counts=True)
DECISION_BESIDE_OPENFEATURE = Goal(
    name="the same, beside OpenFeature", against="its client and in-memory provider, which reads no rule", limit=1.0
)
DECISION_BESIDE_DICT = Goal(name="the same, beside a dictionary", against="looking the answer up in a dict", limit=500)
RATE_USED = Goal(
    name="accepted of what a rate allows, least, 4 processes",
    against="what the bucket holds and gains",
    limit=0.95,
    direction="at least",
)
RATE_KEPT = Goal(
    name="accepted of what a rate allows, most, 4 processes", against="what the bucket holds and gains", limit=1.00
)
NOISY = Goal(name="p99 beside a tenant that never pauses", against="the same requests alone", limit=1.20)

GOALS = (
    *(READ, WRITE, READ_MODIFY_WRITE, READ_TRIPS, WRITE_TRIPS),
    *(ISOLATION, WORST_ISOLATION, ISOLATION_ALONE, WORST_ISOLATION_ALONE, PLANS),
    POOLED,
    *(POINT_GROWTH, LIST_GROWTH),
    *(COLD_FASTAPI, COLD_LEAN, COLD_WEBHOOK, FROM_SOURCE),
    LISTS,
    *(FAIR_PICK, FAIR_SHARES),
    *(QUIET_JOB, QUIET_DELIVERY, ARRIVAL),
    *(RELAY, RELAY_RATE),
    USAGE_INGEST,
    *(DECISION, DECISION_BESIDE_OPENFEATURE, DECISION_BESIDE_DICT),
    *(RATE_USED, RATE_KEPT, NOISY),
)
