"""What we promise ourselves, as data: alarms, dashboards and docs/reference/slos.md are made of it.

What an objective means, and what to do when its budget is gone, is in docs/slos.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from infra.stage import STAGES, Stage

WINDOW = timedelta(days=28)
"""Four weeks: each has as many weekends as the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A share of something that has to be good, over the window."""

    name: str
    promise: str
    measured_by: tuple[str, ...]
    """Metrics, or lines of the log that become one."""
    target: float
    """The share, 0 to 1."""
    limit: float | None = None
    """Where good ends, in `unit`."""
    unit: str = ""
    alarms: str
    """What rings, and when."""
    burns: bool = False
    """Whether stages that watch burn rates watch this one's."""

    @property
    def budget(self) -> float:
        """The share that may be bad."""
        return 1 - self.target

    def rings_at(self, stage: Stage) -> bool:
        """Whether somebody is woken at that stage."""
        return stage.watch.wakes


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """The budget is spent so many times as fast as would last for the window: over a long while, and still now."""

    name: str
    times: float
    long: timedelta
    short: timedelta
    wakes: bool
    """Whether somebody is woken; else it can wait until the morning."""

    @property
    def spends(self) -> float:
        """The share of the window's budget that is gone when it rings."""
        return self.times * (self.long / WINDOW)


BURNS = (
    Burn(name="Fast", times=14.4, long=timedelta(hours=1), short=timedelta(minutes=5), wakes=True),
    Burn(name="Slow", times=6, long=timedelta(hours=6), short=timedelta(minutes=30), wakes=True),
    Burn(name="Creeping", times=3, long=timedelta(days=1), short=timedelta(hours=2), wakes=False),
)
"""Source: https://sre.google/workbook/alerting-on-slos/, 6: Multiwindow, Multi-Burn-Rate Alerts."""

FEWEST = 3
"""Failures within the window of an alarm, below which they say nothing, whatever share of a quiet night they are."""

FAULTS = 0.02
"""Share of requests within five minutes. A version that fails at every call fails a canary's 5 % of them."""
FAULTS_WITHIN = timedelta(minutes=5)
SLOW = 1_000.0
"""Milliseconds at the 95th percentile. More than the objective: without instances that wait, a quiet hour's first
requests are cold starts."""
ENOUGH = 20
"""Requests in a minute, below which a percentile is one request."""

RELAY = timedelta(minutes=5)
SEALING = timedelta(minutes=30)
BEGUN: Mapping[str, timedelta] = {
    "interactive": timedelta(seconds=30),
    "standard": timedelta(minutes=2),
    "bulk": timedelta(minutes=15),
    "deliveries": timedelta(minutes=5),
    "mail": timedelta(minutes=2),
    "billing": timedelta(minutes=2),
    "payments": timedelta(minutes=2),
}
"""By class of jobs: how soon one is begun for which its tenant has room."""
LATE_TRIES = 5
"""Failed attempts of billing.sync in a row: by its waits that is three to six minutes, and the next one comes a quarter
of an hour later at worst."""

AVAILABILITY = Objective(
    name="availability",
    promise="Requests to the API are answered without a fault of ours (5xx).",
    measured_by=("AWS/ApiGateway Count", "AWS/ApiGateway 5xx"),
    target=0.999,
    alarms=f"{FAULTS:.0%} of the requests of 5 minutes fail, {FEWEST} at least; with burn rates, those too",
    burns=True,
)
LATENCY = Objective(
    name="latency",
    promise="Requests to the API are answered within 200 ms, as the gateway measures it.",
    measured_by=("AWS/ApiGateway Latency",),
    target=0.95,
    limit=200,
    unit="ms",
    alarms=f"The 95th percentile is {SLOW:.0f} ms or more in 3 of 5 minutes that have {ENOUGH} requests each; with"
    " burn rates, those too",
    burns=True,
)
RELAYED = Objective(
    name="events",
    promise="What a request has announced is on the bus in time, beyond the pause between two calls of the relay.",
    measured_by=("log of relay: published, oldest_seconds",),
    target=0.999,
    limit=RELAY.total_seconds(),
    unit="s",
    alarms="The oldest event of a batch has waited for longer",
)
SYNCED = Objective(
    name="billing",
    promise="What Stripe has told is what we go by.",
    measured_by=("log of run_billing: job of the kind billing.sync, attempt and outcome",),
    target=0.999,
    limit=600,
    unit="s",
    alarms=f"{LATE_TRIES} attempts in a row have failed, or the last one has",
)
JOBS = tuple(
    Objective(
        name=f"jobs: {job_class}",
        promise=f"Jobs of the class {job_class} are begun in time, where their tenant has room for them.",
        measured_by=(f"log of relay: dispatched, oldest_seconds of {job_class}",),
        target=0.99,
        limit=within.total_seconds(),
        unit="s",
        alarms="In 3 of 5 minutes one had waited for longer",
    )
    for job_class, within in BEGUN.items()
)

OBJECTIVES = (AVAILABILITY, LATENCY, RELAYED, SYNCED, *JOBS)


def where(objective: Objective) -> str:
    """The stages at which it rings, in words."""
    return ", ".join(name for name, stage in STAGES.items() if objective.rings_at(stage))
