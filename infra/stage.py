"""The dial: everything in which one stage differs from another, as data."""

from dataclasses import dataclass
from typing import Literal

from infra.errors import SynthesisError

type Egress = Literal["instance", "gateway"]
"""How functions reach the internet: one small machine that translates addresses, or AWS's gateway for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serverless:
    """Capacity that follows the load, in Aurora's units of about 2 GiB. A least of 0 lets it sleep."""

    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """Capacity that stays: an instance class without its `db.`."""

    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One database: an Aurora PostgreSQL cluster, with or without a proxy in front."""

    engine: str
    """The version that it is created with. Aurora renews the minor one by itself, in the maintenance window."""
    compute: Serverless | Instance
    readers: int
    proxy: bool
    """Bills per vCPU of an instance (at least 2), but at least 8 units of a serverless one, which it keeps awake."""
    backup_days: int
    own_key: bool
    """Whether the data has a key of ours, for a dollar a month; else AWS's own, with which it leaves no account."""
    keeps_data: bool
    """True where no mistake may delete it: it is protected, and a stack that goes leaves a snapshot and its key."""

    @property
    def sleeps(self) -> bool:
        """Whether somebody may have to wait until it is awake."""
        return isinstance(self.compute, Serverless) and self.compute.least == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """Instances that each latency-critical function keeps ready."""

    least: int
    least_by_day: int
    most: int
    day: tuple[int, int]
    """First and last hour of the working day, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """How a new version takes over: a small share of the calls first, the rest after minutes without an alarm."""

    percent: int
    minutes: int
    compares: bool
    """Whether each new version is held against the one before, by alarms of its own, which bill by the month; else the
    stage's alarms stop it, on any error and on the API's latency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known about a stage beyond its logs, and who hears of it."""

    wakes: bool
    """Whether there are alarms at all."""
    metrics: bool
    """Whether what functions measure becomes metrics, which bill by the month; else it stays in the log's lines."""
    traces: float
    """The share of requests whose spans are written down, 0 to 1."""
    burn_rates: bool
    """Whether somebody is woken by how fast an objective's budget is spent, besides by what has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """How soon what a request left to do is begun."""

    every_minutes: int
    """How often it wakes."""
    stays_seconds: int
    """How long it looks for more once it is awake; 0 is one pass, after which the database may sleep again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One position of the dial. A field exists only where two stages differ."""

    name: str
    key_mode: Literal["live", "test"]
    """What an API key of this stage starts with: `fh_live_` or `fh_test_`."""
    log_retention_days: int
    """One of the periods that CloudWatch Logs accepts."""
    keeps_logs: bool
    """True where the logs outlive the stack, because somebody may have to explain what happened."""
    requests_per_second: int
    """Above it, and after a burst of twice as many, API Gateway answers 429: the ceiling of a bad day's bill."""
    cell: Cell
    zones: int
    """Availability zones that the network spreads over."""
    egress: Egress
    ways_out: int
    """How many of them: one for all zones, or one in each, so that a zone that fails takes no other with it."""
    edge: bool
    """Whether CloudFront and a web application firewall stand before the API."""
    warm: Warm | None
    """None where a first request may wait for a cold start."""
    canary: Canary | None
    """None where a new version answers every call at once."""
    watch: Watch
    relay: Relay
    workers_at_once: int
    """Calls of one worker at once, where its queue does not say less. Lambda takes no number below 2."""


SANDBOX = Stage(
    name="sandbox",
    key_mode="test",
    log_retention_days=7,
    keeps_logs=False,
    requests_per_second=50,
    cell=Cell(
        engine="18.4",
        compute=Serverless(least=0, most=2),
        readers=0,
        proxy=False,
        backup_days=1,
        own_key=False,
        keeps_data=False,
    ),
    zones=2,
    egress="instance",
    ways_out=1,
    edge=False,
    warm=None,
    canary=None,
    watch=Watch(wakes=False, metrics=False, traces=0, burn_rates=False),
    relay=Relay(every_minutes=15, stays_seconds=0),
    workers_at_once=2,
)

LAUNCH = Stage(
    name="launch",
    key_mode="live",
    log_retention_days=90,
    keeps_logs=True,
    requests_per_second=500,
    cell=Cell(
        engine="18.4",
        compute=Instance(type="t4g.medium"),
        readers=0,
        proxy=True,
        backup_days=14,
        own_key=True,
        keeps_data=True,
    ),
    zones=2,
    egress="instance",
    ways_out=1,
    edge=False,
    warm=None,
    canary=Canary(percent=5, minutes=10, compares=False),
    watch=Watch(wakes=True, metrics=False, traces=0, burn_rates=False),
    relay=Relay(every_minutes=1, stays_seconds=60),
    workers_at_once=20,
)

GROWTH = Stage(
    name="growth",
    key_mode="live",
    log_retention_days=365,
    keeps_logs=True,
    requests_per_second=2000,
    cell=Cell(
        engine="18.4",
        compute=Instance(type="r8g.large"),
        readers=1,
        proxy=True,
        backup_days=35,
        own_key=True,
        keeps_data=True,
    ),
    zones=2,
    egress="gateway",
    ways_out=1,
    edge=False,
    warm=Warm(least=1, least_by_day=3, most=20, day=(6, 20)),
    canary=Canary(percent=5, minutes=10, compares=True),
    watch=Watch(wakes=True, metrics=True, traces=0.05, burn_rates=True),
    relay=Relay(every_minutes=1, stays_seconds=70),
    workers_at_once=100,
)

SCALE = Stage(
    name="scale",
    key_mode="live",
    log_retention_days=365,
    keeps_logs=True,
    requests_per_second=10_000,
    cell=Cell(
        engine="18.4",
        compute=Serverless(least=16, most=64),
        readers=2,
        proxy=True,
        backup_days=35,
        own_key=True,
        keeps_data=True,
    ),
    zones=3,
    egress="gateway",
    ways_out=3,
    edge=True,
    warm=Warm(least=5, least_by_day=20, most=100, day=(6, 20)),
    canary=Canary(percent=5, minutes=10, compares=True),
    watch=Watch(wakes=True, metrics=True, traces=0.01, burn_rates=True),
    relay=Relay(every_minutes=1, stays_seconds=70),
    workers_at_once=500,
)

STAGES = {stage.name: stage for stage in (SANDBOX, LAUNCH, GROWTH, SCALE)}


def stage_named(name: str) -> Stage:
    """The stage of that name."""
    if name not in STAGES:
        raise SynthesisError(f"There is no stage {name!r}: choose one of {', '.join(STAGES)}, as in `--stage launch`.")
    return STAGES[name]
