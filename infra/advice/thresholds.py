"""The thresholds that the architecture names, and what each has somebody turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from infra.advice.measurements import Measurements
from infra.stage import Cell, Instance, Serverless, Stage, Warm


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One field of a stage, and its next value."""

    field: str
    """As in infra/stage.py."""
    value: str
    stage: Stage
    """With that value."""


type Costs = Literal["nothing", "a cell", "the relay's memory", "not priced"]
"""What helps where no field does: free, one more cell, as much memory again for the relay, or nobody's to know."""


def _every(_stage: Stage) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Above `limit` of what `measured` names, something is to be done."""

    measured: str
    limit: float
    unit: str
    why: str
    turn: Callable[[Stage], Turn | None]
    """None where no field helps; `instead` says what does."""
    instead: str
    costs: Costs
    """What `instead` does."""
    leave: str
    """What not to buy below the limit."""
    concerns: Callable[[Stage], bool] = _every
    """Whose limit it is; it says nothing about other stages."""


_CLASSES = ("t4g.medium", "t4g.large", "r8g.large", "r8g.xlarge", "r8g.2xlarge", "r8g.4xlarge")
_FIRST_WARM = Warm(least=1, least_by_day=3, most=20, day=(6, 20))


def larger_database(stage: Stage) -> Turn | None:
    """The next class, or twice the capacity that a serverless one may have."""
    compute = stage.cell.compute
    if isinstance(compute, Serverless):
        grown = replace(compute, most=compute.most * 2)
        return _cell(stage, "cell.compute.most", f"{grown.most:g}", replace(stage.cell, compute=grown))
    if compute.type not in _CLASSES[:-1]:
        return None
    following = _CLASSES[_CLASSES.index(compute.type) + 1]
    cell = replace(stage.cell, compute=Instance(type=following))
    return _cell(stage, "cell.compute", f'Instance(type="{following}")', cell)


def _proxy(stage: Stage) -> Turn | None:
    if stage.cell.proxy:
        return larger_database(stage)
    return _cell(stage, "cell.proxy", "True", replace(stage.cell, proxy=True))


def _warmer(stage: Stage) -> Turn | None:
    if not stage.warm:
        return Turn(field="warm", value=repr(_FIRST_WARM), stage=replace(stage, warm=_FIRST_WARM))
    by_day = stage.warm.least_by_day * 2
    grown = replace(stage.warm, least_by_day=by_day, most=max(stage.warm.most, by_day))
    return Turn(field="warm.least_by_day", value=str(by_day), stage=replace(stage, warm=grown))


def _leaves_by_instance(stage: Stage) -> bool:
    return stage.egress == "instance"


def _gateway(stage: Stage) -> Turn:
    return Turn(field="egress", value='"gateway"', stage=replace(stage, egress="gateway"))


def _sooner(stage: Stage) -> Turn | None:
    """None where a database sleeps: a relay that looks each minute finds nobody, and leaves everything undone."""
    if stage.cell.sleeps or stage.relay.every_minutes == 1:
        return None
    return Turn(
        field="relay.every_minutes", value="1", stage=replace(stage, relay=replace(stage.relay, every_minutes=1))
    )


def _nothing(_stage: Stage) -> None:
    return None


def _cell(stage: Stage, field: str, value: str, cell: Cell) -> Turn:
    return Turn(field=field, value=value, stage=replace(stage, cell=cell))


THRESHOLDS = (
    Threshold(
        measured="database_cpu_percent",
        limit=70,
        unit="%",
        why="above it a burst waits for the processor, and a burstable instance uses up its credits",
        turn=larger_database,
        instead="split the largest tenants off to a cell of their own: no larger instance is named here",
        costs="a cell",
        leave="no larger database, and no reader: a reader only helps reports",
    ),
    Threshold(
        measured="connections",
        limit=200,
        unit="connections",
        why="each is a process of PostgreSQL with memory of its own",
        turn=_proxy,
        instead="lower workers_at_once, or give the database more memory",
        costs="not priced",
        leave="nothing that holds more connections",
    ),
    Threshold(
        measured="p99_ms",
        limit=500,
        unit="ms",
        why="one request in a hundred is what people call slow; below capacity, it is a cold start",
        turn=_warmer,
        instead="",
        costs="nothing",
        leave="no warm instances for the sake of latency, and no second region",
    ),
    Threshold(
        measured="egress_mbit",
        limit=25,
        unit="Mbit/s",
        why="the smallest machine that translates addresses sustains 32, and more only in bursts",
        turn=_gateway,
        instead="",
        costs="nothing",
        leave="no gateway: the small machine carries it",
        concerns=_leaves_by_instance,
    ),
    Threshold(
        measured="slowest_job_seconds",
        limit=60,
        unit="s",
        why="a job that runs for minutes holds a place that short ones wait for",
        turn=_nothing,
        instead="give that kind of job the class bulk, or split it: no field of the stage makes it shorter",
        costs="nothing",
        leave="no workers beyond workers_at_once",
    ),
    Threshold(
        measured="largest_tenant_times",
        limit=100,
        unit="times the median",
        why="one tenant then sets the size of everybody's database",
        turn=_nothing,
        instead="place it in a cell of its own",
        costs="a cell",
        leave="no cell of its own for anybody, unless a contract says so",
    ),
    Threshold(
        measured="warm_utilization",
        limit=0.8,
        unit="of the warm instances",
        why="above it the next burst meets cold starts before scaling follows",
        turn=_warmer,
        instead="",
        costs="nothing",
        leave="no more warm instances",
    ),
    Threshold(
        measured="warm_spillovers",
        limit=0,
        unit="calls",
        why="each of them waited for a cold start that the warm instances were paid to avoid",
        turn=_warmer,
        instead="",
        costs="nothing",
        leave="no more warm instances",
    ),
    Threshold(
        measured="pinned_sessions",
        limit=0,
        unit="sessions",
        why="a pinned session is shared with nobody, so the proxy is paid for nothing",
        turn=_nothing,
        instead="find the statement that sets something for its session; the proxy's log names it",
        costs="nothing",
        leave="nothing: the proxy shares all that it holds",
    ),
    Threshold(
        measured="acu_percent",
        limit=95,
        unit="% of the capacity",
        why="at its ceiling a serverless database is an instance that is too small",
        turn=larger_database,
        instead="",
        costs="not priced",
        leave="no higher ceiling",
    ),
    Threshold(
        measured="throttles",
        limit=0,
        unit="calls",
        why="Lambda refused them, and clients were told 503",
        turn=_nothing,
        instead="ask for a higher quota of concurrent executions in Service Quotas",
        costs="nothing",
        leave="no reserved concurrency",
    ),
    Threshold(
        measured="relay_late_seconds",
        limit=60,
        unit="s",
        why="webhooks and mails leave as late as that",
        turn=_sooner,
        instead="double the memory_mb of RELAY in functions/manifest.py: processor time comes by memory",
        costs="the relay's memory",
        leave="no more for the relay",
    ),
)

_SHARE_OF_CONNECTIONS = 0.8


def limit_of(threshold: Threshold, measured: Measurements, stage: Stage) -> float:
    """Its limit, but for two: what the database allows, and the pace that was chosen for a database that sleeps."""
    if threshold.measured == "connections" and measured.connections_allowed:
        return min(threshold.limit, measured.connections_allowed * _SHARE_OF_CONNECTIONS)
    if threshold.measured == "relay_late_seconds" and stage.cell.sleeps:
        return threshold.limit + 60 * stage.relay.every_minutes
    return threshold.limit


def values(measured: Measurements) -> Mapping[str, float | None]:
    """By the name that a threshold knows."""
    found: dict[str, float | None] = measured.model_dump()
    return found
