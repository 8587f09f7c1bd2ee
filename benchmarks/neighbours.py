"""What a quiet tenant notices of a noisy one: how long its job and its webhook wait, beside thousands of another's.

The noisy one has 10,000 jobs, and 5,000 deliveries to an endpoint that answers after 30 seconds. The quiet one has a
single job, and a single delivery to an endpoint that answers at once; each is timed again and again, first alone.
"""

import time
from collections.abc import Iterator

from benchmarks import goals
from benchmarks.figures import Figure, measured
from benchmarks.harness.turns import Ratio
from benchmarks.harness.workers import Working, working
from benchmarks.harness.world import World
from local.companies import Company
from local.watch import Watch

GOALS = (goals.QUIET_JOB, goals.QUIET_DELIVERY)
SAMPLES = 25
JOBS, DELIVERIES = 10_000, 5_000
LONGEST = 30.0  # seconds; whoever waits longer has waited for ever


def measure(world: World, watch: Watch) -> Iterator[Figure]:  # noqa: ARG001 (it needs a world of its own)
    """Alone, then beside the other."""
    with working() as stage:
        quiet, noisy = stage.company(stage.quick), stage.company(stage.dead)
        _waits(stage, quiet)  # to warm up
        alone = [_after(number, watch, _waits(stage, quiet)) for number in range(SAMPLES)]
        _load(noisy)
        time.sleep(1.0)
        beside = [_after(SAMPLES + number, watch, _waits(stage, quiet)) for number in range(SAMPLES)]
        left = _left(stage, noisy)
    for goal, place in ((goals.QUIET_JOB, 0), (goals.QUIET_DELIVERY, 1)):
        idle, busy = sorted(wait[place] for wait in alone), sorted(wait[place] for wait in beside)
        how = (
            f"{SAMPLES} of each: alone {_ms(idle)}, beside {_ms(busy)} ms at the median and at most; when it ended the"
            f" noisy one still had {left[0]} jobs and {left[1]} deliveries"
        )
        yield measured(goal, _ratio(busy, idle), how=how)


def _after[T](number: int, watch: Watch, value: T) -> T:
    watch.at(number, 2 * SAMPLES)
    return value


def _waits(stage: Working, company: Company) -> tuple[float, float]:
    """Seconds from its commit until a job has begun, and until a webhook has arrived."""
    return _job(stage, company), _webhook(stage, company)


def _job(stage: Working, company: Company) -> float:
    [[job]] = company.execute(
        "insert into app.jobs (kind, job_class, state, input, attempts)"
        " values ('bench.rest', 'standard', 'waiting', '{}', 1) returning id"
    )
    begun = time.monotonic()
    with stage.connect() as connection:
        while time.monotonic() < begun + LONGEST:
            [[wait]] = connection.execute(
                "select extract(epoch from started_at - created_at) from app.jobs where tenant_id = %s and id = %s",
                [company.id, job],
            ).fetchall()
            if wait is not None:
                return float(wait)
            time.sleep(0.02)
    return LONGEST


def _webhook(stage: Working, company: Company) -> float:
    project = company.project()
    began = time.time()
    [[event]] = company.execute(
        "select id from app.outbox where tenant_id = %(tenant_id)s and subject_id = %(project)s", project=project["id"]
    )
    while time.time() < began + LONGEST:
        if (arrived := stage.quick.arrived.get(str(event))) is not None:
            return arrived - began
        time.sleep(0.005)
    return LONGEST


def _load(company: Company) -> None:
    """All at once, as rows: it is the way from there that is measured."""
    company.execute(
        "insert into app.jobs (kind, job_class, state, input, attempts)"
        " select 'bench.rest', 'standard', 'waiting', '{}', 1 from generate_series(1, %(jobs)s)",
        jobs=JOBS,
    )
    company.execute(
        "insert into app.deliveries (endpoint_id, event_id, event_type, body)"
        " select e.id, uuidv7(), 'project.created', '{\"id\": \"of-the-noisy-one\"}'"
        " from app.webhook_endpoints e, generate_series(1, %(deliveries)s) where e.tenant_id = %(tenant_id)s",
        deliveries=DELIVERIES,
    )


def _left(stage: Working, company: Company) -> tuple[int, int]:
    with stage.connect() as connection:
        [[jobs, deliveries]] = connection.execute(
            "select count(*) filter (where kind = 'bench.rest'), count(*) filter (where job_class = 'deliveries')"
            " from app.jobs where tenant_id = %s and state in ('scheduled', 'waiting', 'queued', 'running')",
            [company.id],
        ).fetchall()
    return jobs, deliveries


def _ms(sorted_waits: list[float]) -> str:
    return f"{1000 * sorted_waits[len(sorted_waits) // 2]:.0f}/{1000 * sorted_waits[-1]:.0f}"


def _ratio(busy: list[float], idle: list[float]) -> Ratio:
    """Of the medians; enclosed by the quarters."""
    middle, quarter = len(busy) // 2, len(busy) // 4
    over = idle[middle]
    return Ratio(busy[middle] / over, busy[quarter] / over, busy[-quarter - 1] / over, len(busy))
